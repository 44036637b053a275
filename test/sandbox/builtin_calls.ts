import type { AdmissionRequest } from "../../src/contract.ts";
import { goodPod, requestOf } from "../request_fixture.ts";

const FIXTURES = new URL("../fixtures/rego/", import.meta.url).pathname;

/** The bundle of fixtures/rego/builtins. */
export const BUILTINS_CONFIG = `environment: prod
policies: [{ use: ${FIXTURES}forms/builtins.tar.gz, options: { name: builtins } }]
stages: { prod: { default: deny } }
`;

/** What it calls: "units.parse 1". */
export const BUILTIN_CALLS: readonly string[] = [
  ...Deno.readTextFileSync(`${FIXTURES}builtins/calls.rego`).matchAll(/^results\["([^"]+)"\]/gm),
].map(([, call]) => call).sort();

/** A pod that is denied with the result of a call. */
export function requestFor(call: string): AdmissionRequest {
  return requestOf(goodPod({}, { annotations: { builtin: call } }), { uid: crypto.randomUUID() });
}
