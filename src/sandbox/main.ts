import { encodeFrame, type Frame, FrameReader } from "../evaluators/frames.ts";
import type { Question, Reply } from "../evaluators/protocol.ts";
import { lockDown } from "./lockdown.ts";
import { type Answer, Sandbox } from "./sandbox.ts";

const CHUNK = 256 * 1024;

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
  lockDown();
  const write = (nonce: Uint8Array, meta: Reply, body: Uint8Array) => {
    let rest = encodeFrame({ nonce, meta, body });
    while (rest.length > 0) rest = rest.subarray(stdout.writeSync(rest));
  };
  let nonce = new Uint8Array();
  const sandbox = new Sandbox((reply) => write(nonce, reply, new Uint8Array()));
  const reader = new FrameReader();
  const buffer = new Uint8Array(CHUNK);
  for (let length = stdin.readSync(buffer); length !== null; length = stdin.readSync(buffer)) {
    for (const frame of reader.add(buffer.slice(0, length))) {
      nonce = frame.nonce as typeof nonce;
      const answer = sandbox.answer(frame as Frame<Question>);
      const { reply, body }: Answer = answer instanceof Promise ? await answer : answer;
      write(nonce, reply, body);
    }
  }
}
