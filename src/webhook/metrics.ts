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
}

export interface PolicySet {
  readonly revision: string;
  readonly environment: string;
  readonly policies: readonly LoadedPolicy[];
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics({ revision, environment, policies }: PolicySet): Metrics {
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
  new Gauge({
    name: "kube_policies_policy_set_info",
    help: "The loaded policy set; always 1",
    labelNames: ["revision", "environment"],
    registers,
  }).set({ revision, environment }, 1);
  new Gauge({ name: "kube_policies_policies", help: "Loaded policies", registers }).set(policies.length);
  return {
    registry,
    record({ decision, dryRun }, seconds) {
      const { endpoint } = decision;
      requests.inc({ endpoint, result: resultOf(decision), dry_run: String(dryRun) });
      duration.observe({ endpoint }, seconds);
      for (const { policy, outcome } of decision.violations) {
        violations.inc({ policy, stage: STAGES[outcome], environment });
      }
      for (const { policy, outcome } of decision.patches) patches.inc({ policy, stage: STAGES[outcome], environment });
      for (const { policy } of decision.failures) failures.inc({ policy, environment });
    },
    refuse(code) {
      refused.inc({ code });
    },
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
