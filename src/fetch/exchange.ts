import { STATUS_CODES } from "node:http";
import { oneLine } from "../core/text.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";

export interface Exchange {
  readonly method?: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** PEM, trusted besides the system's. */
  readonly ca?: string;
  readonly signal: AbortSignal;
}

export interface Answer {
  /** Who answered, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Empty unless the status is 200. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * One request and its answer; redirects are answers. By `fetch` rather than node:https, which on Deno 2.6 rejects
 * where nobody can catch it when a body breaks off, and so ends the process.
 */
export async function exchange(url: URL, { method = "GET", headers, ...limits }: Exchange): Promise<Answer> {
  using client = clientFor(url, limits.ca);
  try {
    const response = await fetch(url, {
      client,
      method,
      redirect: "manual",
      signal: limits.signal,
      headers: { "accept-encoding": "identity", "user-agent": "kube-policies", ...headers },
    });
    const { status } = response;
    if (status === 200 && method === "GET") {
      return { url, status, headers: response.headers, bytes: await bodyOf(response, limits.maxBytes) };
    }
    await response.body?.cancel();
    return { url, status, headers: response.headers, bytes: new Uint8Array() };
  } catch (error) {
    const problem = error instanceof BodyProblem ? error.message : problemOf(error);
    throw new FetchError(shownAddress(url), problem);
  }
}

/** The answer was another one than hoped for. */
export function refused({ url, status }: Answer): FetchError {
  const name = STATUS_CODES[status];
  return new FetchError(shownAddress(url), `answered ${status}${name ? ` ${name}` : ""}`);
}

/** HTTP/1.1 alone: what ends a body can be told there. */
function clientFor(url: URL, ca?: string): Deno.HttpClient {
  const caCerts = ca === undefined ? [] : [ca];
  try {
    return Deno.createHttpClient({ http2: false, caCerts, ...(url.protocol === "http:" && viaProxy() && direct(url)) });
  } catch (error) {
    throw new FetchError(shownAddress(url), `the CA cannot be read: ${problemOf(error)}`);
  }
}

const PROXIES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

function viaProxy(): boolean {
  return PROXIES.some((name) => Deno.env.has(name));
}

/**
 * Past the environment's proxy, which would see the credentials of a request that need not leave this machine. Only
 * where there is one: some versions of Deno then write the whole URL on the request line.
 */
function direct({ hostname, port }: URL): Deno.CreateHttpClientOptions {
  return {
    proxy: { transport: "tcp", hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || 80) },
  };
}

class BodyProblem extends Error {}

async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const problem = headProblem(response.headers, maxBytes);
  if (problem !== undefined) {
    await response.body?.cancel();
    throw new BodyProblem(problem);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new BodyProblem(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** What is wrong with a body that was not read yet. */
function headProblem(headers: Headers, maxBytes: number): string | undefined {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return "answered in a content-encoding, which was not asked for";
  const length = headers.get("content-length");
  if (length !== null && Number(length) > maxBytes) return `${Number(length)} bytes, accepted ${maxBytes}`;
  // Where the connection's end ends the body, half of it would pass for the whole.
  if (length === null && headers.get("transfer-encoding") === null) return "answered without saying how long it is";
}

/**
 * The message of `fetch`, less the address with all its secrets, which stands before the cause; less any other URL,
 * as the wording is Deno's to change.
 */
function problemOf(error: unknown): string {
  const { message, cause } = error as Error;
  const text = cause instanceof Error ? cause.message : message;
  const found = /client error \(\w+\): (.+)$/s.exec(text)?.[1] ?? text;
  return oneLine(found.replace(/\bhttps?:\/\/\S+/g, "..."));
}
