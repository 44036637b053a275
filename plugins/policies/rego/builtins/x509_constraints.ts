import { type Mailbox, parseMailbox } from "./mailbox.ts";
import { parseAddress } from "./ip_network.ts";
import type { Certificate } from "./x509_certificate.ts";
import { SUBJECT_ALTERNATIVE_NAME } from "./x509_extensions.ts";
import { isDomainName, type Subtrees } from "./x509_general_names.ts";

/**
 * Whether the names of every certificate are within the name constraints of those that follow it in a chain from leaf
 * to root (checkChainConstraints of Go's crypto/x509; RFC 5280, 4.2.1.10). Linear in names and constraints.
 */
export function isWithinConstraints(chain: readonly Certificate[]): boolean {
  const checks = chain.map(checkOf);
  return chain.every((certificate, i) => {
    const above = checks.slice(i + 1).filter((check) => check !== undefined);
    if (above.length === 0 || !certificate.extensions.some(({ id }) => id === SUBJECT_ALTERNATIVE_NAME)) return true;
    const names = namesOf(certificate);
    return names !== undefined && above.every((check) => check(names));
  });
}

interface Names {
  readonly dns: readonly string[];
  readonly ips: readonly Uint8Array[];
  readonly hosts: readonly string[];
  readonly mailboxes: readonly Mailbox[];
}

/** Undefined for a name that no constraint can be applied to. */
function namesOf({ fields: { names } }: Certificate): Names | undefined {
  const hosts = names.uris.map(({ url }) => hostOf(url.Host));
  const mailboxes = names.emails.map(parseMailbox);
  if (hosts.includes(undefined) || mailboxes.includes(undefined)) return undefined;
  return { dns: names.dns, ips: names.ips, hosts: hosts as string[], mailboxes: mailboxes as Mailbox[] };
}

/** The domain of a URI; undefined for an IP address and for none. */
function hostOf(authority: string): string | undefined {
  const host = authority.includes(":") && !authority.endsWith("]") ? authority.replace(/:[^:]*$/, "") : authority;
  const isDomain = host !== "" && !/[:[\]]/.test(host) && parseAddress(host) === undefined;
  return isDomain ? host.toLowerCase() : undefined;
}

type Check = (names: Names) => boolean;

function checkOf({ fields: { nameConstraints } }: Certificate): Check | undefined {
  if (nameConstraints === undefined) return undefined;
  const permitted = matchersOf(nameConstraints.permitted, "permitted");
  const excluded = matchersOf(nameConstraints.excluded, "excluded");
  return ({ dns, ips, hosts, mailboxes }) =>
    ips.every((ip) => (permitted.ip?.(ip) ?? true) && !excluded.ip?.(ip)) &&
    dns.every((name) => isDomain(name) && (permitted.dns?.(name) ?? true) && !excluded.dns?.(name)) &&
    hosts.every((host) => isDomain(host) && (permitted.uri?.(host) ?? true) && !excluded.uri?.(host)) &&
    mailboxes.every((box) => isDomain(box.domain) && (permitted.email?.(box) ?? true) && !excluded.email?.(box));
}

function isDomain(text: string): boolean {
  return isDomainName(text, { constraint: false });
}

type Kind = "permitted" | "excluded";

/** For each type of name, whether it is in one of the subtrees; absent where there are none. */
function matchersOf(trees: Subtrees, kind: Kind) {
  return {
    dns: domainMatcher(trees.dns, kind),
    uri: domainMatcher(trees.uris, kind),
    ip: ipMatcher(trees.ips),
    email: emailMatcher(trees.emails, kind),
  };
}

function domainMatcher(constraints: readonly string[], kind: Kind): ((name: string) => boolean) | undefined {
  if (constraints.length === 0) return undefined;
  const subtrees = new Set(constraints.map((constraint) => constraint.toLowerCase()));
  const parents = new Set([...subtrees].map(withoutFirstLabel).filter((parent) => parent !== ""));
  return (written) => {
    const name = written.toLowerCase();
    if (subtrees.has("") || subtrees.has(name)) return true;
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      if (subtrees.has(name.slice(dot)) || subtrees.has(name.slice(dot + 1))) return true;
    }
    // A wildcard covers names that are excluded below it.
    return kind === "excluded" && name.startsWith("*") && parents.has(withoutFirstLabel(name));
  };
}

/** With the period: `.example.com`. */
function withoutFirstLabel(name: string): string {
  const dot = name.indexOf(".");
  return dot === -1 ? "" : name.slice(dot);
}

function ipMatcher(networks: Subtrees["ips"]): ((ip: Uint8Array) => boolean) | undefined {
  if (networks.length === 0) return undefined;
  const byMask = new Map<string, { readonly mask: Uint8Array; readonly networks: Set<string> }>();
  for (const { ip, mask } of networks) {
    const key = mask.toHex();
    if (!byMask.has(key)) byMask.set(key, { mask, networks: new Set() });
    byMask.get(key)!.networks.add(masked(ip, mask));
  }
  return (ip) =>
    [...byMask.values()].some(({ mask, networks }) => mask.length === ip.length && networks.has(masked(ip, mask)));
}

function masked(ip: Uint8Array, mask: Uint8Array): string {
  return ip.map((byte, i) => byte & mask[i]).toHex();
}

function emailMatcher(constraints: readonly string[], kind: Kind): ((mailbox: Mailbox) => boolean) | undefined {
  if (constraints.length === 0) return undefined;
  const boxes = new Set(constraints.filter((text) => text.includes("@")).map((text) => keyOf(parseMailbox(text)!)));
  const inDomain = domainMatcher(constraints.filter((text) => !text.includes("@")), kind);
  return (mailbox) => boxes.has(keyOf(mailbox)) || (inDomain?.(mailbox.domain) ?? false);
}

function keyOf({ local, domain }: Mailbox): string {
  return `${local}@${domain.toLowerCase()}`;
}
