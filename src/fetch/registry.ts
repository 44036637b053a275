import * as v from "valibot";
import { authorizationOf, type Challenge, challengesOf } from "./authorization.ts";
import { type Answer, refused } from "./exchange.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";
import { isOneOf, isSafeScheme } from "./hosts.ts";
import type { FetchOptions } from "./https.ts";
import { readJson } from "./received.ts";
import { follow } from "./redirects.ts";

/** A repository of a registry, during one fetch. */
export interface Repository {
  /** `https://registry.example/v2/team/policies/` */
  readonly base: URL;
  readonly name: string;
  readonly options: FetchOptions;
  readonly signal: AbortSignal;
  /** The header's value; known from the start, or once the registry said what it wants. */
  authorization?: string;
}

export interface Ask {
  readonly method?: "GET" | "HEAD";
  readonly accept?: string;
  readonly maxBytes: number;
}

const LARGEST_TOKEN_ANSWER = 65536;
const TokenAnswer = v.union([v.object({ token: v.string() }), v.object({ access_token: v.string() })]);

/** Asks for `manifests/...` or `blobs/...`, with the credentials that the registry wants. Throws unless it has it. */
export async function ask(repository: Repository, path: string, options: Ask): Promise<Answer> {
  const { base, authorization } = repository;
  const first = await request(repository, path, options);
  const challenged = first.status === 401 && first.url.origin === base.origin && authorization === undefined;
  if (challenged) {
    repository.authorization = await authorize(repository, challengesOf(first.headers.get("www-authenticate") ?? ""));
  }
  const answer = challenged ? await request(repository, path, options) : first;
  if (answer.status !== 200) throw refused(answer);
  return answer;
}

function request(repository: Repository, path: string, { accept, ...limits }: Ask): Promise<Answer> {
  const { base, authorization, options, signal } = repository;
  const headers: Record<string, string> = accept === undefined ? {} : { accept };
  return follow(new URL(path, base), { ...options, ...limits, headers, authorization, signal });
}

async function authorize(repository: Repository, challenges: readonly Challenge[]): Promise<string> {
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer) return await tokenAuthorization(repository, bearer.parameters);
  const shown = shownAddress(repository.base);
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    throw new FetchError(shown, "answered 401 Unauthorized, and wants neither a token nor a password");
  }
  const { auth } = repository.options;
  const basic = auth && authorizationOf(auth);
  if (basic === undefined) throw new FetchError(shown, "wants a user name and a password, and none are given");
  return basic;
}

/** The token service's part: https://distribution.github.io/distribution/spec/auth/token/ */
async function tokenAuthorization(
  { base, name, options, signal }: Repository,
  parameters: Challenge["parameters"],
): Promise<string> {
  const url = tokenUrl(base, parameters.get("realm") ?? "", options.hosts);
  const service = parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", parameters.get("scope") ?? `repository:${name}:pull`);
  const authorization = options.auth && authorizationOf(options.auth);
  const limits = { maxBytes: LARGEST_TOKEN_ANSWER, headers: {}, signal };
  const answer = await follow(url, { ...options, ...limits, authorization });
  if (answer.status !== 200) throw refused(answer);
  const found = v.safeParse(TokenAnswer, readJson(answer));
  const bearer = found.success && ("token" in found.output ? found.output.token : found.output.access_token);
  const value = bearer ? authorizationOf({ bearer }) : undefined;
  if (value === undefined) throw new FetchError(shownAddress(url), "answered without a token");
  return value;
}

/** Who may be asked for a token, and so be given the password. */
function tokenUrl(base: URL, realm: string, hosts: readonly string[]): URL {
  const refuse = (problem: string) => new FetchError(shownAddress(base), problem);
  const url = URL.parse(realm);
  if (url === null) throw refuse("wants a token, and does not say where from");
  const shown = shownAddress(url);
  const downgrade = base.protocol === "https:" && url.protocol !== "https:";
  if (downgrade || !isSafeScheme(url)) throw refuse(`wants a token from ${shown}, accepted https`);
  const accepted = [base.host, ...hosts];
  if (!isOneOf(accepted, url)) throw refuse(`wants a token from ${shown}, accepted hosts ${accepted.join(", ")}`);
  url.username = url.password = "";
  return url;
}
