import { BuiltinError } from "../builtin.ts";
import { fromUtf8, utf8 } from "./binary_text.ts";
import { escapeUrl, isEscaped, unescapeUrl, type UrlPart } from "./go_url_escape.ts";
import { parseAddress } from "./ip_network.ts";

/** `url.URL` of Go's net/url with the names it has in JSON. */
export interface GoUrl {
  readonly Scheme: string;
  readonly Opaque: string;
  /** Go writes no more than that there is one. */
  readonly User: Record<string, never> | null;
  /** With the port, in the letters it was written. */
  readonly Host: string;
  readonly Path: string;
  readonly RawPath: string;
  readonly OmitHost: boolean;
  readonly ForceQuery: boolean;
  readonly RawQuery: string;
  readonly Fragment: string;
  readonly RawFragment: string;
}

export interface ParsedUrl {
  readonly url: GoUrl;
  /** `url.EscapedPath()`. */
  readonly escapedPath: string;
  /** `url.String()`. */
  readonly text: string;
}

/** `url.Parse`. Throws BuiltinError. */
export function parseUrl(source: string): ParsedUrl {
  const [target, fragment = ""] = cut(source, "#");
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(target)) throw new BuiltinError("invalid control character in URL");
  const [, scheme = "", afterScheme] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^]*)$/.exec(target)!;
  if (afterScheme.startsWith(":") && scheme === "") throw new BuiltinError("missing protocol scheme");
  const forceQuery = /^[^?]*\?$/.test(afterScheme);
  const [hierarchy, query = ""] = cut(afterScheme, "?");
  const parts = { scheme: scheme.toLowerCase(), forceQuery, query, fragment };
  if (scheme !== "" && !hierarchy.startsWith("/")) return compose({ ...parts, opaque: hierarchy, path: "" });
  if (scheme === "" && /^[^/]*:/.test(hierarchy)) throw new BuiltinError("first path segment in URL has a colon");
  const [, authority, path] = /^(?:\/\/([^/]*))?([^]*)$/.exec(hierarchy)!;
  if (authority === undefined || (scheme === "" && hierarchy.startsWith("///"))) {
    return compose({ ...parts, omitHost: scheme !== "", path: hierarchy });
  }
  const at = authority.lastIndexOf("@");
  const user = at === -1 ? undefined : parseUser(authority.slice(0, at));
  return compose({ ...parts, user, host: parseHost(authority.slice(at + 1), parts.scheme), path });
}

interface Parts {
  readonly scheme: string;
  readonly opaque?: string;
  readonly user?: string;
  readonly host?: string;
  readonly path: string;
  readonly omitHost?: boolean;
  readonly forceQuery: boolean;
  readonly query: string;
  readonly fragment: string;
}

function compose({ scheme, opaque = "", user, host = "", omitHost = false, ...parts }: Parts): ParsedUrl {
  const path = escapable(parts.path, "path");
  const fragment = escapable(parts.fragment, "fragment");
  const url = {
    Scheme: scheme,
    Opaque: opaque,
    User: user === undefined ? null : {},
    Host: host,
    Path: path.plain,
    RawPath: path.raw,
    OmitHost: omitHost,
    ForceQuery: parts.forceQuery,
    RawQuery: parts.query,
    Fragment: fragment.plain,
    RawFragment: fragment.raw,
  };
  const prefix = scheme && `${scheme}:`;
  const query = url.ForceQuery || url.RawQuery ? `?${url.RawQuery}` : "";
  const location = opaque || locationOf({ url, user, path: path.escaped });
  return {
    url,
    escapedPath: path.escaped,
    text: `${prefix}${location}${query}${fragment.escaped && `#${fragment.escaped}`}`,
  };
}

function locationOf({ url, user, path }: { url: GoUrl; user?: string; path: string }): string {
  const hasAuthority = (url.Scheme !== "" || url.Host !== "" || user !== undefined) && !url.OmitHost;
  if (!hasAuthority || (url.Host === "" && path === "" && user === undefined)) return path;
  const host = escapeUrl(utf8(url.Host), "host");
  return `//${user === undefined ? "" : `${user}@`}${host}${path}`;
}

/** A part as Go keeps it: unescaped, as written if that differs from its usual escapes, and escaped for use. */
function escapable(text: string, part: UrlPart): { plain: string; raw: string; escaped: string } {
  const bytes = unescapeUrl(text, part);
  const usual = escapeUrl(bytes, part);
  return {
    plain: fromUtf8(bytes),
    raw: text === usual || text === "*" ? "" : text,
    escaped: text === "*" || isEscaped(text, part) ? text : usual,
  };
}

/** The user and the password as `String()` writes them. */
function parseUser(text: string): string {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw new BuiltinError("invalid userinfo");
  return cut(text, ":")
    .filter((part) => part !== undefined)
    .map((part) => escapeUrl(unescapeUrl(part, "userinfo"), "userinfo"))
    .join(":");
}

function parseHost(text: string, scheme: string): string {
  if (text.includes("[")) return parseIpLiteral(text);
  const isStrict = scheme === "http" || scheme === "https";
  const colon = isStrict ? text.indexOf(":") : text.lastIndexOf(":");
  if (colon !== -1) checkPort(text.slice(colon));
  return fromUtf8(unescapeUrl(text, "host"));
}

function parseIpLiteral(text: string): string {
  const [, literal, port] = /^\[([^]*)\]([^\]]*)$/.exec(text) ?? [];
  if (literal === undefined || literal.includes("[")) throw new BuiltinError("invalid IP literal");
  checkPort(port);
  const zone = literal.indexOf("%25");
  const [address, zoned] = zone === -1 ? [literal, ""] : [literal.slice(0, zone), literal.slice(zone)];
  const plain = fromUtf8(unescapeUrl(address, "host"));
  if (!plain.includes(":") || parseAddress(plain) === undefined) throw new BuiltinError("invalid host");
  return `[${plain}${fromUtf8(unescapeUrl(zoned, "zone"))}]${port}`;
}

function checkPort(text: string): void {
  if (!/^(?::\d*)?$/.test(text)) throw new BuiltinError("invalid port after host");
}

function cut(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
