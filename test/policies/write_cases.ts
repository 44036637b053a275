/** Writes cases of the shipped policies into policies/cases.json, which `kp serve` tries before it answers anybody. */
import { shippedPolicies } from "../../policies/mod.ts";
import { CASE_FILES, POLICIES, readCases } from "./policy_cases.ts";

export const CASES = new URL("cases.json", POLICIES);

/** By policy: the first of each file. All of them would keep a start waiting for 100 ms, and are tested before. */
export function chosenCases(): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(shippedPolicies).map((name) => [name, CASE_FILES.flatMap((file) => readCases(name, file).slice(0, 1))]),
  );
}

if (import.meta.main) Deno.writeTextFileSync(CASES, `${JSON.stringify(chosenCases())}\n`);
