import assert from "node:assert/strict";
import fc from "fast-check";
import { answers, encodeFrame, FrameReader, NONCE_LENGTH } from "../../src/evaluators/frames.ts";
import { Quarantine } from "../../src/evaluators/quarantine.ts";
import { fromStructured, structured } from "../../src/evaluators/structured.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

Deno.test("frames are read as they were written, however the stream is cut", () => {
  const frame = fc.record({
    nonce: bytes(NONCE_LENGTH),
    meta: fc.jsonValue(),
    body: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 100 }), (frames, size) => {
    const stream = frames.flatMap((one) => [...encodeFrame(one)]);
    const reader = new FrameReader();
    const read = [];
    for (let at = 0; at < stream.length; at += size) {
      for (const one of reader.add(new Uint8Array(stream.slice(at, at + size)))) {
        read.push({ nonce: one.nonce.slice(), meta: one.meta, body: one.body.slice() });
      }
    }
    const plain = frames.map(({ nonce, meta, body }) => ({ nonce, meta: JSON.parse(JSON.stringify(meta)), body }));
    assert.deepEqual(read, plain);
  }));
});

Deno.test("a frame that is too long, or no frame, is not read", () => {
  const long = new Uint8Array(32).fill(255);
  assert.throws(() => [...new FrameReader().add(long)], /Cannot read a frame of \d+ bytes/);
  const garbage = encodeFrame({ nonce: new Uint8Array(16), meta: 1, body: new Uint8Array() });
  garbage[32] = 0xff;
  assert.throws(() => [...new FrameReader().add(garbage)]);
});

Deno.test("a frame answers the question with its nonce only", () => {
  fc.assert(fc.property(bytes(NONCE_LENGTH), bytes(NONCE_LENGTH), (nonce, other) => {
    const frame = { nonce, meta: null, body: new Uint8Array() };
    assert.ok(answers(frame, nonce.slice()));
    assert.equal(answers(frame, other), nonce.join() === other.join());
  }));
});

Deno.test("settings cross as they are, with their maps and sets", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.array(fc.tuple(fc.string(), tie("value"))).map((entries) => new Map(entries)),
      fc.array(fc.string()).map((values) => new Set(values)),
      fc.dictionary(fc.string().filter((key) => !/^(\$map|\$set|__proto__)$/.test(key)), tie("value"), {
        noNullPrototype: true,
      }),
    ),
  }));
  fc.assert(fc.property(value, (settings) => {
    assert.deepEqual(fromStructured(JSON.parse(JSON.stringify(structured(settings)))), settings);
  }));
});

Deno.test("a policy is quarantined by the last of so many ends within the window, once", () => {
  const quarantine = new Quarantine({ after: 3, windowMs: 1000 });
  const noted = [0, 500, 1400, 1450, 1460].map((now) => quarantine.note("a", now));
  assert.deepEqual(noted, [false, false, false, true, false]);
  assert.equal(quarantine.note("b", 0), false);
  assert.deepEqual([...quarantine.reasons], [["a", "quarantined: 3 evaluators were ended for it within 1 s"]]);
});
