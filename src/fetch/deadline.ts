import { FetchError } from "./fetch_error.ts";

export interface Deadline {
  /** For messages. */
  readonly address: string;
  /** For all of it: names, connections, redirects, tokens and bodies. */
  readonly timeoutMs: number;
  /** Ends it before. */
  readonly signal?: AbortSignal;
}

/** Ends a job at its deadline, and names the address that was asked for in the errors of all its requests. */
export async function within<Result>(
  { address, timeoutMs, signal: ended }: Deadline,
  job: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await job(ended ? AbortSignal.any([controller.signal, ended]) : controller.signal);
  } catch (error) {
    if (ended?.aborted) throw new FetchError(address, "ended before it was done");
    if (controller.signal.aborted) throw new FetchError(address, `not done within ${timeoutMs} ms`);
    if (error instanceof FetchError && error.address !== address) throw new FetchError(address, error.message);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
