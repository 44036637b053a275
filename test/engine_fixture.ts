import type { Policy, PolicyFactory } from "../src/contract.ts";
import type { Breakglass, CriticalEntry } from "../src/core/bypass.ts";
import type { Engine, FailureMode, LoadedPolicy, Stage } from "../src/core/engine.ts";
import { contextOf } from "../src/core/exempt.ts";
import { kit } from "../src/core/kit.ts";
import { indexPolicies } from "../src/core/match.ts";
import { readOptions } from "../src/policy_shape.ts";

/** A policy of a test's engine; what is left out is denied, patched and optionless. */
export interface TestPolicy {
  readonly policy: PolicyFactory | Policy;
  readonly options?: unknown;
  readonly stage?: Partial<Stage>;
  readonly namespaces?: Readonly<Record<string, Stage>>;
}

export interface TestEngine {
  readonly policies?: readonly TestPolicy[];
  /** `policy/namespace/container`; the id of each is `id:` and that. */
  readonly exceptions?: readonly string[];
  readonly injectedContainers?: readonly string[];
  readonly breakglass?: Partial<Record<keyof Breakglass, readonly string[]>>;
  readonly critical?: readonly CriticalEntry[];
  readonly failure?: { validate?: FailureMode; mutate?: FailureMode; namespaces?: Record<string, FailureMode> };
}

/** An engine for tests of the core, without config files. */
export function engineOf(options: TestEngine): Engine {
  const { policies = [], exceptions = [], injectedContainers = [], breakglass, critical = [], failure } = options;
  return {
    revision: "0123456789ab",
    policies: indexPolicies(policies.map(loaded)),
    allowlist: allowlistOf(exceptions),
    context: contextOf("prod", allowlistOf(exceptions)),
    injectedContainers: new Set(injectedContainers),
    breakglass: {
      users: new Set(breakglass?.users),
      groups: new Set(breakglass?.groups),
      usernamePrefixes: breakglass?.usernamePrefixes ?? [],
    },
    critical,
    failure: {
      validate: failure?.validate ?? "closed",
      mutate: failure?.mutate ?? "open",
      namespaces: new Map(Object.entries(failure?.namespaces ?? {})),
    },
  };
}

function loaded({ policy: given, options, stage, namespaces }: TestPolicy): LoadedPolicy {
  const policy = typeof given === "function" ? given(kit) : given;
  const read = readOptions(policy, options);
  if (!read.success) throw new Error(`Cannot build ${policy.name}: ${read.issues[0].message}`);
  return {
    policy,
    options: read.output,
    stage: { validate: "deny", mutate: "patch", ...stage },
    namespaces: new Map(Object.entries(namespaces ?? {})),
  };
}

function allowlistOf(exceptions: readonly string[]): Engine["allowlist"] {
  const allowlist = new Map<string, Map<string, Map<string, string>>>();
  for (const exception of exceptions) {
    const [policy, namespace, container] = exception.split("/");
    const namespaces = allowlist.get(policy) ?? new Map();
    allowlist.set(policy, namespaces);
    namespaces.set(namespace, (namespaces.get(namespace) ?? new Map()).set(container, `id:${exception}`));
  }
  return allowlist;
}
