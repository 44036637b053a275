import { createHash } from "node:crypto";
import type { Answer } from "./exchange.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";

/** The body as JSON. */
export function readJson({ url, bytes }: Answer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new FetchError(shownAddress(url), "not JSON");
  }
}

/** `sha256:...` of the body. */
export function digestOf({ bytes }: Answer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export interface Expected {
  readonly digest: string;
  readonly size?: number;
}

/** Throws unless the body is the one that was announced. */
export function verify(answer: Answer, { digest, size }: Expected): void {
  const problem = (found: string) => new FetchError(shownAddress(answer.url), found);
  const { length } = answer.bytes;
  if (size !== undefined && length !== size) throw problem(`${length} bytes, announced were ${size}`);
  const found = digestOf(answer);
  if (found !== digest) throw problem(`its digest is ${found}, announced was ${digest}`);
}
