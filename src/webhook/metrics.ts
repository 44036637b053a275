import { Counter, Gauge, Histogram, Registry } from "prom-client";
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
  /** Shows the policy set that is in use from now on, with its exceptions. */
  use(set: ShownSet): void;
  /** Shows that the exceptions in use are those of now. */
  useAllowlist(): void;
  /** Shows whether policies and exceptions are in use as they are written. */
  setCurrent(isCurrent: boolean): void;
  /** Counts a bundle that could not be asked for. */
  loseBundle(): void;
}

/** What of a policy set is shown. */
export interface ShownSet {
  readonly settings: { readonly revision: string; readonly environment: string };
  readonly policies: readonly LoadedPolicy[];
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  let environment = "";
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
  const current = gauge(
    "kube_policies_policy_set_current",
    "Whether policies and exceptions are in use as they are written",
  );
  const allowlist = gauge(
    "kube_policies_allowlist_loaded_timestamp_seconds",
    "When the exceptions in use were read, as seconds since 1970",
  );
  const lost = counter("kube_policies_bundle_fetch_failures_total", "Bundles that could not be asked for", []);
  let names = new Set<string>();
  const useAllowlist = () => allowlist.set(Date.now() / 1000);
  const use = ({ settings, policies }: ShownSet) => {
    const { revision } = settings;
    environment = settings.environment;
    useAllowlist();
    current.set(1);
    info.reset();
    info.set({ revision, environment }, 1);
    loaded.set(policies.length);
    names = new Set(policies.flatMap(({ policy, members }) => [policy.name, ...members?.named.keys() ?? []]));
  };
  /** What a bundle reports under may be anything. */
  const labelOf = (policy: string) => names.has(policy) ? policy : "other";
  return {
    registry,
    record(summary, seconds) {
      const { endpoint, result, dryRun } = summary;
      requests.inc({ endpoint, result, dry_run: String(dryRun) });
      duration.observe({ endpoint }, seconds);
      for (const { policy, outcome } of summary.violations) {
        violations.inc({ policy: labelOf(policy), stage: STAGES[outcome], environment });
      }
      for (const { policy, outcome } of summary.patches) {
        patches.inc({ policy: labelOf(policy), stage: STAGES[outcome], environment });
      }
      for (const { policy } of summary.failures) failures.inc({ policy, environment });
    },
    refuse: (code) => refused.inc({ code }),
    use,
    useAllowlist,
    setCurrent: (isCurrent) => current.set(Number(isCurrent)),
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
