import type { Endpoint } from "../core/decision.ts";
import type { Engine, Settings } from "../core/engine.ts";
import { causeOf } from "../core/text.ts";
import type { PolicyEntry, ResolvedPolicies } from "../policy_resolver.ts";
import { evaluateFailed } from "./evaluation.ts";
import type { Evaluation, Evaluator } from "./evaluator.ts";
import type { Frame } from "./frames.ts";
import { Job } from "./job.ts";
import type { Question, Reply } from "./protocol.ts";
import { Quarantine } from "./quarantine.ts";
import { structured } from "./structured.ts";
import { type LoadQuestion, loadQuestion, resolvedFrom } from "./wire_policies.ts";
import { Worker } from "./worker.ts";

export interface PoolOptions {
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

export type PoolEvent =
  | "evaluator_ended"
  | "evaluator_not_started"
  | "evaluator_recycled"
  | "policy_quarantined"
  | "request_retried";

/** A loop of the pool's watch, in ms. */
const TICK = 5;
/** After this, a review is given no company: what was queued behind it goes elsewhere, and the one standing by steps in. */
const SLOW_MS = 25;
/** After this, its process lets all others go first. */
const YIELDS_MS = 100;
/** A process is not ended for a review that has had less than this: it came late. */
const LEAST_MS = 250;
/** With less time than this left, another try would only be late. */
const LEAST_FOR_RETRY_MS = 20;
/** Reviews that a process is given at a time: the next is there when one is done. */
const DEPTH = 4;
const LOAD_TIMEOUT_MS = 30_000;
const MEMORY_EVERY_MS = 5_000;
const MIB = 1024 * 1024;

/**
 * Evaluates in processes of their own, all with the same policies. Whatever a policy does, a review is answered by its
 * deadline: the process that does not get on is ended, and another takes its place.
 */
export class EvaluatorPool implements Evaluator {
  readonly #options: PoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #queue: Job[] = [];
  readonly #quarantine: Quarantine;
  #load: LoadQuestion | null = null;
  #rego = false;
  #use: (Question & { kind: "use" }) | null = null;
  #engine: Engine | null = null;
  #settings: Settings | null = null;
  /** Longest evaluation by policy, in ms. */
  #timeouts = new Map<string, number>();
  #watch: ReturnType<typeof setInterval> | undefined;
  #lastTick = 0;
  #memoryAt = 0;
  #failedStarts = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#quarantine = new Quarantine({ after: options.quarantineAfter, windowMs: options.windowSeconds * 1000 });
  }

  get quarantined(): ReadonlyMap<string, string> {
    return this.#quarantine.reasons;
  }

  /** Starts the processes, and has the policies built in them. Throws where none comes up. */
  async load(entries: readonly PolicyEntry[]): Promise<ResolvedPolicies> {
    const { count, timeouts } = this.#options;
    const isTrusted = ({ source }: PolicyEntry) => source.kind === "shipped";
    const announced = [...entries.keys()].filter((index) => !isTrusted(entries[index]) || timeouts.has(index));
    this.#load = loadQuestion(entries, announced);
    this.#rego = entries.some(({ source }) => source.kind === "bundle");
    const starting = Array.from({ length: count }, () => this.#spawn());
    const [first] = await Promise.all(starting.map((worker) => worker.load(this.#load!, LOAD_TIMEOUT_MS)))
      .catch((error) => {
        const words = starting.map(({ process }) => process.lastWords).find(Boolean);
        throw new Error(`Cannot start the evaluators: ${causeOf(error)}${words ? ` (${words})` : ""}`);
      });
    return resolvedFrom(first);
  }

  /** What counts of the config from now on: of reviews that are given later. `engine` is the front's, without code. */
  async use(engine: Engine, settings: Settings, resolved?: ResolvedPolicies): Promise<void> {
    this.#engine = engine;
    this.#settings = settings;
    for (const { entry, policy } of resolved?.policies ?? []) {
      const seconds = this.#options.timeouts.get(entry);
      if (seconds !== undefined) this.#timeouts.set(policy.name, seconds * 1000);
    }
    await this.#push();
    this.#balance();
  }

  evaluate(body: Uint8Array, endpoint: Endpoint, deadline: number): Promise<Evaluation> {
    return new Promise((resolve) => {
      this.#queue.push(new Job(body, endpoint, { deadline, resolve }));
      this.#dispatch();
      this.#watch ??= setInterval(() => this.#tick(), TICK);
    });
  }

  /** Ends it when what it was given is answered. It is given no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    const idle = () =>
      this.#queue.length === 0 && [...this.#workers].every(({ jobs }) => jobs.every((job) => job.isSettled));
    while (!idle()) await new Promise((resolve) => setTimeout(resolve, TICK));
    clearInterval(this.#watch);
    this.#watch = undefined;
    await Promise.all([...this.#workers].map(({ process }) => {
      process.kill("it is not needed any more");
      return process.ended;
    }));
  }

  #push(): Promise<unknown> {
    this.#use = {
      kind: "use",
      settings: structured(this.#settings),
      quarantined: structured(this.#quarantine.reasons),
    };
    const loaded = [...this.#workers].filter(({ process }) => !process.hasEnded);
    return Promise.all(loaded.map(async (worker) => {
      await worker.use(this.#use!).catch(() => {}); // its end is seen to where it is noticed
      worker.isReady = !worker.process.hasEnded;
    }));
  }

  #spawn(): Worker {
    const worker = new Worker({ rego: this.#rego, memory: this.#options.memory });
    this.#workers.add(worker);
    void worker.process.ended.then((how) => this.#ended(worker, how));
    return worker;
  }

  /** As many as there should be, and one that stands by. */
  #balance(): void {
    if (this.#isClosed || this.#engine === null) return;
    const needed = this.#options.count + 1;
    const workers = [...this.#workers];
    const useful = workers.filter((worker) => worker.takesJobs || (!worker.isReady && !worker.process.hasEnded));
    const room = 3 * needed - workers.length;
    for (let i = useful.length; i < needed && i - useful.length < room; i++) void this.#replace();
    for (const worker of useful.slice(needed)) if (worker.jobs.length === 0) this.#retire(worker);
  }

  async #replace(): Promise<void> {
    if (this.#restart !== undefined) return;
    const worker = this.#spawn();
    try {
      await worker.load(this.#load!, LOAD_TIMEOUT_MS);
      let used;
      do await worker.use(used = this.#use!); while (used !== this.#use);
      worker.isReady = true;
      this.#failedStarts = 0;
      this.#dispatch();
    } catch (error) {
      if (this.#isClosed) return;
      const wait = Math.min(100 * 2 ** this.#failedStarts++, 5_000);
      this.#options.tell("evaluator_not_started", { cause: causeOf(error), retry_ms: wait });
      this.#restart ??= setTimeout(() => {
        this.#restart = undefined;
        this.#balance();
      }, wait);
    }
  }

  #retire(worker: Worker): void {
    worker.isRetiring = true;
    if (worker.jobs.length === 0) worker.process.kill("it is not needed any more");
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#freest();
      if (!worker) return;
      const job = this.#queue.shift()!;
      if (!job.isSettled) void this.#give(job, worker);
    }
  }

  /** Of those that evaluate: the last one that is ready stands by. */
  #freest(): Worker | undefined {
    const active = [...this.#workers].filter(({ takesJobs }) => takesJobs).slice(0, this.#options.count);
    let freest: Worker | undefined;
    for (const worker of active) {
      if (worker.jobs.length < DEPTH && worker.jobs.length < (freest?.jobs.length ?? DEPTH)) freest = worker;
    }
    return freest;
  }

  async #give(job: Job, worker: Worker): Promise<void> {
    let frame: Frame<Reply>;
    try {
      frame = await worker.review(job);
    } catch {
      return; // its end is seen to where it is noticed
    }
    const { meta, body } = frame;
    if (meta.kind === "answer") job.settle({ success: true, answer: body, summary: meta.summary });
    else if (meta.kind === "refused") job.settle({ success: false, message: meta.message });
    if (worker.isSlow) this.#caughtUp(worker);
    if (worker.isRetiring) this.#retire(worker);
    this.#dispatch();
  }

  /** It got on after all. One that yields the processor cannot take that back. */
  #caughtUp(worker: Worker): void {
    if (worker.jobs.some(({ isSettled }) => !isSettled)) return;
    worker.isSlow = false;
    this.#balance();
  }

  #tick(): void {
    const now = performance.now();
    // When this process itself was kept waiting, answers may be here that were not read yet.
    const isLate = now - this.#lastTick > SLOW_MS;
    this.#lastTick = now;
    const isBusy = this.#queue.length > 0 || [...this.#workers].some(({ jobs }) => jobs.length > 0);
    if (!isBusy) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    for (const job of this.#queue.filter(({ deadline }) => deadline <= now)) this.#expire(job);
    if (!isLate) { for (const worker of this.#workers) this.#look(worker, now); }
    if (now - this.#memoryAt > MEMORY_EVERY_MS) this.#recycle(now);
  }

  #look(worker: Worker, now: number): void {
    const [head] = worker.jobs;
    if (!head || worker.process.hasEnded) return;
    const { begun, headSince } = worker.process;
    const ran = now - headSince;
    if (ran > SLOW_MS && !worker.isSlow) this.#slow(worker);
    if (ran > YIELDS_MS && !worker.isRetiring) this.#yield(worker);
    for (const job of worker.jobs) if (job.deadline <= now) this.#expire(job, begun?.policy);
    if (begun && now - begun.since > this.#longest(begun, head)) {
      const cause = `it did not answer within ${((now - begun.since) / 1000).toFixed(2)} s`;
      return this.#end(worker, { policy: begun.policy, cause });
    }
    const resident = worker.isSlow ? worker.process.residentBytes() : null;
    if (resident !== null && resident > this.#options.memory * MIB) {
      return this.#end(worker, { policy: begun?.policy, cause: `it took more than ${this.#options.memory} MiB` });
    }
    if (head.isSettled && ran > LEAST_MS) {
      this.#end(worker, { policy: begun?.policy, cause: "it did not answer in time" });
    }
  }

  /** Time is left to evaluate without it. */
  #longest({ policy, since }: { policy: string; since: number }, head: Job): number {
    const half = Math.max((head.deadline - since) / 2, LEAST_MS / 2);
    return Math.min(this.#timeouts.get(policy) ?? Infinity, half);
  }

  #slow(worker: Worker): void {
    worker.isSlow = true;
    this.#queue.unshift(...worker.jobs.slice(1).filter(({ isSettled }) => !isSettled));
    this.#balance();
    this.#dispatch();
  }

  #yield(worker: Worker): void {
    worker.process.yieldCpu();
    worker.isRetiring = true;
  }

  /** Ends a process for what its first review does to it. */
  #end(worker: Worker, { policy, cause }: { policy: string | undefined; cause: string }): void {
    worker.culprit = policy ?? "*";
    const [head] = worker.jobs;
    if (policy !== undefined) {
      head.without[policy] = cause;
      this.#blame(policy);
    }
    worker.process.kill(cause);
  }

  #blame(policy: string): void {
    if (!this.#quarantine.note(policy, performance.now())) return;
    this.#options.tell("policy_quarantined", { policy, cause: this.#quarantine.reasons.get(policy) });
    void this.#push();
  }

  #ended(worker: Worker, how: string): void {
    this.#workers.delete(worker);
    const jobs = worker.jobs.splice(0).filter(({ isSettled }) => !isSettled);
    if (this.#isClosed && jobs.length === 0) return;
    const { begun, lastWords } = worker.process;
    const policy = worker.culprit ?? begun?.policy ?? null;
    if (!worker.isRetiring || worker.culprit) {
      this.#options.tell("evaluator_ended", {
        cause: how,
        policy,
        ...(worker.culprit ? {} : { last_words: lastWords }),
      });
    }
    const [head, ...behind] = jobs;
    if (head && !this.#queue.includes(head)) this.#again(head, worker.culprit, begun?.policy);
    for (const job of behind.reverse()) if (!this.#queue.includes(job)) this.#queue.unshift(job);
    this.#balance();
    this.#dispatch();
  }

  /** A review that was lost is tried again: without what stood in its way, or once as it is. */
  #again(job: Job, culprit: string | null, begun: string | undefined): void {
    const known = culprit !== null && culprit !== "*";
    if (!known && ++job.losses > 1) {
      if (begun === undefined) return this.#expire(job);
      job.without[begun] = "the evaluator ended while it ran";
      this.#blame(begun);
    }
    const left = job.deadline - performance.now();
    if (culprit === "*" || left < LEAST_FOR_RETRY_MS) return this.#expire(job, begun);
    this.#options.tell("request_retried", { without: Object.keys(job.without) });
    this.#queue.unshift(job);
  }

  /** Answers for evaluators that did not. */
  #expire(job: Job, policy?: string): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    if (job.isSettled) return;
    const cause = new Error(policy === undefined ? "no evaluator answered in time" : "it did not answer in time");
    job.settle(evaluateFailed(job.body, job.endpoint, { engine: this.#engine!, cause, policy }));
  }

  #recycle(now: number): void {
    this.#memoryAt = now;
    for (const worker of this.#workers) {
      const resident = worker.takesJobs ? worker.process.residentBytes() : null;
      if (resident === null || resident <= this.#options.memory * MIB) continue;
      this.#options.tell("evaluator_recycled", { resident_mib: Math.round(resident / MIB) });
      this.#retire(worker);
      this.#balance();
    }
  }
}
