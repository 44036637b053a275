if (Deno.args[0] === "evaluator") {
  const { runSandbox } = await import("./sandbox/main.ts");
  await runSandbox({ rego: Deno.args[1] === "--rego" });
} else await runCommand();

async function runCommand(): Promise<void> {
  const { run } = await import("./cli.ts");
  const code = await run(Deno.args, {
    env: (name) => Deno.env.get(name),
    stdin: Deno.stdin.readable,
    out: (text) => write(Deno.stdout, text),
    err: (text) => write(Deno.stderr, text),
    errAsync: (text) => writeAsync(Deno.stderr, text),
    signal: endSignal(),
    onHangup: (listener) => Deno.addSignalListener("SIGHUP", listener),
  });
  Deno.exit(code);
}

/** Aborted by SIGINT or SIGTERM; the second of them ends the process at once. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, () => {
      if (controller.signal.aborted) Deno.exit(code);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Writes all of a text; a closed pipe (`kp ... | head`) ends the process quietly. */
function write(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(141);
    throw error;
  }
}

async function writeAsync(stream: typeof Deno.stderr, text: string): Promise<void> {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await stream.write(rest));
}
