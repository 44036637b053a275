import { formatAddress, parseAddress } from "./ip_network.ts";
import type { Certificate } from "./x509_certificate.ts";
import { addressText } from "./x509_json.ts";

/** `Certificate.VerifyHostname` of Go: by alternative names only, with `*` as a whole first label (RFC 6125). */
export function isForHost({ fields: { names } }: Certificate, host: string): boolean {
  const address = parseAddress(/^\[([^]+)\]$/.exec(host)?.[1] ?? host);
  if (address !== undefined) {
    return names.ips.some((ip) => addressText(ip) === formatAddress(address.address, address.bits));
  }
  const name = lowerCase(host);
  return names.dns.some((pattern) =>
    isHostname(name.replace(/\.$/, "")) && isHostname(pattern.replace(/^\*\./, ""))
      ? matches(lowerCase(pattern), name.replace(/\.$/, ""))
      : name !== "" && name !== "." && lowerCase(pattern) === name
  );
}

function matches(pattern: string, name: string): boolean {
  return pattern.startsWith("*.") ? name.replace(/^[^.]*/, "*") === pattern : name === pattern;
}

function isHostname(text: string): boolean {
  return /^(?:[a-z0-9_][a-z0-9_-]*)(?:\.[a-z0-9_][a-z0-9_-]*)*$/i.test(text);
}

/** Of ASCII only. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
