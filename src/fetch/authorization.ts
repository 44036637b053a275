import { Buffer } from "node:buffer";

export type Auth = { readonly bearer: string } | { readonly username: string; readonly password: string };

/** What RFC 7235 lets a token consist of, and more: whatever a header can hold in one piece. */
const TOKEN = /^[\x21-\x7e]+$/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/** The value of the Authorization header; undefined where these cannot stand in one. */
export function authorizationOf(auth: Auth): string | undefined {
  if ("bearer" in auth) return TOKEN.test(auth.bearer) ? `Bearer ${auth.bearer}` : undefined;
  const { username, password } = auth;
  if (username.includes(":") || CONTROL.test(username + password)) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** `Bearer realm="https://auth.example/token",service="registry.example"` */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** Reads a WWW-Authenticate header (RFC 9110, section 11.6.1), which may hold several challenges. */
export function challengesOf(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name, quoted, plain] of header.matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}
