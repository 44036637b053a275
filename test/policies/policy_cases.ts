import * as v from "valibot";
import { parseAllDocuments } from "yaml";

/** Every policy has these, each with one case or more. */
export const CASE_FILES = ["edge.yaml", "invalid.yaml", "malformed.yaml", "valid.yaml"] as const;

const operationSchema = v.picklist(["add", "replace", "remove"]);

const caseSchema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  options: v.optional(v.unknown()),
  operation: v.optional(v.picklist(["CREATE", "UPDATE", "DELETE", "CONNECT"]), "CREATE"),
  subresource: v.optional(v.string()),
  oldObject: v.optional(v.unknown()),
  object: v.optional(v.unknown()),
  /** `<rule>: <message>`, exact, in any order. */
  violations: v.array(v.string()),
  /** In this order; none are expected when left out. */
  patches: v.optional(
    v.array(v.strictObject({
      rule: v.string(),
      container: v.optional(v.string()),
      operations: v.array(v.strictObject({ op: operationSchema, path: v.string(), value: v.optional(v.unknown()) })),
    })),
    [],
  ),
});

/** One document of a case file: an object, and what the policy says of it. */
export type PolicyCase = v.InferOutput<typeof caseSchema>;

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
    const result = v.safeParse(caseSchema, document.toJS());
    if (result.success) return result.output;
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? "case"}: ${issue.message}`);
    throw new Error(`${source}: document ${index + 1}: ${issues.join("; ")}`);
  });
}
