/** A mailbox of RFC 2821, 4.1.2, as Go's crypto/x509 reads it from a certificate. */
export interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

// deno-lint-ignore no-control-regex
const QUOTED = /^"((?:[\x01-\x08\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*)"@/;
const ATOMS = /^((?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]|\\[^])+)@/;

/** Undefined for a text that is none. */
export function parseMailbox(text: string): Mailbox | undefined {
  const quoted = text.startsWith('"');
  const [whole, written] = (quoted ? QUOTED : ATOMS).exec(text) ?? [];
  if (whole === undefined) return undefined;
  const local = written.replace(/\\([^])/g, "$1");
  if (!quoted && (/^\.|\.$|\.\./.test(local))) return undefined;
  const domain = text.slice(whole.length);
  if (domain !== "" && !/^[!-\-/-~]+(?:\.[!-\-/-~]+)*$/.test(domain)) return undefined;
  return { local, domain };
}

export function isMailbox(text: string): boolean {
  return parseMailbox(text) !== undefined;
}
