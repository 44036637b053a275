import { causeOf } from "../core/text.ts";
import { PluginError } from "../errors.ts";
import type { PolicyEntry, ResolvedPolicies } from "../policy_resolver.ts";
import { evaluatorCommand } from "./command.ts";
import type { Question } from "./protocol.ts";
import { type LoadQuestion, loadQuestion, resolvedFrom } from "./wire_policies.ts";
import { Worker } from "./worker.ts";

export interface FleetOptions {
  /** Workers that evaluate at a time; one more stands by. */
  readonly count: number;
  /** Resident MiB above which one is replaced. */
  readonly memory: number;
  /** How a process is started: default this executable. */
  readonly commandFor?: typeof evaluatorCommand;
  readonly tell: (event: FleetEvent, fields: Record<string, unknown>) => void;
  /** A worker has become ready. */
  readonly onReady: () => void;
  readonly onEnded: (worker: Worker, how: string) => void;
}

export type FleetEvent = "evaluator_not_started" | "evaluator_recycled";

const LOAD_TIMEOUT_MS = 30_000;
const TEST_TIMEOUT_MS = 10_000;
/** Of waiting before another start, after one that failed. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [100, 5_000];
/** Slow workers are kept until their reviews' deadlines: so many times as there should be, and no more. */
const MOST = 3;
/** Starts compete with each other: the first should be there soon. */
const AT_A_TIME = 2;
const MIB = 1024 * 1024;

/** The evaluator processes of one policy set: as many as there should be, whatever becomes of each. */
export class Fleet {
  readonly workers = new Set<Worker>();
  readonly #options: FleetOptions;
  #load: LoadQuestion | null = null;
  #rego = false;
  #use: Question & { kind: "use" } | null = null;
  #failedStarts = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that evaluate. The last one that is ready stands by. */
  get active(): Worker[] {
    return [...this.workers].filter(({ takesJobs }) => takesJobs).slice(0, this.#options.count);
  }

  /** Starts the workers, and has the policies built in them. Throws where any does not come up. */
  async load(entries: readonly PolicyEntry[], announced: readonly number[]): Promise<ResolvedPolicies> {
    this.#load = loadQuestion(entries, announced);
    this.#rego = entries.some(({ source }) => source.kind === "bundle");
    const starting = Array.from({ length: this.#options.count }, () => this.#spawn());
    try {
      const [first] = await Promise.all(starting.map((worker) => worker.load(this.#load!, LOAD_TIMEOUT_MS)));
      return resolvedFrom(first);
    } catch (error) {
      const words = starting.map(({ process }) => process.lastWords).find(Boolean);
      throw new PluginError("evaluators", `${causeOf(error)}${words ? ` (${words})` : ""}`);
    }
  }

  /** Gives every worker its settings, those that start later, too. */
  async use(question: Question & { kind: "use" }): Promise<void> {
    this.#use = question;
    const loaded = [...this.workers].filter(({ process }) => !process.hasEnded);
    await Promise.all(loaded.map(async (worker) => {
      await worker.use(question).catch(() => {}); // its end is told to onEnded
      worker.isReady = !worker.process.hasEnded;
    }));
  }

  /** What is wrong with the policies in the workers there are, each thing once. Throws where one does not say so. */
  async test(question: Question & { kind: "test" }): Promise<string[]> {
    const ready = [...this.workers].filter(({ isReady }) => isReady);
    const faults = await Promise.all(ready.map(async (worker) => {
      try {
        return await worker.test(question, TEST_TIMEOUT_MS);
      } catch (error) {
        const { begun } = worker.process;
        throw new PluginError(begun ? `policy ${begun.policy}` : "evaluator", causeOf(error));
      }
    }));
    return [...new Set(faults.flat())];
  }

  /** Starts those that are missing, and ends those that are too many. */
  balance(): void {
    if (this.#isClosed || this.#use === null) return;
    const needed = this.#options.count + 1;
    const useful = [...this.workers].filter((worker) =>
      worker.takesJobs || (!worker.isReady && !worker.process.hasEnded)
    );
    const starting = useful.filter(({ isReady }) => !isReady).length;
    const missing = Math.min(needed - useful.length, MOST * needed - this.workers.size, AT_A_TIME - starting);
    for (let i = 0; i < missing; i++) void this.#replace();
    for (const worker of useful.slice(needed)) if (worker.jobs.length === 0) this.retire(worker);
  }

  /** It gets no more reviews, and ends after those it has. */
  retire(worker: Worker): void {
    worker.isRetiring = true;
    if (worker.jobs.length === 0) worker.process.kill("it is not needed any more");
  }

  /** Replaces those that hold more memory than they may. */
  recycle(): void {
    for (const worker of this.workers) {
      const resident = worker.takesJobs ? worker.process.residentBytes() : null;
      if (resident === null || resident <= this.#options.memory * MIB) continue;
      this.#options.tell("evaluator_recycled", { resident_mib: Math.round(resident / MIB) });
      this.retire(worker);
      this.balance();
    }
  }

  /** Ends all of them, at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    await Promise.all([...this.workers].map(({ process }) => {
      process.kill("it is not needed any more");
      return process.ended;
    }));
  }

  #spawn(): Worker {
    const { commandFor = evaluatorCommand, memory } = this.#options;
    const worker = new Worker(commandFor({ rego: this.#rego, memory }), memory);
    this.workers.add(worker);
    void worker.process.ended.then((how) => {
      this.workers.delete(worker);
      if (!this.#isClosed) this.#options.onEnded(worker, how);
    });
    return worker;
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
      this.#options.onReady();
      this.balance();
    } catch (error) {
      if (this.#isClosed || worker.isRetiring) return;
      const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failedStarts++, LONGEST_WAIT_MS);
      this.#options.tell("evaluator_not_started", { cause: causeOf(error), retry_ms: wait });
      this.#restart ??= setTimeout(() => {
        this.#restart = undefined;
        this.balance();
      }, wait);
    }
  }
}
