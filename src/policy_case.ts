import * as v from "valibot";
import type { AdmissionRequest, Change, Finding, Policy, PolicyCase } from "./contract.ts";
import type { Failure } from "./core/decision.ts";
import { type Engine, engineOf, type Stage } from "./core/engine.ts";
import { deepEqual } from "./core/equal.ts";
import { isFields } from "./core/malformed.ts";
import { matching } from "./core/match.ts";
import { mutate, scopeOf } from "./core/mutate.ts";
import { templateOf } from "./core/pods.ts";
import { review } from "./core/review.ts";
import { subjectOf } from "./core/subject.ts";
import { causeOf } from "./core/text.ts";
import { readOptions } from "./policy_shape.ts";

export interface CaseOutcome {
  readonly findings: readonly Finding[];
  readonly changes: readonly Change[];
  readonly failures: readonly Failure[];
}

/** What is wrong with what the core makes of a case with this policy alone; null where it is as the case says. */
export function caseFault(policy: Policy, example: PolicyCase): string | null {
  try {
    const { findings, changes, failures } = caseOutcome(policy, example);
    const [failure] = failures;
    if (failure) return `found ${causeOf(failure.cause)}`;
    const violations = findings.map(({ rule, message }) => `${rule}: ${message}`);
    const differing = differenceOf("violations", violations.toSorted(), example.violations.toSorted());
    return differing ?? differenceOf("patches", changes, example.patches ?? []);
  } catch (error) {
    return `found ${causeOf(error)}`;
  }
}

function differenceOf(what: string, found: readonly unknown[], accepted: readonly unknown[]): string | null {
  if (deepEqual(found, accepted)) return null;
  return `found the ${what} ${JSON.stringify(found)}, accepted ${JSON.stringify(accepted)}`;
}

/** What the core makes of a case with this policy alone, at stages that leave nothing out. Throws for its options. */
export function caseOutcome(policy: Policy, example: PolicyCase): CaseOutcome {
  const request = requestOf(example);
  const { violations, failures } = review(request, "validating", engineFor(policy, example, "off"));
  const { changes, failures: more } = changesOf(request, engineFor(policy, example, "patch"));
  return { findings: violations, changes, failures: [...failures, ...more] };
}

/** What the policy wants changed, without the parents that the core created; of a template, on its scratch copy. */
function changesOf(request: AdmissionRequest, engine: Engine): Pick<CaseOutcome, "changes" | "failures"> {
  const policies = matching(request, engine.policies);
  const subject = subjectOf(request);
  const template = templateOf(request.kind);
  const scope = template === null ? scopeOf(subject) : new Set([template]);
  if (policies.length === 0 || scope === null) return { changes: [], failures: [] };
  const { patches, failures } = mutate(subject, policies, { engine, scope, stages: ["patch"] });
  const changes = patches.map(({ rule, container, operations }) => ({
    rule,
    ...(container !== undefined && { container }),
    operations: operations.filter(({ path }, i) =>
      !operations.slice(i + 1).some((later) => later.path.startsWith(`${path}/`))
    ),
  }));
  return { changes, failures };
}

function engineFor(policy: Policy, { options: written }: PolicyCase, mutate: Stage["mutate"]): Engine {
  const options = readOptions(policy, written);
  if (!options.success) throw new v.ValiError(options.issues);
  const settings = { stage: { validate: "deny", mutate } as const, namespaces: new Map() };
  return engineOf([{ policy, options: options.output }], {
    revision: "",
    environment: "",
    policies: new Map([[policy.name, settings]]),
    allowlist: new Map(),
    injectedContainers: new Set(),
    breakglass: { users: new Set(), groups: new Set(), usernamePrefixes: [] },
    critical: [],
    failure: { validate: "closed", mutate: "closed", namespaces: new Map() },
  });
}

/** The request an API server sends for the case's object. */
function requestOf({ object, oldObject, operation = "CREATE", subresource }: PolicyCase): AdmissionRequest {
  const { apiVersion = "v1", kind = "Pod", metadata } = [object, oldObject].find(isFields) ?? {};
  const [version, group = ""] = String(apiVersion).split("/").reverse();
  const { name, namespace } = isFields(metadata) ? metadata : {};
  return {
    uid: "00000000-0000-4000-8000-000000000000",
    kind: { group, version, kind: String(kind) },
    resource: { group, version, resource: `${String(kind).toLowerCase()}s` },
    ...(subresource && { subResource: subresource }),
    ...(typeof name === "string" && { name }),
    ...(typeof namespace === "string" && { namespace }),
    operation,
    object: structuredCopy(object),
    oldObject: structuredCopy(oldObject),
  };
}

/** A review freezes its objects: a case may be tried again. */
function structuredCopy(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
