import { encodeFrame, type Frame, FrameReader, joined, NO_BODY } from "../evaluators/frames.ts";
import type { Question } from "../evaluators/protocol.ts";
import { lockDown } from "./lockdown.ts";
import { type Answer, Sandbox } from "./sandbox.ts";

const CHUNK = 256 * 1024;
/** Answers to questions that came together go together, unless one would wait longer than this. */
const GATHER_MS = 1;

/**
 * An evaluator process: reads questions from standard input, writes replies to standard output, and ends with its
 * input. `rego` says that there are bundles: all that they may need is loaded before the process is locked.
 */
export async function runSandbox({ rego }: { rego: boolean }): Promise<void> {
  if (rego) {
    await import("../../plugins/policies/bundle.ts");
    await (await import("../../plugins/policies/rego/builtins/mod.ts")).everyBuiltin();
  }
  const { stdin, stdout } = Deno;
  const now = performance.now.bind(performance);
  lockDown();
  const outbox: Uint8Array[] = [];
  const flush = () => {
    if (outbox.length === 0) return;
    let rest = joined(outbox.splice(0));
    while (rest.length > 0) rest = rest.subarray(stdout.writeSync(rest));
  };
  let nonce = new Uint8Array();
  const sandbox = new Sandbox((reply) => {
    outbox.push(encodeFrame({ nonce, meta: reply, body: NO_BODY }));
    flush();
  });
  const reader = new FrameReader();
  const buffer = new Uint8Array(CHUNK);
  for (let length = stdin.readSync(buffer); length !== null; length = stdin.readSync(buffer)) {
    let since = now();
    for (const frame of reader.add(buffer.slice(0, length))) {
      nonce = frame.nonce as typeof nonce;
      const answer = sandbox.answer(frame as Frame<Question>);
      const { reply, body }: Answer = answer instanceof Promise ? await answer : answer;
      outbox.push(encodeFrame({ nonce, meta: reply, body }));
      if (now() - since < GATHER_MS) continue;
      flush();
      since = now();
    }
    flush();
  }
}
