import assert from "node:assert/strict";
import { deadlineOf } from "../../src/webhook/deadline.ts";

const CASES: Record<string, number> = {
  "/validate?timeout=3s": 2700,
  "/validate?timeout=10s": 9000,
  "/validate?timeout=500ms": 450,
  "/validate?timeout=1.5s": 1350,
  "/validate?timeout=1s500ms": 1350,
  "/validate?x=1&timeout=2s": 1800,
  "/validate?timeout=29s": 26_100,
  "/validate?timeout=30s": 27_000,
  "/validate?timeout=1m30s": 27_000,
  "/validate?timeout=100h": 27_000,
  "/validate": 2700,
  "/validate?": 2700,
  "/validate?timeout=": 2700,
  "/validate?timeout=10": 2700,
  "/validate?timeout=-5s": 2700,
  "/validate?timeout=0s": 2700,
  "/validate?timeout=1e9s": 2700,
  "/validate?timeout=.s": 2700,
  "/validate?timeout=5s5": 2700,
  "/validate?timeout=5 s": 2700,
  "/validate?timeout=%": 2700,
  [`/validate?timeout=${"1s".repeat(50_000)}`]: 27_000,
};

for (const [url, milliseconds] of Object.entries(CASES)) {
  Deno.test(`${url.slice(0, 60)} is answered within ${milliseconds} ms`, () => {
    assert.equal(deadlineOf(url, 1000), 1000 + milliseconds);
  });
}

Deno.test("a request without a path is answered within 2700 ms", () => {
  assert.equal(deadlineOf(undefined, 0), 2700);
});
