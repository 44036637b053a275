/**
 * `deno run tampering.ts WAY COMMAND...`: an evaluator between the server and a real one, which passes on what both
 * write, but for the answers to reviews that hold the word BAD.
 */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import process from "node:process";
import { encodeFrame, type Frame, FrameReader, NO_BODY } from "../../src/evaluators/frames.ts";

const MARK = "BAD";
let isSilent = false;

/** What it does in place of passing an answer on. */
const WAYS: Record<string, (frame: Frame, write: (bytes: Uint8Array) => void) => void> = {
  garbage: (_frame, write) => write(new TextEncoder().encode("console.log('hello')".repeat(10))),
  half: (frame, write) => {
    write(encodeFrame(frame).slice(0, 40));
    process.exit(1);
  },
  exit: () => process.exit(3),
  silence: () => void (isSilent = true),
  "another nonce": (frame, write) => write(encodeFrame({ ...frame, nonce: new Uint8Array(16) })),
  "another kind": (frame, write) => write(encodeFrame({ ...frame, meta: { kind: "using" }, body: NO_BODY })),
  twice: (frame, write) => {
    write(encodeFrame(frame));
    write(encodeFrame(frame));
  },
  "not JSON": (frame, write) => {
    const bytes = encodeFrame(frame);
    bytes[32] = 0xff;
    write(bytes);
  },
  "a length of 4 GiB": (frame, write) => {
    const bytes = encodeFrame(frame);
    bytes.fill(0xff, 0, 8);
    write(bytes);
  },
};

const [way, command, ...args] = Deno.args;
const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
const isBad: boolean[] = [];
const [asked, answered] = [new FrameReader(), new FrameReader()];
process.stdin.on("data", (chunk: Buffer) => {
  for (const { body } of asked.add(chunk)) isBad.push(Buffer.from(body).includes(MARK));
  child.stdin.write(chunk);
});
process.stdin.on("end", () => child.stdin.end());
child.stdout.on("data", (chunk: Buffer) => {
  for (const frame of answered.add(chunk)) {
    const isBegin = (frame.meta as { kind: string }).kind === "began";
    const tamper = !isBegin && isBad.shift() ? WAYS[way] : undefined;
    if (isSilent) continue;
    if (tamper) tamper(frame, (bytes) => void process.stdout.write(bytes));
    else process.stdout.write(encodeFrame(frame));
  }
});
child.on("exit", () => process.exit(0));
