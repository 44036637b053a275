import assert from "node:assert/strict";
import type { LogLine, Serving } from "./serve_fixture.ts";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

export interface KpOptions extends Pick<Deno.CommandOptions, "stderr" | "env"> {
  /** Of the server itself, as flags of Deno. */
  readonly permissions?: readonly string[];
  /** The path of a compiled `kp`, which then runs in place of the source. */
  readonly binary?: string;
}

/** The command that runs `kp`, as `deno task kp` does. */
export function kpCommand(args: readonly string[], options: KpOptions = {}): Deno.Command {
  const { permissions = ["--allow-all"], stderr = "piped", env, binary } = options;
  const flags = ["--quiet", "--v8-flags=--max-semi-space-size=4", "--no-prompt", "--cached-only"];
  const deno = ["run", ...flags, ...permissions, MAIN];
  const [command, own] = binary === undefined ? [Deno.execPath(), [...deno, ...args]] : [binary, [...args]];
  return new Deno.Command(command, { args: own, stdin: "null", stdout: "null", stderr, env });
}

/** `kp serve` as a process of its own, on free ports. */
export interface ServeProcess extends Serving, AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<Deno.CommandStatus>;
  /** Resolves once so many lines of that event are logged, with the last of these. Fails when the process ends first. */
  logged(event: string, count?: number): Promise<LogLine>;
  /** Line by line what is no JSON, too. */
  lines(): string[];
  signal(signal: Deno.Signal): void;
  /** Process ids of its evaluators that live. */
  evaluators(): number[];
}

/** Starts `kp serve` with these arguments and free ports; resolves once it serves. Throws what it writes otherwise. */
export async function serveProcess(args: readonly string[], options: KpOptions = {}): Promise<ServeProcess> {
  const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const child = kpCommand(["serve", ...ports, ...args], options).spawn();
  const output = new Output(child.stderr);
  const ended = child.status;
  const log = () => output.lines().map((line): LogLine => JSON.parse(line));
  const logged = async (event: string, count = 1) => {
    for (;;) {
      const found = output.lines().filter((line) => line.includes(`"event":"${event}"`));
      if (found.length >= count) return JSON.parse(found[count - 1]);
      if (!await output.more()) assert.fail(`ended before ${count} of ${event}:\n${output.text}`);
    }
  };
  const { webhook, operators } = await logged("serving") as unknown as Serving;
  const signal = (name: Deno.Signal) => child.kill(name);
  return {
    ...{ webhook, operators, pid: child.pid, ended, logged, log, signal },
    text: () => output.text,
    lines: () => output.lines(),
    hangup: () => signal("SIGHUP"),
    async stop() {
      signal("SIGTERM");
      return (await ended).code;
    },
    evaluators: () => childrenOf(child.pid),
    async [Symbol.asyncDispose]() {
      try {
        signal("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended
      }
      await ended;
      await output.whole;
    },
  };
}

/** What a process writes, as it comes. */
class Output {
  text = "";
  /** Resolves when nothing more comes. */
  readonly whole: Promise<void>;
  #next = Promise.withResolvers<boolean>();

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.whole = this.#read(stream);
  }

  /** Those that are complete. */
  lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Resolves when more has come; false at the end. */
  more(): Promise<boolean> {
    return this.#next.promise;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#next.resolve(true);
      this.#next = Promise.withResolvers();
    }
    this.#next.resolve(false);
  }
}

/** The living children of a process: `/proc/<pid>/stat` is `pid (name) state parent ...`. */
export function childrenOf(parent: number): number[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
      const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(ppid) === parent && state !== "Z";
    } catch {
      return false; // it ended meanwhile
    }
  });
}

/** Waits for what no event tells. Fails after 20 s. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`never: ${what}`);
}
