import { oneLine } from "../core/text.ts";

/** What was asked for could not be had: one line that names the address and what is wrong, and no secret. */
export class FetchError extends Error {
  override name = "FetchError";
  constructor(readonly address: string, readonly problem: string) {
    super(`${address}: ${problem}`);
  }
}

/** An address for messages: without user information, query and fragment, which may hold secrets. */
export function shownAddress(address: string | URL): string {
  const url = typeof address === "string" ? URL.parse(address) : new URL(address);
  // What is no URL may have its secrets anywhere before the last "@".
  if (url === null) return oneLine(String(address).replace(/:\/\/.*@/s, "://...@").replace(/[?#].*/s, "?..."));
  const query = url.search === "" ? "" : "?...";
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return `${url.href}${query}`;
}
