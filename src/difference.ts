import type { AdmissionResponse } from "./core/answer.ts";
import { deepEqual } from "./core/equal.ts";
import { isFields } from "./core/malformed.ts";

/** One field of an AdmissionResponse that a replay answers otherwise than was recorded. */
export interface Difference {
  /** `allowed`, `status.message`, `auditAnnotations.denied`, ... */
  readonly field: string;
  readonly recorded: unknown;
  readonly now: unknown;
}

/** Says which policies decided, not what: it differs whenever any policy does. */
const NOT_COMPARED = new Set(["auditAnnotations.policy_revision"]);

/** Where a recorded response and today's differ. Annotations count only where the record has any. */
export function differencesOf(recorded: unknown, now: AdmissionResponse): Difference[] {
  const before = comparable(isFields(recorded) ? recorded : {});
  const after = comparable({ ...now });
  const annotated = isFields(recorded) && isFields(recorded.auditAnnotations);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => !NOT_COMPARED.has(field) && (annotated || !field.startsWith("auditAnnotations.")))
    .filter((field) => !deepEqual(before.get(field), after.get(field)))
    .map((field) => ({ field, recorded: before.get(field) ?? null, now: after.get(field) ?? null }));
}

function comparable({ allowed, status, warnings, patch, auditAnnotations }: Readonly<Record<string, unknown>>) {
  const denial = allowed !== true && isFields(status) ? status : {};
  const entries: [string, unknown][] = [
    ["allowed", allowed === true],
    ["status.code", denial.code],
    ["status.message", denial.message],
    ["warnings", Array.isArray(warnings) && warnings.length > 0 ? warnings : undefined],
    ["patch", operationsOf(patch)],
    ...Object.entries(isFields(auditAnnotations) ? auditAnnotations : {})
      .map(([key, value]) => [`auditAnnotations.${key}`, value] as [string, unknown]),
  ];
  return new Map(entries.filter(([, value]) => value !== undefined));
}

/** The operations in a response's `patch`; the text itself where it is no base64 of JSON. */
function operationsOf(patch: unknown): unknown {
  if (typeof patch !== "string" || patch === "") return undefined;
  try {
    const bytes = Uint8Array.from(atob(patch), (char) => char.charCodeAt(0));
    const operations = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(operations) && operations.length === 0 ? undefined : operations;
  } catch {
    return patch;
  }
}
