import * as v from "valibot";
import { parseAllDocuments } from "yaml";
import type { PolicyCase } from "../../src/contract.ts";
import { policyCase } from "../../src/policy_shape.ts";

/** Every policy has these, each with one case or more. */
export const CASE_FILES = ["edge.yaml", "invalid.yaml", "malformed.yaml", "valid.yaml"] as const;

export const POLICIES = new URL("../../policies/", import.meta.url);

/** The cases in `policies/<policy>/cases/<file>`; none when there is no such file. */
export function readCases(policy: string, file: string): PolicyCase[] {
  const url = new URL(`${policy}/cases/${file}`, POLICIES);
  let text: string;
  try {
    text = Deno.readTextFileSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return parseCases(text, `policies/${policy}/cases/${file}`);
}

function parseCases(text: string, source: string): PolicyCase[] {
  return [...parseAllDocuments(text)].map((document, index) => {
    if (document.errors.length > 0) throw new Error(`${source}: document ${index + 1}: ${document.errors[0].message}`);
    const result = v.safeParse(policyCase, document.toJS());
    if (result.success) return result.output as PolicyCase;
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? "case"}: ${issue.message}`);
    throw new Error(`${source}: document ${index + 1}: ${issues.join("; ")}`);
  });
}
