import { type Io, UsageError } from "./io.ts";

/** One file named on the command line, or found in a folder named there. */
export interface Input {
  readonly name: string;
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

export interface InputOptions {
  readonly recursive: boolean;
  /** Of files in folders; a file named directly is read whatever its name. */
  readonly extensions: readonly string[];
  readonly stdin: Io["stdin"];
}

/** The files behind the paths of a command line, folders in the order of their names; `-` is standard input. */
export async function inputsOf(paths: readonly string[], options: InputOptions): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const path of paths) {
    if (path === "-") inputs.push({ name: "-", open: () => Promise.resolve(options.stdin) });
    else if ((await stat(path)).isDirectory) inputs.push(...await inputsIn(path, options));
    else inputs.push(fileInput(path));
  }
  return inputs;
}

export async function textOf(input: Input): Promise<string> {
  return decode(new Uint8Array(await new Response(await input.open()).arrayBuffer()));
}

/** The text that bytes are; a byte-order mark at its start is left out. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("Cannot read the text: it is not UTF-8");
  }
}

async function stat(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file or folder" : (error as Error).message;
    throw new UsageError(`Cannot read ${path}: ${found}`);
  }
}

async function inputsIn(folder: string, options: InputOptions): Promise<Input[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  const inputs: Input[] = [];
  for (const { name, isDirectory } of entries) {
    const path = `${folder.replace(/\/+$/, "")}/${name}`;
    if (isDirectory) {
      if (options.recursive && name !== ".git") inputs.push(...await inputsIn(path, options));
    } else if (options.extensions.some((extension) => name.endsWith(extension))) inputs.push(fileInput(path));
  }
  return inputs;
}

function fileInput(name: string): Input {
  return { name, open: async () => (await Deno.open(name)).readable };
}
