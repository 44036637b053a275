import { strictEqual as assertEquals } from "node:assert/strict";
import fc from "fast-check";
import { compareRevisions } from "../../../plugins/policies/rego/revision.ts";

/** From old to new. */
const ORDERS: Record<string, string[]> = {
  "integers": ["0", "7", "0010", "99", "9007199254740992", "9007199254740993", "123456789012345678901234567890"],
  "semantic versions": [
    "0.9.0",
    "v1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-rc.2",
    "1.0.0-rc.10",
    "1.0.0",
    "v1.9.0",
    "1.10.0",
  ],
  "times": [
    "1969-12-31T23:59:59Z",
    "2026-11-22T21:00:00+01:00",
    "2026-11-22T20:00:00.000000001Z",
    "2026-11-22T20:00:00.25Z",
    "2026-11-22t20:00:00.5z",
    "2026-11-22T20:00:01-00:00",
    "2026-11-22T19:00:01.25-01:00",
    "2026-11-23T00:00:00Z",
  ],
};

for (const [what, revisions] of Object.entries(ORDERS)) {
  Deno.test(`revisions that are ${what} are ordered`, () => {
    for (const [x, a] of revisions.entries()) {
      for (const [y, b] of revisions.entries()) {
        assertEquals(Math.sign(compareRevisions(a, b)!), Math.sign(x - y), `${a} ${b}`);
      }
    }
  });
}

const SAME = [
  ["1f0c2ab", "1f0c2ab"],
  ["7", "007"],
  ["1.0.0", "v1.0.0"],
  ["1.0.0+build.1", "1.0.0+build.2"],
  ["2026-11-22T20:00:00Z", "2026-11-22T21:00:00.000+01:00"],
];

for (const [a, b] of SAME) {
  Deno.test(`the revisions ${a} and ${b} are the same`, () => {
    assertEquals(compareRevisions(a, b), 0);
    assertEquals(compareRevisions(b, a), 0);
  });
}

const UNORDERED = [
  ["", ""],
  ["", "1"],
  ["1f0c2ab", "9e2d3bc"],
  ["7", "1.0.0"],
  ["1.0.0", "2026-11-22T20:00:00Z"],
  ["2026", "2026-11-22T20:00:00Z"],
  ["-1", "1"],
  ["1.5", "2.5"],
  ["1", " 2"],
  ["1e3", "2e3"],
  ["2026-11-22", "2026-11-23"],
  ["2026-11-22T20:00:00", "2026-11-23T20:00:00"],
  ["2026-13-22T20:00:00Z", "2026-11-23T20:00:00Z"],
  ["9".repeat(101), "1"],
];

for (const [a, b] of UNORDERED) {
  Deno.test(`the revisions "${a.slice(0, 30)}" and "${b}" cannot be ordered`, () => {
    assertEquals(compareRevisions(a, b), null);
    assertEquals(compareRevisions(b, a), null);
  });
}

Deno.test("integers of any size are ordered as numbers", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 90n }), fc.bigInt({ min: 0n, max: 10n ** 90n }), (a, b) => {
    assertEquals(compareRevisions(String(a), String(b)), a < b ? -1 : a > b ? 1 : 0);
  }));
});
