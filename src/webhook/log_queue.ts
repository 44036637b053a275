import { Counter, type Registry } from "prom-client";
import { pause } from "./pause.ts";

/** Of lines that wait, in characters. */
const MOST = 1024 * 1024;

/**
 * Writes lines in their order, and waits for nobody: who reads them may be slow, stuck or gone. What is too much to keep
 * meanwhile, or cannot be written, is lost and counted.
 */
export class LogQueue {
  readonly #write: (text: string) => Promise<void>;
  readonly #lost: Counter;
  #lines: string[] = [];
  #length = 0;
  #writing: Promise<void> | null = null;

  /** `write` resolves when a text is written, and rejects where it cannot be. */
  constructor(write: (text: string) => Promise<void>, registry: Registry) {
    this.#write = write;
    this.#lost = new Counter({
      name: "kube_policies_log_lines_lost_total",
      help: "Lines of the log that could not be written",
      registers: [registry],
    });
  }

  add(line: string): void {
    if (this.#length + line.length > MOST) return this.#lost.inc();
    this.#lines.push(line);
    this.#length += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all is written, or not within that time. */
  async flush(longestMs: number): Promise<void> {
    const written = new AbortController();
    void this.#writing?.then(() => written.abort());
    if (this.#writing) await pause(longestMs, written.signal);
  }

  async #writeAll(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      [this.#lines, this.#length] = [[], 0];
      await this.#write(lines.join("")).catch(() => this.#lost.inc(lines.length));
    }
    this.#writing = null;
  }
}
