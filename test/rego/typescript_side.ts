/** What the TypeScript policies that have a Rego counterpart say, in the words of the Rego entrypoints. */
import { shippedPolicies } from "../../policies/mod.ts";
import { platformPolicies } from "../../policies/platform.ts";
import type { AdmissionRequest, Change, Subject } from "../../src/contract.ts";
import type { Violation } from "../../src/core/decision.ts";
import type { Engine, LoadedPolicy } from "../../src/core/engine.ts";
import { excuseOf } from "../../src/core/exempt.ts";
import { Malformed } from "../../src/core/malformed.ts";
import { matching } from "../../src/core/match.ts";
import { scopeOf } from "../../src/core/mutate.ts";
import { ancestorsOf } from "../../src/core/patch.ts";
import { templateOf } from "../../src/core/pods.ts";
import { review } from "../../src/core/review.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { engineOf } from "../engine_fixture.ts";
import type { Allowlist } from "./platform_bundles.ts";
import { type SelfStaged, sorted, type Verdict } from "./verdicts.ts";

/** Every platform policy but image_registry, which judges nothing without options. */
export const POLICIES: readonly string[] = platformPolicies.filter((name) => name !== "image_registry");

/** As policies/rego/kube_policies/stages/stages.rego has them. */
const STAGES: Record<string, { validate: "monitor" | "warn" | "deny"; mutate: "dryrun" | "patch" | "off" }> = {
  host_ipc: { validate: "deny", mutate: "off" },
  host_network: { validate: "deny", mutate: "off" },
  host_pid: { validate: "deny", mutate: "off" },
  privilege_escalation: { validate: "deny", mutate: "patch" },
  run_as_root: { validate: "deny", mutate: "patch" },
  readonly_root_fs: { validate: "monitor", mutate: "dryrun" },
  capabilities: { validate: "warn", mutate: "patch" },
};

export function expected(request: AdmissionRequest): Verdict {
  const engine = engineFor({});
  return {
    violations: sorted(
      violationsOf(request, engine).map(({ policy, rule, message, container, path, remediation }) => (
        { policy, rule, message, container, path, remediation }
      )),
    ),
    patches: sorted(
      authoredChanges(request, engine).flatMap(({ policy, change: { rule, container, operations } }) =>
        operations.map((operation) => ({ policy, rule, container, ...operation }))
      ),
    ),
  };
}

export function expectedByStage(request: AdmissionRequest, allowlist: Allowlist): SelfStaged {
  const engine = engineFor(allowlist);
  const violations = violationsOf(request, engine);
  const changes = authoredChanges(request, engine);
  const messages = (outcome: Violation["outcome"]) =>
    sorted(
      violations.filter((violation) => violation.outcome === outcome)
        .map(({ rule, message }) => `${rule}: ${message}`),
    );
  const operations = (stage: "dryrun" | "patch") =>
    sorted(
      changes.filter(({ policy }) => STAGES[policy].mutate === stage).flatMap(({ change }) => change.operations),
    );
  return {
    ...{ monitor: messages("monitored"), warn: messages("warned"), deny: messages("denied") },
    ...{ dryrun: operations("dryrun"), patch: operations("patch") },
  };
}

function engineFor(allowlist: Allowlist): Engine {
  const exceptions = Object.entries(allowlist).flatMap(([policy, namespaces]) =>
    Object.entries(namespaces).flatMap(([namespace, containers]) =>
      Object.keys(containers).map((container) => `${policy}/${namespace}/${container}`)
    )
  );
  const policies = POLICIES.map((name) => (
    { policy: shippedPolicies[name], stage: { validate: STAGES[name].validate, mutate: "off" as const } }
  ));
  return engineOf({ policies, exceptions });
}

/** Without an `oldObject`, which would make what it also has monitored. */
function violationsOf(request: AdmissionRequest, engine: Engine): readonly Violation[] {
  const { violations, failures } = review({ ...request, oldObject: undefined }, "validating", engine);
  if (failures.length > 0) throw failures[0].cause;
  return violations;
}

interface Authored {
  readonly policy: string;
  readonly change: Change;
}

/** What no exception excuses. */
function authoredChanges(request: AdmissionRequest, engine: Engine): Authored[] {
  const subject = subjectOf(request);
  const template = templateOf(request.kind);
  const scope = template === null ? scopeOf(subject) : "all";
  if (scope === null) return [];
  return matching(request, engine.policies).flatMap((loaded) =>
    changesOf(loaded, subject).map((change) => ({ policy: loaded.policy.name, change }))
  ).filter(({ policy, change: { container, operations } }) =>
    excuseOf({ policy, container, subject }, engine) === null &&
    (scope === "all" || operations.every(({ path }) => ancestorsOf(path).some((ancestor) => scope.has(ancestor))))
  );
}

const CONTEXT = { environment: "test", allowlist: {} };

function changesOf({ policy, options }: LoadedPolicy, subject: Subject): readonly Change[] {
  try {
    return (policy.mutate?.(subject, options, CONTEXT) ?? []) as readonly Change[];
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}
