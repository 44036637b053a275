import * as v from "valibot";
import type { Policy } from "./contract.ts";

const snakeCase = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/, "accepted: snake_case"));
/** In the stages of an environment `default` is another thing. */
const policyName = v.pipe(snakeCase, v.notValue("default", "accepted: any other name"));
const sentence = v.pipe(v.string(), v.nonEmpty("accepted: a text"));
const isFunction = v.custom<(...args: never[]) => unknown>(
  (value) => typeof value === "function",
  "accepted: a function",
);

const operation = v.picklist(["CREATE", "UPDATE", "DELETE", "CONNECT"]);

const patchOperation = v.strictObject({
  op: v.picklist(["add", "replace", "remove"]),
  path: v.string(),
  value: v.optional(v.unknown()),
});

/** A case as its author writes it: in a module, or in a file of policies/<name>/cases. */
export const policyCase = v.strictObject({
  name: sentence,
  options: v.optional(v.unknown()),
  operation: v.optional(operation),
  subresource: v.optional(v.string()),
  oldObject: v.optional(v.unknown()),
  object: v.optional(v.unknown()),
  violations: v.array(v.string()),
  patches: v.optional(
    v.array(v.strictObject({
      rule: v.string(),
      container: v.optional(v.string()),
      operations: v.array(patchOperation),
    })),
  ),
});

const shape = v.pipe(
  v.strictObject({
    name: policyName,
    metadata: v.strictObject({
      title: sentence,
      description: sentence,
      severity: v.picklist(["low", "medium", "high", "critical"]),
      controls: v.array(v.string()),
      remediation: sentence,
      supersedes: v.optional(
        v.array(v.pipe(v.string(), v.regex(/^[a-z0-9_]+(\/[a-z0-9_]+)?$/, "accepted: policy or policy/rule"))),
      ),
    }),
    match: v.pipe(
      v.array(v.strictObject({
        group: v.string(),
        kinds: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty("accepted: at least one kind")),
        operations: v.optional(v.array(operation)),
        subresources: v.optional(v.array(v.string())),
      })),
      v.nonEmpty("accepted: at least one match"),
    ),
    rules: v.array(snakeCase),
    options: v.optional(v.looseObject({ kind: v.literal("schema", "accepted: a schema made with kit.v") })),
    judges: v.optional(v.strictObject({
      annotations: v.optional(v.array(v.pipe(v.string(), v.nonEmpty()))),
      fields: v.optional(v.array(v.pipe(v.string(), v.regex(/^(\/([^~]|~[01])*)+$/, "accepted: JSON Pointers")))),
    })),
    cases: v.optional(v.array(policyCase)),
    members: v.optional(
      v.union(
        [v.array(v.strictObject({ name: policyName, remediation: v.optional(v.string()) })), v.literal("any")],
        "accepted: a list of { name, remediation? }, or any",
      ),
    ),
    selfStaged: v.optional(
      v.strictObject({
        validate: v.picklist(["off", "monitor", "warn", "deny"]),
        mutate: v.picklist(["off", "dryrun", "patch"]),
      }),
    ),
    refuses: v.optional(v.boolean()),
    validate: v.optional(isFunction),
    mutate: v.optional(isFunction),
  }),
  v.check(
    ({ validate, mutate }) => Boolean(validate ?? mutate),
    "found neither validate nor mutate, accepted: one or both",
  ),
  v.check(
    ({ rules, members, selfStaged }) => rules.length > 0 || Boolean(members ?? selfStaged),
    "found no rules, accepted: at least one, but for policies with members or selfStaged",
  ),
);

/** What is wrong with a value that should be a policy, one text per fault; none when it is one. */
export function policyFaults(value: unknown): string[] {
  const result = v.safeParse(shape, value);
  if (result.success) return [];
  return result.issues.map((issue) => {
    const path = v.getDotPath(issue) ?? "the policy";
    if (issue.type === "check") return issue.message;
    const accepted = issue.message.startsWith("accepted:") ? issue.message : `accepted: ${issue.expected ?? "nothing"}`;
    return `${path}: found ${issue.received}, ${accepted}`;
  });
}

/** The options as the policy's schema has them; what is wrong with them as issues with paths below `options`. */
export function readOptions(policy: Policy, options: unknown): v.SafeParseResult<v.GenericSchema> {
  return v.safeParse((policy.options as v.GenericSchema | undefined) ?? NO_OPTIONS, options);
}

const NO_OPTIONS = v.optional(v.strictObject({}));
