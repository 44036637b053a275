/** What a command may touch of the world it runs in; tests pass their own. */
export interface Io {
  readonly env: (name: string) => string | undefined;
  readonly stdin: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Findings: standard output. */
  readonly out: (text: string) => void;
  /** Diagnostics and logs: standard error. */
  readonly err: (text: string) => void;
  /** The same without waiting for who reads it. Resolves when it is written, rejects where it cannot be. */
  readonly errAsync: (text: string) => Promise<void>;
  /** Aborted when the process should end. */
  readonly signal: AbortSignal;
  /** Calls the listener when the process is told to read its files again (SIGHUP). */
  readonly onHangup: (listener: () => void) => void;
}

/** A command's exit code: clean; violations or differences; could not run; nothing to do. */
export const Exit = { clean: 0, found: 1, failed: 2, nothing: 3 } as const;

/** A mistake in how a command was called: one line on standard error, exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
