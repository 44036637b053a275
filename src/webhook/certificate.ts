import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { causeOf } from "../core/text.ts";
import { UsageError } from "../io.ts";

/** Paths of PEM files: the certificate with its chain, its private key, the CAs of clients. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCA?: string;
}

/** A serving certificate that was found good. */
export interface Certificate {
  readonly context: SecureContextOptions;
  readonly leaf: X509Certificate;
  readonly clientCAs: readonly X509Certificate[];
  /** By what expires: the earliest, in milliseconds since 1970. */
  readonly notAfter: Readonly<Partial<Record<Expiring, number>>>;
  /** What the files held. */
  readonly texts: PemTexts;
}

/** The certificate itself, the others of its chain, the CAs of clients. */
export type Expiring = "leaf" | "chain" | "client_ca";

export type PemTexts = Readonly<Record<keyof CertificateFiles, string>>;

/** Throws UsageError. */
export async function readPem({ cert, key, clientCA }: CertificateFiles): Promise<PemTexts> {
  return {
    cert: await readText(cert),
    key: await readText(key),
    clientCA: clientCA === undefined ? "" : await readText(clientCA),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : (error as Error).message;
    throw new UsageError(`Cannot read ${file}: ${found}`);
  }
}

/**
 * Checks what would otherwise fail every handshake: Deno takes any text for a certificate, and Go's clients take no
 * common name for a host's (RFC 9525, section 6.3). Of the client CAs those are left out that are not valid now. Throws
 * UsageError. Does without those methods of certificates that Deno 2.6 does not have.
 */
export function checkedCertificate(texts: PemTexts, files: CertificateFiles): Certificate {
  const [leaf, ...chain] = parsedCertificates(texts.cert, files.cert);
  const own = parsed(`private key ${files.key}`, () => published(createPublicKey(createPrivateKey(texts.key))));
  const served = parsed(`certificate ${files.cert}`, () => published(leaf.certificate.publicKey));
  if (own !== served) {
    throw new UsageError(`Cannot use the certificate ${files.cert}: the private key ${files.key} is another's`);
  }
  [leaf, ...chain].forEach(({ certificate }) => assertValid(certificate, files.cert));
  if (!hasAlternativeName(leaf)) {
    throw new UsageError(
      `Cannot use the certificate ${files.cert}: found no subject alternative name, accepted one with a DNS name ` +
        "such as kube-policies.kube-policies.svc",
    );
  }
  const clientCAs = files.clientCA === undefined ? [] : validAuthorities(texts.clientCA, files.clientCA);
  return {
    context: {
      cert: texts.cert,
      key: texts.key,
      minVersion: "TLSv1.2",
      ...(clientCAs.length > 0 && { ca: clientCAs.map(({ pem }) => pem) }),
    },
    leaf: leaf.certificate,
    clientCAs: clientCAs.map(({ certificate }) => certificate),
    notAfter: { leaf: expiry(leaf.certificate), ...earliest("chain", chain), ...earliest("client_ca", clientCAs) },
    texts,
  };
}

interface Parsed {
  readonly certificate: X509Certificate;
  /** The block that it was written as. */
  readonly pem: string;
}

function published(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

/** The extension's identifier, 2.5.29.17, in DER. */
const ALTERNATIVE_NAME = "\x06\x03\x55\x1d\x11";

function hasAlternativeName({ pem }: Parsed): boolean {
  return atob(pem.replace(/-----[^-]*-----/g, "")).includes(ALTERNATIVE_NAME);
}

function validAuthorities(text: string, file: string): Parsed[] {
  const authorities = parsedCertificates(text, file);
  const valid = authorities.filter(({ certificate }) => invalidity(certificate) === null);
  if (valid.length === 0) assertValid(authorities[0].certificate, file);
  return valid;
}

function parsedCertificates(text: string, file: string): [Parsed, ...Parsed[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [text];
  const [leaf, ...rest] = blocks.map((pem) => ({
    certificate: parsed(`certificate ${file}`, () => new X509Certificate(pem)),
    pem,
  }));
  return [leaf, ...rest];
}

function parsed<Value>(what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`Cannot read the ${what}: accepted PEM (${causeOf(error)})`);
  }
}

function assertValid(certificate: X509Certificate, file: string): void {
  const found = invalidity(certificate);
  if (found === null) return;
  const subject = certificate.subject?.replaceAll("\n", ", ") || "without a subject";
  throw new UsageError(`Cannot use the certificate ${file}: ${subject} ${found}`);
}

function invalidity(certificate: X509Certificate): string | null {
  const now = Date.now();
  if (Date.parse(certificate.validFrom) > now) return `is not valid before ${certificate.validFrom}`;
  return expiry(certificate) < now ? `expired on ${certificate.validTo}` : null;
}

function expiry({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

function earliest(name: Expiring, parsed: readonly Parsed[]): Certificate["notAfter"] {
  return parsed.length === 0 ? {} : { [name]: Math.min(...parsed.map(({ certificate }) => expiry(certificate))) };
}
