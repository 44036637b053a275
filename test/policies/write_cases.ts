/** Writes the shipped policies' cases into policies/cases.json, which `kp serve` tries before it answers anybody. */
import { shippedPolicies } from "../../policies/mod.ts";
import { CASE_FILES, POLICIES, readCases } from "./policy_cases.ts";

export const CASES = new URL("cases.json", POLICIES);

/** By policy, in the order of the files. */
export function everyCase(): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(shippedPolicies).map((name) => [name, CASE_FILES.flatMap((file) => readCases(name, file))]),
  );
}

if (import.meta.main) Deno.writeTextFileSync(CASES, `${JSON.stringify(everyCase())}\n`);
