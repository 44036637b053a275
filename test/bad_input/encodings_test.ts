import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { runKp } from "../run_fixture.ts";
import { reviewedText, serveForFile } from "../serve_fixture.ts";
import { assertReplayRefuses, assertWebhooksRefuse, checkErrors } from "./refusals.ts";

const { server, test } = await serveForFile();

const textOf = (pod: Fields) => JSON.stringify(reviewOf(requestOf(pod)));
const utf8 = new TextEncoder();

function utf16(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...utf8.encode(text)].flatMap((byte) => [byte, 0]));
}

/** The bytes of a text, with these in the place of its first `@`. */
function bytesOf(text: string, ...bytes: number[]): Uint8Array<ArrayBuffer> {
  const place = text.indexOf("@");
  return new Uint8Array([...utf8.encode(text.slice(0, place)), ...bytes, ...utf8.encode(text.slice(place + 1))]);
}

const POD_AT = textOf(goodPod({}, { name: "web@" }));
const ENCODINGS: Record<string, Uint8Array<ArrayBuffer>> = {
  "a lone continuation byte": bytesOf(POD_AT, 0x80),
  "a truncated sequence": bytesOf(POD_AT, 0xe2, 0x82),
  "an overlong slash": bytesOf(POD_AT, 0xc0, 0xaf),
  "a surrogate in UTF-8": bytesOf(POD_AT, 0xed, 0xa0, 0x80),
  "beyond U+10FFFF": bytesOf(POD_AT, 0xf5, 0x80, 0x80, 0x80),
  "UTF-16 with its mark": new Uint8Array([0xff, 0xfe, ...utf16(POD_AT)]),
};

for (const [name, body] of Object.entries(ENCODINGS)) {
  test(`I17: ${name} is refused`, async () => {
    await assertWebhooksRefuse(server, body);
    assert.match(await assertReplayRefuses(body), /^-:1: Cannot read the text: it is not UTF-8\n$/);
    assert.deepEqual(await checkErrors(body), ["Cannot read the text: it is not UTF-8"]);
  });
}

test("I17: kp replay names the line that is not UTF-8", async () => {
  const good = utf8.encode(`${textOf(goodPod())}\n`);
  for (const rest of [[], [0x0a, ...good]]) {
    const lines = new Uint8Array([...good, ...good, ...good, ...bytesOf(POD_AT, 0x80), ...rest]);
    const { code, err } = await runKp(["replay", "-"], { stdin: lines });
    assert.deepEqual([code, err], [2, "-:4: Cannot read the text: it is not UTF-8\n"]);
  }
});

test("I17: UTF-16 without a mark, NUL and a byte-order mark are no JSON for the webhooks", async () => {
  const text = textOf(goodPod());
  for (const body of [utf16(text), `${text}\0`, `\ufeff${text}`]) {
    await assertWebhooksRefuse(server, body);
  }
  assert.equal((await runKp(["replay", "-"], { stdin: `\ufeff${text}` })).code, 0);
  assert.equal((await runKp(["check", "-"], { stdin: `\ufeff${JSON.stringify(goodPod())}` })).code, 0);
});

test("I17: lone surrogates and NUL in escapes are text like any other", async () => {
  const text = textOf(goodPod({ hostNetwork: true }, { name: "NAME" })).replaceAll("NAME", "a\\ud800b\\u0000c");
  const { status } = await reviewedText(server, text);
  assert.ok(status!.message.includes("Pod/payments/a\ud800b c cannot"), JSON.stringify(status!.message));
  await reviewedText(server, text, { endpoint: "mutating" });
});
