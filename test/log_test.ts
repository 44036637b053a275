import assert from "node:assert/strict";
import { jsonLog } from "../src/log.ts";

function logged(fields: Record<string, unknown>): string {
  let text = "";
  jsonLog((line) => text += line, () => new Date(0))("event", fields);
  return text;
}

Deno.test("a log line is one line of JSON without any control character, and says the same when it is read", () => {
  for (let from = 0; from < 0x10000; from += 0x400) {
    const texts = Array.from({ length: 0x400 }, (_, i) => String.fromCharCode(from + i));
    const line = logged({ text: texts.join(""), [`key\n${texts[10]}`]: 1 });
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    assert.equal(line.at(-1), "\n");
    assert.equal(JSON.parse(line).text, texts.join(""));
    assert.equal(JSON.parse(line)[`key\n${texts[10]}`], 1);
  }
});

Deno.test("texts and lists of a log line are cut, however deep they are", () => {
  const long = "x".repeat(1_000_000);
  const line = logged({ long, list: Array(10_000).fill(long.slice(0, 10)), inner: { long: [long] } });
  assert.ok(line.length < 8000, `${line.length} characters`);
});

Deno.test("a text that is cut inside a surrogate pair is still JSON in UTF-8", () => {
  const line = logged({ text: `x${"\u{1f600}".repeat(2000)}` });
  assert.equal(new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(line)), line);
  assert.equal(JSON.parse(line).text.length, 2048);
});
