import fc from "fast-check";
import assert from "node:assert/strict";
import type { Endpoint } from "../../src/core/decision.ts";
import type { Summary } from "../../src/evaluators/evaluator.ts";
import { InProcessEvaluator } from "../../src/evaluators/in_process.ts";
import { load } from "../../src/load.ts";
import { assertResponse } from "../answer_assertions.ts";
import { captures, type Review } from "../captures.ts";
import { runKp } from "../run_fixture.ts";
import { SERVE_CONFIG } from "../serve_fixture.ts";

const { engine } = await load({
  file: SERVE_CONFIG,
  environment: undefined,
  fallback: { validate: "monitor", mutate: "dryrun" },
});
const evaluator = new InProcessEvaluator(engine);

const KEYS = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "length", "then"];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  "",
  "text",
  "0",
  "\u0000\n\u001b[31m\ud800",
  [],
  [null],
  [[]],
  {},
  { toString: null, valueOf: null },
  JSON.parse('{"then":{},"__proto__":{"a":1},"length":3}'),
  "x".repeat(5000),
];

type Mutation = "drop" | "duplicate" | "retype" | "deepen" | "rename" | "insert";

interface Step {
  readonly mutation: Mutation;
  /** Chooses the place among all places of the review. */
  readonly place: number;
  readonly key: string;
  readonly value: unknown;
  readonly depth: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  mutation: fc.constantFrom<Mutation>("drop", "duplicate", "retype", "deepen", "rename", "insert"),
  place: fc.nat({ max: 2 ** 30 }),
  key: fc.constantFrom(...KEYS),
  value: fc.constantFrom(...VALUES),
  depth: fc.constantFrom(1, 2, 10, 600),
});

type Holder = Record<string, unknown> | unknown[];

interface Place {
  readonly holder: Holder;
  readonly key: string;
}

function placesIn(value: unknown, places: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return places;
  for (const key of Object.keys(value)) {
    places.push({ holder: value as Holder, key });
    placesIn((value as Record<string, unknown>)[key], places);
  }
  return places;
}

/** Plain assignment to `__proto__` would set the prototype. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function mutate(review: unknown, { mutation, place, key, value: shared, depth }: Step): void {
  const value = structuredClone(shared);
  const places = placesIn(review);
  if (places.length === 0) return;
  const { holder, key: old } = places[place % places.length];
  const current = (holder as Record<string, unknown>)[old];
  const remove = () => Array.isArray(holder) ? holder.splice(Number(old), 1) : delete holder[old];
  if (mutation === "drop") remove();
  else if (mutation === "retype") define(holder, old, value);
  else if (mutation === "duplicate" && Array.isArray(holder)) holder.push(structuredClone(current));
  else if (mutation === "duplicate") define(holder, `${old}2`, structuredClone(current));
  else if (mutation === "insert" && !Array.isArray(holder)) define(holder, key, value);
  else if (mutation === "rename" && !Array.isArray(holder)) {
    remove();
    define(holder, key, current);
  } else if (mutation === "deepen") define(holder, old, nested(current, depth));
}

function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** How a review is answered whose object nests too deep: no other bad input may cause a failure. */
function failingOf({ failures, failing, endpoint }: Summary, { request }: Review): "closed" | "open" | undefined {
  if (failures.length === 0) return undefined;
  const causes = failures.map(({ cause }) => cause);
  assert.match(causes.join(), /^RangeError: Cannot review the (object|request): it nests deeper than 512 levels$/);
  assert.ok(depthOf(request) > 512);
  if (failing === null) return undefined;
  return request.namespace === "kube-system" || endpoint === "mutating" ? "open" : "closed";
}

interface Answered {
  readonly text: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Holds the answer against the rules for every answer; null for what is refused. */
async function answered(review: unknown, endpoint: Endpoint): Promise<Answered | null> {
  const text = JSON.stringify(review);
  const evaluation = await evaluator.evaluate(new TextEncoder().encode(text), endpoint);
  if (!evaluation.success) {
    assert.match(evaluation.message, /^Cannot read [^\n]+$/);
    return null;
  }
  const sent: Review = JSON.parse(text);
  const { apiVersion, response } = JSON.parse(new TextDecoder().decode(evaluation.answer));
  assert.equal(apiVersion, sent.apiVersion);
  const failing = failingOf(evaluation.summary, sent);
  assertResponse(response, { apiVersion, request: sent.request, endpoint, failing });
  return { text, annotations: response.auditAnnotations };
}

/** `kp replay` decides on all of them as the webhook did. */
async function assertReplayed(all: readonly Answered[], endpoint: Endpoint): Promise<void> {
  const stdin = all.map(({ text }) => `${text}\n`).join("");
  const args = ["replay", "-", "-o", "json", "--endpoint", endpoint, "--config", SERVE_CONFIG];
  const { code, out, err } = await runKp(args, { stdin });
  assert.deepEqual([code, err], [0, ""]);
  const { results } = JSON.parse(out);
  assert.equal(results.length, all.length);
  all.forEach(({ text, annotations }, i) => assert.deepEqual(results[i].annotations, annotations, text.slice(0, 300)));
}

for (const endpoint of ["validating", "mutating"] as const) {
  const texts = captures(endpoint).map((review) => JSON.stringify(review));

  Deno.test(`mutated reviews are answered by the rules, or refused, and replayed alike (${endpoint})`, async () => {
    const all: Answered[] = [];
    const capture = fc.nat({ max: texts.length - 1 });
    const steps = fc.array(step, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(capture, steps, async (index, steps) => {
      const review = JSON.parse(texts[index]);
      for (const one of steps) mutate(review, one);
      const result = await answered(review, endpoint);
      if (result) all.push(result);
    });
    await fc.assert(property, { numRuns: 1000, seed: 20_261_122 });
    assert.ok(all.length > 700, `${all.length} of 1000 reviews can be read`);
    await assertReplayed(all, endpoint);
    assert.equal(({} as Record<string, unknown>).a, undefined);
    assert.deepEqual([Object.keys(Object.prototype), Object.keys(Array.prototype)], [[], []]);
  });
}
