/** How much a review costs next to reading the request: the parse is what no webhook can do without. */
import type { AdmissionRequest } from "../src/contract.ts";
import type { Endpoint } from "../src/core/decision.ts";
import { review } from "../src/core/review.ts";
import { InProcessEvaluator } from "../src/evaluators/in_process.ts";
import { type Captured, capturedPod, loaded } from "./captured.ts";
import { type Candidate, interleave, table } from "./rounds.ts";

/** Small enough that the copies of one sample stay in the young generation, as a request does. */
const CALLS = 50;
const ROUNDS = { rounds: 200, warmup: 100 };

const { engine: restricted } = await loaded("restricted.yaml");
const { engine: all } = await loaded("restricted_and_platform.yaml");
const evaluator = new InProcessEvaluator(all);

for (const endpoint of ["validating", "mutating"] as const) {
  for (const [name, pod] of [["compliant", "compliant"], ["violating", "every-violation"]]) {
    const captured = await capturedPod(pod, endpoint);
    const series = await interleave(candidates(captured, endpoint), ROUNDS);
    const title = `${endpoint} review of a ${name} pod, ${captured.bytes.length} bytes, against parsing it`;
    console.log(table(title, { unit: "us", series }));
  }
}

function candidates({ text, bytes }: Captured, endpoint: Endpoint): Candidate[] {
  const request = (): AdmissionRequest => JSON.parse(text).request;
  return [
    { name: "JSON.parse", sample: () => timed(() => text, (json) => JSON.parse(json)) },
    { name: "review, restricted", sample: () => timed(request, (copy) => review(copy, endpoint, restricted)) },
    { name: "review, restricted and platform", sample: () => timed(request, (copy) => review(copy, endpoint, all)) },
    {
      name: "bytes to answer, restricted and platform",
      sample: () => timed(() => bytes, (body) => evaluator.evaluate(body, endpoint)),
    },
  ];
}

/** Microseconds of one call. Each has a copy of its own: a review freezes what it is given, once. */
function timed<Input>(make: () => Input, call: (input: Input) => unknown): number {
  const inputs = Array.from({ length: CALLS }, make);
  const started = performance.now();
  for (const input of inputs) call(input);
  return (performance.now() - started) * 1000 / CALLS;
}
