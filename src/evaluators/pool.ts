import type { Endpoint } from "../core/decision.ts";
import type { Engine, Settings } from "../core/engine.ts";
import type { PolicyEntry, ResolvedPolicies } from "../policy_resolver.ts";
import type { CasesByPolicy } from "../self_test.ts";
import { evaluateFailed } from "./evaluation.ts";
import type { Evaluation, Evaluator } from "./evaluator.ts";
import { Fleet, type FleetEvent, type FleetOptions } from "./fleet.ts";
import { Job } from "./job.ts";
import type { Begun } from "./process.ts";
import { Quarantine } from "./quarantine.ts";
import { structured } from "./structured.ts";
import type { Worker } from "./worker.ts";

export interface PoolOptions extends Pick<FleetOptions, "commandFor"> {
  /** Processes that evaluate at a time; one more stands by. */
  readonly count: number;
  /** Resident MiB above which one is replaced. */
  readonly memory: number;
  readonly quarantineAfter: number;
  readonly windowSeconds: number;
  /** The place of an entry in the config -> the longest that one evaluation of it may take, in seconds. */
  readonly timeouts: ReadonlyMap<number, number>;
  readonly tell: (event: PoolEvent, fields: Record<string, unknown>) => void;
}

export type PoolEvent = FleetEvent | "evaluator_ended" | "policy_quarantined" | "request_retried";

/** How often the pool looks at what is under way, in ms. */
const TICK_MS = 5;
/** After this, a review may take long: the process that stands by steps in for its own. */
const SLOW_MS = 20;
/** After this, its process lets all others go first. */
const YIELDS_MS = 50;
/** A process is not ended for a review that has had less than this: the review came late to it. */
const LEAST_MS = 250;
/** Reviews that a process is given at a time: the next is there when one is done, and many cross in one write. */
const DEPTH = 8;
/** With less time than this left, another try would only be late. */
const LEAST_FOR_RETRY_MS = 20;
/** A process may end for another's fault; a review that so many ended with is at fault itself. */
const MOST_LOSSES = 2;
const MEMORY_EVERY_MS = 500;
const MIB = 1024 * 1024;

/**
 * Evaluates in processes of their own, all with the same policies. Whatever a policy does, a review is answered by its
 * deadline: the process that does not get on is ended, and another takes its place.
 */
export class EvaluatorPool implements Evaluator {
  readonly #options: PoolOptions;
  readonly #fleet: Fleet;
  readonly #queue: Job[] = [];
  readonly #quarantine: Quarantine;
  #engine: Engine | null = null;
  #settings: Settings | null = null;
  /** Longest evaluation by policy, in ms. */
  readonly #timeouts = new Map<string, number>();
  #watch: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;
  #memoryAt = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { count, memory, commandFor, tell, quarantineAfter, windowSeconds } = options;
    this.#quarantine = new Quarantine({ after: quarantineAfter, windowMs: windowSeconds * 1000 });
    this.#fleet = new Fleet({
      ...{ count, memory, commandFor, tell },
      onReady: () => this.#dispatch(),
      onEnded: (worker, how) => this.#ended(worker, how),
    });
  }

  /** Policies that are not asked any more, and why. */
  get quarantined(): ReadonlyMap<string, string> {
    return this.#quarantine.reasons;
  }

  /** Starts the processes, and has the policies built in them. Throws where any does not come up. */
  async load(entries: readonly PolicyEntry[]): Promise<ResolvedPolicies> {
    const { timeouts } = this.#options;
    const mayHang = (entry: number) => entries[entry].source.kind !== "shipped" || timeouts.has(entry);
    const resolved = await this.#fleet.load(entries, [...entries.keys()].filter(mayHang));
    for (const { entry, policy } of resolved.policies) {
      const seconds = timeouts.get(entry);
      if (seconds !== undefined) this.#timeouts.set(policy.name, seconds * 1000);
    }
    return resolved;
  }

  /** What counts of the config from now on: for reviews that are given later. `engine` has the policies without code. */
  async use(engine: Engine, settings: Settings): Promise<void> {
    this.#engine = engine;
    this.#settings = settings;
    await this.#push();
  }

  /** What is wrong with the policies, by their own cases. Throws where it cannot be said. */
  async test(shipped: CasesByPolicy): Promise<string[]> {
    const faults = await this.#fleet.test({ kind: "test", shipped });
    this.#fleet.balance();
    return faults;
  }

  evaluate(body: Uint8Array, endpoint: Endpoint, deadline: number): Promise<Evaluation> {
    return new Promise((resolve) => {
      this.#queue.push(new Job(body, endpoint, { deadline, resolve }));
      this.#dispatch();
      this.#watch ??= setInterval(() => this.#look(), TICK_MS);
    });
  }

  /** Ends it when what it was given is answered. It is given no more. */
  async close(): Promise<void> {
    while (this.#owes()) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    clearInterval(this.#watch);
    this.#watch = undefined;
    await this.#fleet.close();
  }

  #owes(): boolean {
    return this.#queue.length > 0 ||
      [...this.#fleet.workers].some(({ jobs }) => jobs.some(({ isSettled }) => !isSettled));
  }

  #push(): Promise<void> {
    const quarantined = structured(this.#quarantine.reasons);
    return this.#fleet.use({ kind: "use", settings: structured(this.#settings), quarantined });
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = freest(this.#fleet.active);
      if (!worker) return;
      const job = this.#queue.shift()!;
      if (!job.isSettled) void this.#give(job, worker);
    }
  }

  /** They go before what came later. */
  #wait(jobs: readonly Job[]): void {
    for (const job of jobs) job.owner = null;
    this.#queue.unshift(...jobs);
  }

  async #give(job: Job, worker: Worker): Promise<void> {
    const evaluation = await worker.review(job).catch(() => null);
    if (evaluation === null) return; // its end is seen to in #ended
    job.settle(evaluation);
    worker.isSlow = false;
    if (worker.isRetiring) this.#fleet.retire(worker);
    else if (this.#fleet.workers.size > this.#options.count + 1) this.#fleet.balance();
    this.#dispatch();
  }

  #look(): void {
    const now = performance.now();
    // When this process itself was kept waiting, answers may be here that were not read yet.
    const isLate = now - this.#lookedAt > SLOW_MS;
    this.#lookedAt = now;
    for (const job of this.#queue.filter(({ deadline }) => deadline <= now)) this.#expire(job);
    if (!isLate) { for (const worker of this.#fleet.workers) this.#lookAt(worker, now); }
    if (now - this.#memoryAt > MEMORY_EVERY_MS) {
      this.#memoryAt = now;
      this.#fleet.recycle();
    }
    if (this.#queue.length > 0 || [...this.#fleet.workers].some(({ jobs }) => jobs.length > 0)) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #lookAt(worker: Worker, now: number): void {
    const { process, jobs } = worker;
    const [head] = jobs;
    if (!head || process.hasEnded) return;
    const { begun, headSince } = process;
    const ran = now - headSince;
    if (ran > SLOW_MS && head.owner !== worker) return this.#abandon(worker);
    if (ran > SLOW_MS && !worker.isSlow) this.#leave(worker);
    if (ran > YIELDS_MS && !worker.isRetiring) {
      process.yieldCpu();
      worker.isRetiring = true; // what it gave up it cannot take back
    }
    for (const job of jobs) {
      if (job.deadline <= now && job.owner === worker) this.#expire(job, job === head ? begun?.policy : undefined);
    }
    const cause = this.#causeToEnd(worker, head, now);
    if (cause === null) return;
    // Memory may be of reviews before this one, which is then tried again.
    worker.culprit = begun?.policy ?? (head.isSettled ? "*" : null);
    if (begun) this.#blame(head, begun.policy, cause);
    process.kill(cause);
  }

  /** It is at a review that another was given since: nobody waits for it. */
  #abandon(worker: Worker): void {
    worker.isRetiring = true;
    worker.process.kill("it is not needed any more");
  }

  #causeToEnd({ process, isSlow }: Worker, job: Job, now: number): string | null {
    const { begun, headSince } = process;
    const { memory } = this.#options;
    if (begun && now - begun.since > this.#longest(begun, job)) {
      return `it did not answer within ${((now - begun.since) / 1000).toFixed(2)} s`;
    }
    if (isSlow && (process.residentBytes() ?? 0) > memory * MIB) return `it took more than ${memory} MiB`;
    return job.isSettled && now - headSince > LEAST_MS ? "it did not answer in time" : null;
  }

  /** Time is left to evaluate without it. */
  #longest({ policy, since }: Begun, { deadline }: Job): number {
    return Math.min(this.#timeouts.get(policy) ?? Infinity, Math.max((deadline - since) / 2, LEAST_MS / 2));
  }

  /** It may be at this review for long: what waits behind goes elsewhere, and another steps in. */
  #leave(worker: Worker): void {
    worker.isSlow = true;
    this.#wait(worker.jobs.slice(1).filter(({ owner }) => owner === worker));
    this.#fleet.balance();
    this.#dispatch();
  }

  #blame(job: Job, policy: string, cause: string): void {
    job.without[policy] = cause;
    if (!this.#quarantine.note(policy, performance.now())) return;
    this.#options.tell("policy_quarantined", { policy, cause: this.#quarantine.reasons.get(policy) });
    void this.#push();
  }

  #ended(worker: Worker, how: string): void {
    const { culprit, isRetiring, process: { begun, lastWords } } = worker;
    const [head, ...behind] = worker.jobs.splice(0);
    if (culprit !== null || !isRetiring) {
      const words = culprit === null && lastWords !== "" ? { last_words: lastWords } : {};
      this.#options.tell("evaluator_ended", { cause: how, policy: culprit ?? begun?.policy ?? null, ...words });
    }
    const isIts = (job: Job) => job.owner === worker && !job.isSettled;
    this.#wait(behind.filter(isIts));
    if (head && isIts(head)) this.#again(head, { culprit, begun });
    this.#fleet.balance();
    this.#dispatch();
  }

  /** A review that was lost is tried again: without what stood in its way, or as it is, so many times. */
  #again(job: Job, { culprit, begun }: { culprit: string | null; begun: Begun | null }): void {
    const isLost = culprit === null && ++job.losses > MOST_LOSSES;
    if (isLost && begun) this.#blame(job, begun.policy, "the evaluator ended while it ran");
    const left = job.deadline - performance.now();
    if (culprit === "*" || (isLost && !begun) || left < LEAST_FOR_RETRY_MS) return this.#expire(job, begun?.policy);
    this.#options.tell("request_retried", {});
    this.#wait([job]);
  }

  /** Answers for evaluators that did not. */
  #expire(job: Job, policy?: string): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    if (job.isSettled) return;
    const cause = new Error(policy === undefined ? "no evaluator answered in time" : "it did not answer in time");
    job.settle(evaluateFailed(job.body, job.endpoint, { engine: this.#engine!, cause, policy }));
  }
}

/** The worker with the least to do that may be given more. */
function freest(workers: readonly Worker[]): Worker | undefined {
  let found: Worker | undefined;
  for (const worker of workers) {
    if (worker.jobs.length < (found?.jobs.length ?? DEPTH)) found = worker;
  }
  return found;
}
