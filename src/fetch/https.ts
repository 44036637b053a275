import { type Auth, authorizationOf } from "./authorization.ts";
import { within } from "./deadline.ts";
import { refused } from "./exchange.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";
import { isSafeScheme } from "./hosts.ts";
import { follow } from "./redirects.ts";

export interface FetchOptions {
  /** For the whole transfer, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Where redirects may lead, besides the address's own host: `cdn.example`, `cdn.example:8443`. */
  readonly hosts: readonly string[];
  readonly auth?: Auth;
  /** PEM, trusted besides the system's. */
  readonly ca?: string;
  /** Ends the transfer. */
  readonly signal?: AbortSignal;
}

/** What was fetched last time. */
export interface Known {
  readonly etag: string;
}

export interface Fetched {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag?: string;
}

/**
 * Fetches a file from `https://...`, or from `http://` on this machine. Throws FetchError for what the network, the
 * server and the address can get wrong.
 */
export async function fetchHttps(
  address: string,
  options: FetchOptions,
  known?: Known,
): Promise<Fetched | "unchanged"> {
  const url = urlOf(address);
  const headers: Record<string, string> = known === undefined ? {} : { "if-none-match": known.etag };
  const trip = { ...options, headers, authorization: credentials(options.auth, shownAddress(url)) };
  return await within({ ...options, address: shownAddress(url) }, async (signal) => {
    const answer = await follow(url, { ...trip, signal });
    if (answer.status === 304 && known !== undefined) return "unchanged";
    if (answer.status !== 200) throw refused(answer);
    const etag = answer.headers.get("etag");
    return { bytes: answer.bytes, ...(etag !== null && { etag }) };
  });
}

/** The value of the Authorization header. The address is for the message. */
export function credentials(auth: Auth | undefined, address: string): string | undefined {
  if (auth === undefined) return undefined;
  const value = authorizationOf(auth);
  if (value === undefined) {
    throw new FetchError(address, "the credentials hold characters that a header cannot, such as a line's end");
  }
  return value;
}

function urlOf(address: string): URL {
  const url = URL.parse(address);
  if (url === null) throw new FetchError(shownAddress(address), "not a URL");
  if (!isSafeScheme(url)) throw new FetchError(shownAddress(url), "accepted https://, and http:// on this machine");
  if (url.username !== "" || url.password !== "") {
    throw new FetchError(shownAddress(url), "credentials in the address, where they end up in logs");
  }
  url.hash = "";
  return url;
}
