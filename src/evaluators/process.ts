import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { setImmediate } from "node:timers";
import type { EvaluatorCommand } from "./command.ts";
import { answers, encodeFrame, type Frame, FrameReader, joined, NO_BODY, NONCE_LENGTH } from "./frames.ts";
import type { Question, Reply } from "./protocol.ts";

interface Pending {
  readonly nonce: Uint8Array;
  readonly settle: (reply: Frame<Reply>) => void;
  readonly fail: (cause: Error) => void;
}

/** A policy that the process said it runs, and since when. */
export interface Begun {
  readonly policy: string;
  readonly since: number;
}

/** The text that the child's last words are kept to. */
const LAST_WORDS = 2000;

/** As V8 says it. */
const OUT_OF_MEMORY = /out of memory|heap limit/i;

/** One evaluator process, and the questions that it was asked: they are answered in their order. */
export class EvaluatorProcess {
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #reader = new FrameReader();
  readonly #pending: Pending[] = [];
  readonly #outbox: Uint8Array[] = [];
  #headSince = 0;
  #begun: Begun | null = null;
  #lastWords = "";
  #hasReviewed = false;
  #end: string | null = null;

  constructor({ command, args, env }: EvaluatorCommand) {
    // Detached, so that what a terminal sends to its foreground processes leaves it to answer what is in flight.
    this.#child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const { stdin, stdout, stderr } = this.#child;
    stdin!.on("error", () => {}); // what ended it is told by its end
    stdout!.on("data", (chunk: Buffer) => this.#read(chunk));
    stderr!.on("data", (chunk: Buffer) => void (this.#lastWords = `${this.#lastWords}${chunk}`.slice(-LAST_WORDS)));
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#end ??= how;
        resolve(this.#end);
        for (const { fail } of this.#pending.splice(0)) fail(new Error(this.#end));
      };
      this.#child.once("error", (error) => end(`it could not be started (${error.message})`));
      this.#child.once("exit", (code, signal) => end(`it ended by ${signal ?? `exit code ${code}`}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** What it wrote to standard error at the end; since it knows objects, only what cannot hold any of their content. */
  get lastWords(): string {
    if (this.#hasReviewed) return OUT_OF_MEMORY.test(this.#lastWords) ? "out of memory" : "";
    return this.#lastWords.trim();
  }

  /** Questions without an answer. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Since when it has been at the first of them. */
  get headSince(): number {
    return this.#headSince;
  }

  get begun(): Begun | null {
    return this.#begun;
  }

  /** Rejects when the process ends before it answers. */
  ask(question: Question, body: Uint8Array = NO_BODY): Promise<Frame<Reply>> {
    return new Promise((settle, fail) => {
      if (this.#end !== null) return fail(new Error(this.#end));
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
      if (this.#pending.length === 0) this.#headSince = performance.now();
      const isIdle = this.#pending.length === 0;
      this.#pending.push({ nonce, settle, fail });
      this.#hasReviewed ||= question.kind === "review";
      this.#outbox.push(encodeFrame({ nonce, meta: question, body }));
      if (isIdle) this.#flush();
      else if (this.#outbox.length === 1) setImmediate(() => this.#flush());
    });
  }

  /** To one that is busy what is asked is gathered: nobody waits for a write of its own. */
  #flush(): void {
    if (this.#outbox.length > 0) this.#child.stdin!.write(joined(this.#outbox.splice(0)));
  }

  /** Ends it, whatever it does. `why` is what its questions are told. */
  kill(why: string): void {
    this.#end ??= why;
    this.#child.kill("SIGKILL");
  }

  /** Lets everything else go first. For good: only the privileged may take it back. */
  yieldCpu(): void {
    try {
      setPriority(this.pid!, 19);
    } catch {
      // it ended, or the system does not allow it: it competes on
    }
  }

  /** Resident bytes; null where the system does not say. */
  residentBytes(): number | null {
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, "utf8").split(" ")[1]) * PAGE;
    } catch {
      return null;
    }
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#reader.add(chunk)) {
        if (this.#end !== null) return; // whoever waits for it is told that it ended
        this.#take(frame as Frame<Reply>);
      }
    } catch (error) {
      this.kill(`it wrote what is no frame (${(error as Error).message})`);
    }
  }

  #take(frame: Frame<Reply>): void {
    const head = this.#pending[0];
    if (!head || !answers(frame, head.nonce)) return this.kill("it answered what it was not asked");
    const { meta } = frame;
    if (meta.kind === "began") {
      this.#begun = meta.policy === null ? null : { policy: meta.policy, since: performance.now() };
      return;
    }
    this.#pending.shift();
    this.#begun = null;
    this.#headSince = performance.now();
    head.settle(frame);
  }
}

/** Of every Linux that Deno runs on but for some on ARM, which then are recycled late. */
const PAGE = 4096;
