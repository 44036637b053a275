import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { resultOf } from "../core/decision.ts";
import type { LoadedPolicy } from "../core/engine.ts";
import type { Summary } from "../evaluators/evaluator.ts";

export type HttpRefusal = "400" | "404" | "405" | "413" | "415";

/** Every counter of `kp serve`. Label values are fixed sets: no object, namespace, user or message ever is one. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts one answered review. */
  record(summary: Summary, seconds: number): void;
  /** Counts one request that was not an AdmissionReview. */
  refuse(status: HttpRefusal): void;
  /** Shows the policy set that is in use from now on. */
  use(set: PolicySet): void;
  /** Shows that another one was to be used and could not be. */
  refuseSet(): void;
  /** Counts a bundle that could not be asked for. */
  loseBundle(): void;
}

export interface PolicySet {
  readonly revision: string;
  readonly environment: string;
  readonly policies: readonly LoadedPolicy[];
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `set` is the one that is in use from the start. */
export function createMetrics(set: PolicySet): Metrics {
  const { environment } = set;
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const requests = counter("kube_policies_requests_total", "Answered AdmissionReviews", [
    "endpoint",
    "result",
    "dry_run",
  ]);
  const refused = counter("kube_policies_refused_requests_total", "Requests that were no AdmissionReview", ["code"]);
  const violations = counter("kube_policies_violations_total", "Violations by what became of them", [
    "policy",
    "stage",
    "environment",
  ]);
  const patches = counter("kube_policies_patches_total", "Changes that mutating rules wanted", [
    "policy",
    "stage",
    "environment",
  ]);
  const failures = counter("kube_policies_failures_total", "Policies that could not be evaluated", [
    "policy",
    "environment",
  ]);
  const duration = new Histogram({
    name: "kube_policies_request_duration_seconds",
    help: "Time from the whole body received to the answer written",
    labelNames: ["endpoint"],
    buckets: BUCKETS,
    registers,
  });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const info = gauge("kube_policies_policy_set_info", "The loaded policy set; always 1", ["revision", "environment"]);
  const loaded = gauge("kube_policies_policies", "Loaded policies");
  const current = gauge("kube_policies_policy_set_current", "Whether the last policy set that was to be used is used");
  const lost = counter("kube_policies_bundle_fetch_failures_total", "Bundles that could not be asked for", []);
  let names = new Set<string>();
  const use = ({ revision, policies }: PolicySet) => {
    info.reset();
    info.set({ revision, environment }, 1);
    loaded.set(policies.length);
    current.set(1);
    names = new Set(policies.flatMap(({ policy, members }) => [policy.name, ...members?.named.keys() ?? []]));
  };
  use(set);
  /** What a bundle reports under may be anything. */
  const labelOf = (policy: string) => names.has(policy) ? policy : "other";
  return {
    registry,
    record({ decision, dryRun }, seconds) {
      const { endpoint } = decision;
      requests.inc({ endpoint, result: resultOf(decision), dry_run: String(dryRun) });
      duration.observe({ endpoint }, seconds);
      for (const { policy, outcome } of decision.violations) {
        violations.inc({ policy: labelOf(policy), stage: STAGES[outcome], environment });
      }
      for (const { policy, outcome } of decision.patches) {
        patches.inc({ policy: labelOf(policy), stage: STAGES[outcome], environment });
      }
      for (const { policy } of decision.failures) failures.inc({ policy, environment });
    },
    refuse: (code) => refused.inc({ code }),
    use,
    refuseSet: () => current.set(0),
    loseBundle: () => lost.inc(),
  };
}

const STAGES = {
  denied: "deny",
  warned: "warn",
  monitored: "monitor",
  excused: "excused",
  patched: "patch",
  dryrun: "dryrun",
} as const;
