/** The same seven policies in TypeScript and in Rego: `review()` of a captured request, either form of bundle. */
import type { AdmissionRequest } from "../src/contract.ts";
import type { Endpoint } from "../src/core/decision.ts";
import { review } from "../src/core/review.ts";
import { parseReview } from "../src/core/wire.ts";
import { capturedPod, loaded } from "./captured.ts";
import { interleave, table } from "./rounds.ts";

/** Small enough that the copies of one sample stay in the young generation, as a request does. */
const CALLS = 50;
const ROUNDS = { rounds: 100, warmup: 50 };

const engines = {
  "in TypeScript": (await loaded("platform_without_images.yaml")).engine,
  "in Rego, config-staged": (await loaded("rego_config_staged.yaml")).engine,
  "in Rego, self-staged": (await loaded("rego_self_staged.yaml")).engine,
};

for (const endpoint of ["validating", "mutating"] as const) {
  for (const pod of ["compliant", "every-violation"]) await compare(endpoint, pod);
}

async function compare(endpoint: Endpoint, pod: string): Promise<void> {
  const { bytes } = await capturedPod(pod, endpoint);
  const candidates = Object.entries(engines).map(([name, engine]) => (
    { name, sample: () => timed(() => requestOf(bytes), (request) => review(request, endpoint, engine)) }
  ));
  const series = await interleave(candidates, ROUNDS);
  console.log(table(`${endpoint} review of a ${pod} pod by seven policies`, { unit: "us", series }));
}

/** A copy of the bytes: an instance does not read the same array twice. */
function requestOf(bytes: Uint8Array): AdmissionRequest {
  const parsed = parseReview(bytes.slice());
  if (!parsed.success) throw new Error(parsed.message);
  return parsed.request;
}

/** Microseconds of one call. Each has a copy of its own: a review freezes what it is given, once. */
function timed(make: () => AdmissionRequest, call: (request: AdmissionRequest) => unknown): number {
  const requests = Array.from({ length: CALLS }, make);
  const started = performance.now();
  for (const request of requests) call(request);
  return (performance.now() - started) * 1000 / CALLS;
}
