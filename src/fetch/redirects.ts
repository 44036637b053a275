import { type Answer, type Exchange, exchange } from "./exchange.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";
import { isOneOf, isSafeScheme } from "./hosts.ts";

export interface Trip extends Exchange {
  /** Where redirects may lead, besides the first host: `cdn.example`, `cdn.example:8443`. */
  readonly hosts: readonly string[];
  /** The header's value; for the first origin alone. */
  readonly authorization?: string;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST = 5;

/** Follows redirects to https and to allowed hosts. Gives the first answer that is none. */
export async function follow(start: URL, { hosts, authorization, ...request }: Trip): Promise<Answer> {
  let url = start;
  let credentials: Record<string, string> = authorization === undefined ? {} : { authorization };
  for (let redirects = 0; redirects <= MOST; redirects++) {
    const answer = await exchange(url, { ...request, headers: { ...request.headers, ...credentials } });
    if (!REDIRECTS.includes(answer.status)) return answer;
    const next = target(answer, [start.host, ...hosts]);
    // Not sent again on a way back either: who answered in between chose where it leads.
    if (next.origin !== start.origin) credentials = {};
    url = next;
  }
  throw new FetchError(shownAddress(start), `more than ${MOST} redirects`);
}

function target({ url, headers }: Answer, hosts: readonly string[]): URL {
  const refuse = (problem: string) => new FetchError(shownAddress(url), problem);
  const location = headers.get("location");
  const next = location === null ? null : URL.parse(location, url);
  if (next === null) throw refuse("redirects without a Location that can be read");
  const shown = shownAddress(next);
  const downgrade = url.protocol === "https:" && next.protocol !== "https:";
  if (downgrade || !isSafeScheme(next)) throw refuse(`redirects to ${shown}, accepted https`);
  if (next.username !== "" || next.password !== "") throw refuse(`redirects to ${shown} with credentials in it`);
  if (!isOneOf(hosts, next)) throw refuse(`redirects to ${shown}, accepted hosts ${hosts.join(", ")}`);
  return next;
}
