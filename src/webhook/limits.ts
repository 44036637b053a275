import type { ServerOptions } from "node:http";

/** Two objects of at most 3 MiB (apiserver, MaxRequestBodyBytes) and what is around them. */
export const LARGEST_BODY = 8 * 1024 * 1024;

/** An answer is small, and its reader waits for it. One that nobody takes holds memory. */
export const ANSWER_MS = 10_000;

/** What no client may exceed, with options of `createServer`. The API server's own requests take milliseconds. */
export const HTTP_LIMITS = {
  /** The whole head of a request: 431. The API server sends less than 1 KiB; a bearer token is the longest part. */
  maxHeaderSize: 16 * 1024,
  /** Until the head of a request is complete: 408. */
  headersTimeout: 5_000,
  /** Until the body is: 408. As long as the API server waits by default. */
  requestTimeout: 10_000,
  /** How late the two may be noticed. */
  connectionsCheckingInterval: 1_000,
  /** Longer than the 90 s of Go's clients, so that they close first: a request never meets a closing connection. */
  keepAliveTimeout: 120_000,
} as const satisfies ServerOptions;

/** Until the TLS handshake is complete; an option of `https.createServer`. */
export const HANDSHAKE_MS = 5_000;
