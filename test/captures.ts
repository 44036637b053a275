import type { AdmissionRequest } from "../src/contract.ts";
import type { Endpoint } from "../src/core/decision.ts";

export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: AdmissionRequest;
}

/** The AdmissionReviews that a real API server sent to one webhook, in order. */
export function captures(endpoint: Endpoint): Review[] {
  const file = new URL(`fixtures/captures/${endpoint}.jsonl`, import.meta.url);
  return Deno.readTextFileSync(file).trim().split("\n").map((line) => JSON.parse(line));
}
