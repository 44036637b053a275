import { runKp } from "../run_fixture.ts";
import { serve, type Serving } from "../serve_fixture.ts";
import { rewriteBlocks } from "./markdown.ts";

/** The page with what the commands in its `console` blocks print today, on the files that the blocks above show. */
export async function withOutputs(page: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  const terminal = new Terminal(folder);
  try {
    return await rewriteBlocks(page, async ({ language, file, text }) => {
      if (file) await terminal.write(file, text);
      if (language !== "console") return text;
      let shown = "";
      for (const [line, command] of text.matchAll(/^\$ (.*)\n/gm)) shown += line + await terminal.run(command);
      return shown;
    });
  } finally {
    await terminal.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The addresses of `kp serve --insecure-http`; the one of a test listens on free ports. */
const ADDRESSES = { webhook: "127.0.0.1:8181", operators: "127.0.0.1:8081" } as const;

interface Output {
  readonly out: string;
  readonly err?: string;
}

/** As much of a shell as the pages use: one command, `< file`, and filters after pipes. */
class Terminal {
  readonly #folder: string;
  readonly #files = new Set<string>();
  #server: Serving | null = null;
  #code = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(file: string, text: string): Promise<void> {
    const path = `${this.#folder}/${file}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
    this.#files.add(file);
  }

  /** What a terminal shows of a command line: standard error, then standard output behind the pipes. */
  async run(line: string): Promise<string> {
    const [command, ...filters] = line.split(" | ").map((part) => part.split(" "));
    const { err = "", out } = await this.#output(command);
    return (err + filters.reduce(filtered, out)).replaceAll(`${this.#folder}/`, "");
  }

  async close(): Promise<void> {
    await this.#server?.stop();
  }

  async #output([name, ...args]: readonly string[]): Promise<Output> {
    if (name === "kp" && args[0] === "serve") return await this.#serve(args.slice(1));
    if (name === "kp") return await this.#kp(args);
    if (name === "curl") return { out: await this.#curl(args) };
    if (name === "echo" && args[0] === "$?") return { out: `${this.#code}\n` };
    if (name === "cat" && args[0] === "kp.log") return { out: this.#log() };
    throw new Error(`Cannot run ${name} ${args.join(" ")}: accepted kp, curl, echo $?, cat kp.log`);
  }

  async #kp(args: readonly string[]): Promise<Output> {
    const end = args.findIndex((arg) => arg === "<" || arg === ">");
    const [own, redirection] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
    const stdin = redirection[0] === "<" ? await Deno.readTextFile(this.#path(redirection[1])) : "";
    const { code, out, err } = await runKp(own.map((arg) => this.#path(arg)), { stdin });
    this.#code = code;
    return { err, out: redirection.join(" ") === "> /dev/null" ? "" : out };
  }

  async #serve(args: readonly string[]): Promise<Output> {
    const end = args.indexOf("2>");
    if (args.slice(end).join(" ") !== "2> kp.log &") throw new Error("Cannot serve: accepted ... 2> kp.log &");
    this.#server = await serve(args.slice(0, end).map((arg) => this.#path(arg)));
    return { out: "" };
  }

  async #curl(args: readonly string[]): Promise<string> {
    const [flag, url, ...rest] = args;
    const [option, data] = rest;
    if (flag !== "-s" || (rest.length > 0 && option !== "-d")) throw new Error("Cannot curl: accepted -s URL -d @FILE");
    const { webhook, operators } = this.#server!;
    const address = url.replace("localhost:8181", webhook).replace("localhost:8081", operators);
    const body = data && await Deno.readTextFile(this.#path(data.slice("@".length)));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await fetch(address, body ? { method: "POST", body, headers } : {});
    return await response.text();
  }

  #log(): string {
    const { text, webhook, operators } = this.#server!;
    return text().replace(/"time":"[^"]*"/g, '"time":"2026-11-22T20:00:00.000Z"')
      .replaceAll(webhook, `http://${ADDRESSES.webhook}`)
      .replaceAll(operators, `http://${ADDRESSES.operators}`);
  }

  /** A file that the page showed, or a folder of such. */
  #path(arg: string): string {
    const isShown = [...this.#files].some((file) => file === arg || file.startsWith(`${arg.replace(/\/$/, "")}/`));
    return isShown ? `${this.#folder}/${arg}` : arg;
  }
}

function filtered(text: string, [name, ...args]: readonly string[]): string {
  const lines = text.trimEnd().split("\n");
  if (name === "jq") return `${JSON.stringify(valueAt(JSON.parse(text), args[0] ?? "."), null, 2)}\n`;
  if (name === "grep") return lines.filter((line) => line.includes(args[0])).map((line) => `${line}\n`).join("");
  if (name === "head" && args[0] === "-n") return `${lines.slice(0, Number(args[1])).join("\n")}\n`;
  if (name === "tail" && args[0] === "-n") return `${lines.slice(-Number(args[1])).join("\n")}\n`;
  throw new Error(`Cannot filter by ${name}: accepted jq, grep, head, tail`);
}

/** `.response.patch` of a JSON value. */
function valueAt(value: unknown, path: string): unknown {
  const keys = path.split(".").filter((key) => key !== "");
  return keys.reduce((node, key) => (node as Record<string, unknown>)[key], value);
}
