import type { Change, Finding, Policy } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";

/** A policy of a test: matches pods and templates, and reports what it is told to. */
export function policyOf(name: string, parts: Partial<Policy> & { supersedes?: string[] } = {}): Policy {
  const { supersedes, ...rest } = parts;
  return {
    name,
    metadata: {
      title: name,
      description: name,
      severity: "low",
      controls: [],
      remediation: `Mend ${name}.`,
      ...(supersedes && { supersedes }),
    },
    match: kit.pods,
    rules: [`deny_${name}`, `set_${name}`],
    ...rest,
  };
}

/** Always reports these messages under `deny_<name>`, of the container where one is given. */
export function reporting(name: string, messages: readonly (string | Partial<Finding>)[], parts: Partial<Policy> = {}) {
  const findings = messages.map((message) => ({
    rule: `deny_${name}`,
    ...(typeof message === "string" ? { message } : { message: "bad", ...message }),
  }));
  return policyOf(name, { validate: () => findings, ...parts });
}

/** Always wants these changes under `set_<name>`. */
export function changing(name: string, changes: readonly Partial<Change>[]): Policy {
  return policyOf(name, {
    mutate: () => changes.map((change) => ({ rule: `set_${name}`, operations: [], ...change })),
  });
}

export function throwing(name: string, thrown: unknown): Policy {
  const fail = () => {
    throw thrown;
  };
  return policyOf(name, { validate: fail, mutate: fail });
}
