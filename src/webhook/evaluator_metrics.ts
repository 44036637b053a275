import { Counter, Gauge, type Registry } from "prom-client";
import type { PoolEvent } from "../evaluators/pool.ts";
import type { Log } from "../log.ts";
import type { CurrentSet } from "./policy_sets.ts";

const COUNTED = {
  evaluator_ended: ["kube_policies_evaluators_ended_total", "Evaluators that ended, or were ended, while in use"],
  evaluator_not_started: ["kube_policies_evaluator_start_failures_total", "Evaluators that did not come up"],
  evaluator_recycled: ["kube_policies_evaluators_recycled_total", "Evaluators replaced for the memory they held"],
  request_retried: ["kube_policies_requests_retried_total", "Reviews given to another evaluator after theirs ended"],
  policy_quarantined: [
    "kube_policies_quarantines_total",
    "Policies that are not asked any more since evaluators ended for them",
  ],
} as const;

/** Counts and logs what becomes of evaluators. */
export function evaluatorEvents(
  registry: Registry,
  log: Log,
): (event: PoolEvent, fields: Record<string, unknown>) => void {
  const registers = [registry];
  const counters = Object.fromEntries(
    Object.entries(COUNTED).map(([event, [name, help]]) => [event, new Counter({ name, help, registers })]),
  );
  return (event, fields) => {
    counters[event].inc();
    if (event !== "request_retried") log(event, fields);
  };
}

/** Shows the policies that are not asked at the time. */
export function showQuarantined(registry: Registry, current: CurrentSet): void {
  new Gauge({
    name: "kube_policies_policy_quarantined",
    help: "Policies that are not asked any more: their failure mode answers; always 1",
    labelNames: ["policy"],
    registers: [registry],
    collect() {
      this.reset();
      for (const policy of current.set.quarantined.keys()) this.set({ policy }, 1);
    },
  });
}
