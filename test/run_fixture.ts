import { run } from "../src/cli.ts";

export interface RunResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `kp` in memory, as a shell would. */
export async function runKp(args: readonly string[], { stdin = "", env = {} }: RunOptions = {}): Promise<RunResult> {
  let [out, err] = ["", ""];
  const code = await run(args, {
    env: (name) => env[name],
    stdin: new Blob([stdin]).stream(),
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    errAsync: (text) => Promise.resolve(void (err += text)),
    signal: new AbortController().signal,
    onHangup: () => {},
  });
  return { code, out, err };
}

/** Calls `use` with the path of a folder that holds these files, and removes it. */
export async function withFiles<Result>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
