import { BuiltinError } from "../builtin.ts";
import { type DerElement, type DerReader, malformed, readDer, TAG } from "./der.ts";
import { ia5Of } from "./der_value.ts";
import { type ParsedUrl, parseUrl } from "./go_url.ts";
import { parseAddress } from "./ip_network.ts";
import { isMailbox } from "./mailbox.ts";

/** The names of a certificate (RFC 5280, 4.2.1.6) that Go understands. */
export interface GeneralNames {
  readonly dns: string[];
  readonly emails: string[];
  /** Of 4 or 16 bytes. */
  readonly ips: Uint8Array[];
  readonly uris: ParsedUrl[];
}

/** The subtrees that name constraints permit or exclude (RFC 5280, 4.2.1.10). */
export interface Subtrees {
  readonly dns: string[];
  readonly emails: string[];
  readonly ips: { readonly ip: Uint8Array; readonly mask: Uint8Array }[];
  readonly uris: string[];
}

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const IP = 0x87;

export function noNames(): GeneralNames & Subtrees {
  return { dns: [], emails: [], ips: [], uris: [] };
}

/** Throws BuiltinError for a name that is malformed; other types of names are skipped. */
export function parseGeneralNames(value: Uint8Array): GeneralNames {
  const names: GeneralNames = noNames();
  for (const element of readDer(value, TAG.sequence).children().rest()) {
    if (element.tag === DNS) names.dns.push(ia5Of(element));
    else if (element.tag === EMAIL) names.emails.push(ia5Of(element));
    else if (element.tag === URI) names.uris.push(parseUri(ia5Of(element)));
    else if (element.tag === IP) names.ips.push(addressOf(element.content, [4, 16]));
  }
  return names;
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  /** Whether there are subtrees of a type that is not known. */
  readonly unhandled: boolean;
}

/** Throws BuiltinError. */
export function parseNameConstraints(value: Uint8Array): NameConstraints {
  const parts = readDer(value, TAG.sequence).children();
  const [permitted, excluded] = [parts.optional(0xa0)?.children(), parts.optional(0xa1)?.children()];
  if (!parts.done || ((permitted?.done ?? true) && (excluded?.done ?? true))) throw malformed("name constraints");
  const trees = [permitted, excluded].map(parseSubtrees);
  return { permitted: trees[0], excluded: trees[1], unhandled: trees.some(({ unhandled }) => unhandled) };
}

function parseSubtrees(reader: DerReader | undefined): Subtrees & { readonly unhandled: boolean } {
  const trees: Subtrees = noNames();
  let unhandled = false;
  for (const subtree of reader?.rest(TAG.sequence) ?? []) {
    const base = subtree.children().next();
    if (base.tag === DNS) trees.dns.push(domainConstraint(ia5Of(base)));
    else if (base.tag === EMAIL) trees.emails.push(emailConstraint(ia5Of(base)));
    else if (base.tag === URI) trees.uris.push(uriConstraint(ia5Of(base)));
    else if (base.tag === IP) trees.ips.push(ipConstraint(base));
    else unhandled = true;
  }
  return { ...trees, unhandled };
}

/** Go's domainNameValid: no empty label, no final period. A constraint may start with a period. */
export function isDomainName(text: string, options: { readonly constraint: boolean }): boolean {
  if (text === "") return true;
  return /^[!-~]*$/.test(text) &&
    (options.constraint ? text.replace(/^\./, "") : text).split(".").every((label) => label !== "");
}

function domainConstraint(domain: string): string {
  if (!isDomainName(domain, { constraint: true })) throw malformed("name constraint");
  return domain;
}

function emailConstraint(email: string): string {
  if (!email.includes("@")) return domainConstraint(email);
  if (!isMailbox(email)) throw malformed("name constraint");
  return email;
}

function uriConstraint(domain: string): string {
  if (parseAddress(domain) !== undefined) throw malformed("name constraint");
  return domainConstraint(domain);
}

function ipConstraint({ content }: DerElement): Subtrees["ips"][number] {
  const half = addressOf(content, [8, 32]).length / 2;
  const mask = content.subarray(half);
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join("");
  if (!/^1*0*$/.test(bits)) throw malformed("name constraint");
  return { ip: content.subarray(0, half), mask };
}

function addressOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array {
  if (!lengths.includes(bytes.length)) throw malformed("IP address");
  return bytes;
}

function parseUri(text: string): ParsedUrl {
  const uri = parseUrl(text);
  if (!isDomainName(uri.url.Host, { constraint: false })) throw new BuiltinError("cannot parse URI: invalid domain");
  return uri;
}
