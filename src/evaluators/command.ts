export interface Evaluating {
  /** Whether there are bundles: all that they may need is loaded at the start. */
  readonly rego: boolean;
  /** Of its heap, in MiB. */
  readonly memory: number;
}

/** A process to spawn, whose environment is this and no more. */
export interface EvaluatorCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The same executable, told to evaluate. It gets none of this process's environment but where its own modules are. */
export function evaluatorCommand({ rego, memory }: Evaluating): EvaluatorCommand {
  const own = ["evaluator", ...(rego ? ["--rego"] : [])];
  const flags = ["--disallow-code-generation-from-strings", `--max-old-space-size=${memory}`];
  if (Deno.build.standalone) {
    // By another name of its path: to that one itself, as if it were Node.js, arguments of `deno` would be added. It
    // has the flags that it was compiled with; Deno 2.6 heeds no others, so that the pool alone limits its memory.
    const command = Deno.execPath().replace(/[^/]*$/, "./$&");
    return { command, args: own, env: { DENO_V8_FLAGS: flags.join(","), NO_COLOR: "1" } };
  }
  const main = new URL("../main.ts", import.meta.url).pathname;
  const deno = ["run", "--quiet", "--allow-all", "--no-prompt", "--cached-only", `--v8-flags=${flags.join(",")}`];
  const env = ["HOME", "DENO_DIR", "XDG_CACHE_HOME"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    command: Deno.execPath(),
    args: [...deno, main, ...own],
    env: { ...Object.fromEntries(env), NO_COLOR: "1" },
  };
}
