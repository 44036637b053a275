import type { EvaluatorCommand } from "./command.ts";
import { EvaluatorProcess } from "./process.ts";
import type { Job } from "./job.ts";
import type { Evaluation } from "./evaluator.ts";
import type { Question, Reply } from "./protocol.ts";
import type { LoadQuestion } from "./wire_policies.ts";

/** In ms: how often a process that builds or tries policies is looked at, which may take memory without end. */
const LOOK_MS = 50;
/** In MiB: what that may take beyond what it may hold later. */
const PASSING_MEMORY = 512;
const MIB = 1024 * 1024;

/** An evaluator process with its policies, and the reviews that it was given. */
export class Worker {
  readonly process: EvaluatorProcess;
  /** The first is the one that it is at. */
  readonly jobs: Job[] = [];
  /** The policies are built and have their settings. */
  isReady = false;
  /** It is at one review for long: others go elsewhere. */
  isSlow = false;
  /** It gets no more reviews, and ends after those it has. */
  isRetiring = false;
  /** The policy for which it is ended. */
  culprit: string | null = null;

  readonly #mostMemory: number;

  /** `memory` is what it may hold, in MiB. */
  constructor(command: EvaluatorCommand, memory: number) {
    this.process = new EvaluatorProcess(command);
    this.#mostMemory = memory + PASSING_MEMORY;
  }

  get takesJobs(): boolean {
    return this.isReady && !this.isSlow && !this.isRetiring && !this.process.hasEnded;
  }

  /** What it built. Rejects when it ends before. */
  async load({ question, body }: LoadQuestion, timeoutMs: number): Promise<Reply & { kind: "loaded" }> {
    const { meta } = await this.#within(timeoutMs, "it did not load the policies", this.process.ask(question, body));
    return meta as Reply & { kind: "loaded" };
  }

  /** What is wrong with the policies. Rejects when it ends before it answers. */
  async test(question: Question & { kind: "test" }, timeoutMs: number): Promise<readonly string[]> {
    const { meta } = await this.#within(timeoutMs, "it did not end the self-test", this.process.ask(question));
    return (meta as Reply & { kind: "tested" }).faults;
  }

  async use(question: Question & { kind: "use" }): Promise<void> {
    await this.process.ask(question);
  }

  /** Rejects when it ends before it answers. */
  async review(job: Job): Promise<Evaluation> {
    const { endpoint, without, body } = job;
    this.jobs.push(job);
    job.owner = this;
    const known = Object.keys(without).length > 0 ? { without } : {};
    const { meta, body: answer } = await this.process.ask({ kind: "review", endpoint, ...known }, body);
    if (meta.kind !== "answer" && meta.kind !== "refused") {
      const cause = `it answered a review by "${meta.kind}"`;
      this.process.kill(cause);
      throw new Error(cause);
    }
    this.jobs.splice(this.jobs.indexOf(job), 1);
    if (meta.kind === "answer") return { success: true, answer, summary: meta.summary };
    return { success: false, message: meta.message };
  }

  async #within<Result>(timeoutMs: number, why: string, answer: Promise<Result>): Promise<Result> {
    const late = setTimeout(() => this.process.kill(`${why} within ${timeoutMs / 1000} s`), timeoutMs);
    // Not every Deno can be told a limit when it starts.
    const watch = setInterval(() => {
      const isAbove = (this.process.residentBytes() ?? 0) > this.#mostMemory * MIB;
      if (isAbove) this.process.kill(`it took more than ${this.#mostMemory} MiB`);
    }, LOOK_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(late);
      clearInterval(watch);
    }
  }
}
