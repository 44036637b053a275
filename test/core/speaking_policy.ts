import type { Policy } from "../../src/contract.ts";
import { type AdmissionResponse, answer } from "../../src/core/answer.ts";
import type { Decision, Endpoint } from "../../src/core/decision.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestEngine } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";

interface Says {
  readonly validate?: unknown;
  readonly mutate?: unknown;
}

/** A policy that returns these, whatever it is asked. */
export function speaking(
  name: string,
  { validate, mutate, ...rest }: Partial<Omit<Policy, keyof Says>> & Says,
): Policy {
  return {
    name,
    metadata: { title: name, description: name, severity: "low", controls: [], remediation: "" },
    match: [{ group: "*", kinds: ["*"] }],
    rules: [],
    ...rest,
    ...(validate !== undefined && { validate: () => validate }),
    ...(mutate !== undefined && { mutate: () => mutate }),
  } as Policy;
}

/** What policies come to for the creation of an object. */
export function answered(
  policies: TestEngine["policies"],
  endpoint: Endpoint,
  object = goodPod(),
): { decision: Decision; response: AdmissionResponse } {
  const decision = review(requestOf(object), endpoint, engineOf({ policies }));
  return { decision, response: answer(decision, "admission.k8s.io/v1").response };
}
