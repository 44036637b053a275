import { BuiltinError } from "../builtin.ts";
import { type DerElement, type DerReader, malformed, readDer, TAG } from "./der.ts";
import { bitStringOf, type DerTime, integerOf, smallIntegerOf, timeOf } from "./der_value.ts";
import { parsePublicKey, type PublicKey } from "./public_key.ts";
import { signatureAlgorithmOf } from "./signature_algorithm.ts";
import { type Extension, type ExtensionFields, parseExtension, readExtensions } from "./x509_extensions.ts";
import { type GoName, parseName } from "./x509_name.ts";

/** A certificate of RFC 5280. */
export interface Certificate {
  readonly raw: Uint8Array;
  /** What is signed. */
  readonly rawTbs: Uint8Array;
  readonly rawPublicKey: Uint8Array;
  readonly rawSubject: Uint8Array;
  readonly rawIssuer: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureAlgorithm: ReturnType<typeof signatureAlgorithmOf>;
  /** Undefined for a type that is not known. */
  readonly publicKey: PublicKey | undefined;
  /** From 1. */
  readonly version: number;
  readonly serialNumber: bigint;
  readonly issuer: GoName;
  readonly subject: GoName;
  readonly notBefore: DerTime;
  readonly notAfter: DerTime;
  readonly extensions: readonly Extension[];
  readonly fields: ExtensionFields;
}

/** The certificates that stand one after the other in some bytes. Throws BuiltinError. */
export function parseCertificates(bytes: Uint8Array): Certificate[] {
  const certificates: Certificate[] = [];
  for (let at = 0; at < bytes.length; at += certificates.at(-1)!.raw.length) {
    certificates.push(parseCertificate(readDer(bytes.subarray(at), TAG.sequence)));
  }
  return certificates;
}

/** The only certificate in some bytes. Throws BuiltinError. */
export function parseOneCertificate(bytes: Uint8Array): Certificate {
  const certificate = parseCertificate(readDer(bytes, TAG.sequence));
  if (certificate.raw.length !== bytes.length) throw new BuiltinError("trailing data");
  return certificate;
}

function parseCertificate(element: DerElement): Certificate {
  const outer = element.children();
  const tbs = outer.next(TAG.sequence);
  const outerAlgorithm = outer.next(TAG.sequence);
  const signature = bitStringOf(outer.next(TAG.bitString));
  const parts = tbs.children();
  const version = versionOf(parts);
  const serialNumber = integerOf(parts.next(TAG.integer));
  if (serialNumber < 0n) throw malformed("serial number");
  const algorithm = parts.next(TAG.sequence);
  if (algorithm.raw.toHex() !== outerAlgorithm.raw.toHex()) throw malformed("signature algorithm");
  const issuer = parts.next(TAG.sequence);
  const validity = parts.next(TAG.sequence).children();
  const [notBefore, notAfter] = [timeOf(validity.next()), timeOf(validity.next())];
  const [subject, key] = [parts.next(TAG.sequence), parts.next(TAG.sequence)];
  const extensions = extensionsOf(parts, version);
  return {
    raw: element.raw,
    rawTbs: tbs.raw,
    rawPublicKey: key.raw,
    rawSubject: subject.raw,
    rawIssuer: issuer.raw,
    signature,
    signatureAlgorithm: signatureAlgorithmOf(algorithm),
    publicKey: publicKeyOf(key),
    version,
    serialNumber,
    issuer: parseName(issuer),
    subject: parseName(subject),
    notBefore,
    notAfter,
    extensions,
    fields: readExtensions(extensions),
  };
}

function versionOf(parts: DerReader): number {
  const element = parts.optional(0xa0)?.children().next(TAG.integer);
  const version = 1 + (element === undefined ? 0 : smallIntegerOf(element));
  if (version < 1 || version > 3) throw malformed("version");
  return version;
}

/** Go reads only the keys that certificates may sign with. */
function publicKeyOf(element: DerElement): PublicKey | undefined {
  const key = parsePublicKey(element);
  return key?.algorithm === 0 ? undefined : key;
}

function extensionsOf(parts: DerReader, version: number): Extension[] {
  if (version > 1) {
    parts.optional(0x81);
    parts.optional(0x82);
  }
  const list = version === 3 ? parts.optional(0xa3) : undefined;
  if (list === undefined) return [];
  const extensions = [...list.children().next(TAG.sequence).children().rest(TAG.sequence)].map(parseExtension);
  if (new Set(extensions.map(({ id }) => id)).size < extensions.length) throw malformed("extensions: a duplicate");
  return extensions;
}
