import { run } from "./cli.ts";

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => controller.abort());

const encoder = new TextEncoder();

/** Writes all of a text; a closed pipe (`kp ... | head`) ends the process quietly. */
function write(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(141);
    throw error;
  }
}

const code = await run(Deno.args, {
  env: (name) => Deno.env.get(name),
  stdin: Deno.stdin.readable,
  out: (text) => write(Deno.stdout, text),
  err: (text) => write(Deno.stderr, text),
  signal: controller.signal,
});
Deno.exit(code);
