import { type DerElement, type DerReader, malformed, readDer, TAG } from "./der.ts";
import { bitMaskOf, booleanOf, integerOf, numbersOf, smallIntegerOf } from "./der_value.ts";
import { fromUtf8 } from "./binary_text.ts";
import {
  type GeneralNames,
  type NameConstraints,
  noNames,
  parseGeneralNames,
  parseNameConstraints,
} from "./x509_general_names.ts";

/** An extension as it stands in a certificate. */
export interface Extension {
  /** Dotted. */
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** What Go's crypto/x509 reads from the extensions of a certificate, with the values it has for those that lack. */
export interface ExtensionFields {
  keyUsage: number;
  /** Absent without basic constraints; a path length of -1 is none. */
  basicConstraints?: { readonly isCa: boolean; readonly maxPathLength: number };
  names: GeneralNames;
  nameConstraints?: NameConstraints & { readonly critical: boolean };
  subjectKeyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  /** Numbers of `x509.ExtKeyUsage`. */
  extendedKeyUsages: number[];
  unknownExtendedKeyUsages: string[];
  crlUris: string[];
  ocspServers: string[];
  issuerUris: string[];
  policies?: string[];
  policyMappings: { readonly issuer: string; readonly subject: string }[];
  requireExplicitPolicy?: number;
  inhibitPolicyMapping?: number;
  inhibitAnyPolicy?: number;
  unhandledCritical: string[];
}

export const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

/** One SEQUENCE of an extension. Throws BuiltinError. */
export function parseExtension(element: DerElement): Extension {
  const parts = element.children();
  const id = parts.next(TAG.objectIdentifier).objectIdentifier();
  numbersOf(id);
  const critical = parts.optional(TAG.boolean);
  const value = parts.next(TAG.octetString).content;
  return { id, critical: critical !== undefined && booleanOf(critical), value };
}

/** Throws BuiltinError for an extension that is known and malformed. */
export function readExtensions(extensions: readonly Extension[]): ExtensionFields {
  const fields: ExtensionFields = {
    keyUsage: 0,
    names: noNames(),
    extendedKeyUsages: [],
    unknownExtendedKeyUsages: [],
    crlUris: [],
    ocspServers: [],
    issuerUris: [],
    policyMappings: [],
    unhandledCritical: [],
  };
  for (const extension of extensions) {
    const read = Object.hasOwn(READERS, extension.id) ? READERS[extension.id] : undefined;
    const handled = read !== undefined && read(fields, extension) !== false;
    if (extension.critical && !handled) fields.unhandledCritical.push(extension.id);
  }
  return fields;
}

/** `x509.ExtKeyUsage` of Go, in its order. */
const EXTENDED_KEY_USAGES = [
  "2.5.29.37.0",
  "1.3.6.1.5.5.7.3.1",
  "1.3.6.1.5.5.7.3.2",
  "1.3.6.1.5.5.7.3.3",
  "1.3.6.1.5.5.7.3.4",
  "1.3.6.1.5.5.7.3.5",
  "1.3.6.1.5.5.7.3.6",
  "1.3.6.1.5.5.7.3.7",
  "1.3.6.1.5.5.7.3.8",
  "1.3.6.1.5.5.7.3.9",
  "1.3.6.1.4.1.311.10.3.3",
  "2.16.840.1.113730.4.1",
  "1.3.6.1.4.1.311.2.1.22",
  "1.3.6.1.4.1.311.61.1.1",
];
const OCSP = "1.3.6.1.5.5.7.48.1";
const CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
const URI = 0x86;

/** Each returns false for what it could not handle. */
const READERS: Readonly<Record<string, (fields: ExtensionFields, extension: Extension) => void | false>> = {
  "2.5.29.14"(fields, extension) {
    fields.subjectKeyId = readDer(uncritical(extension), TAG.octetString).content;
  },
  "2.5.29.15"(fields, { value }) {
    fields.keyUsage = bitMaskOf(readDer(value, TAG.bitString));
  },
  [SUBJECT_ALTERNATIVE_NAME](fields, { value }) {
    fields.names = parseGeneralNames(value);
    if (Object.values(fields.names).every((names) => names.length === 0)) return false;
  },
  "2.5.29.19"(fields, { value }) {
    const parts = sequence(value);
    const [isCa, length] = [parts.optional(TAG.boolean), parts.optional(TAG.integer)];
    const maxPathLength = length === undefined ? -1 : countOf(length);
    fields.basicConstraints = { isCa: isCa !== undefined && booleanOf(isCa), maxPathLength };
  },
  "2.5.29.30"(fields, { value, critical }) {
    fields.nameConstraints = { ...parseNameConstraints(value), critical };
    if (fields.nameConstraints.unhandled) return false;
  },
  "2.5.29.31"(fields, { value }) {
    for (const point of sequence(value).rest(TAG.sequence)) {
      const names = point.children().optional(0xa0)?.children().next(0xa0).children();
      for (let uri = names?.optional(URI); uri !== undefined; uri = names?.optional(URI)) {
        fields.crlUris.push(fromUtf8(uri.content));
      }
    }
  },
  "2.5.29.32"(fields, { value }) {
    const policies = [...sequence(value).rest(TAG.sequence)].map(firstIdentifier);
    if (new Set(policies).size < policies.length) throw malformed("certificate policies");
    fields.policies = policies;
  },
  "2.5.29.33"(fields, { value }) {
    for (const mapping of sequence(value).rest(TAG.sequence)) {
      const parts = mapping.children();
      const [issuer, subject] = [0, 1].map(() => parts.next(TAG.objectIdentifier).objectIdentifier());
      fields.policyMappings.push({ issuer, subject });
    }
  },
  "2.5.29.35"(fields, extension) {
    fields.authorityKeyId = sequence(uncritical(extension)).optional(0x80)?.content;
  },
  "2.5.29.36"(fields, { value }) {
    const parts = sequence(value);
    const [explicit, mapping] = [parts.optional(0x80), parts.optional(0x81)];
    if (explicit !== undefined) fields.requireExplicitPolicy = smallIntegerOf(explicit);
    if (mapping !== undefined) fields.inhibitPolicyMapping = smallIntegerOf(mapping);
  },
  "2.5.29.37"(fields, { value }) {
    for (const element of sequence(value).rest(TAG.objectIdentifier)) {
      const usage = EXTENDED_KEY_USAGES.indexOf(element.objectIdentifier());
      if (usage === -1) fields.unknownExtendedKeyUsages.push(element.objectIdentifier());
      else fields.extendedKeyUsages.push(usage);
    }
  },
  "2.5.29.54"(fields, { value }) {
    fields.inhibitAnyPolicy = smallIntegerOf(readDer(value, TAG.integer));
  },
  "1.3.6.1.5.5.7.1.1"(fields, extension) {
    for (const access of sequence(uncritical(extension)).rest(TAG.sequence)) {
      const parts = access.children();
      const method = parts.next(TAG.objectIdentifier).objectIdentifier();
      const uri = parts.optional(URI);
      if (uri === undefined) continue;
      if (method === OCSP) fields.ocspServers.push(fromUtf8(uri.content));
      if (method === CA_ISSUERS) fields.issuerUris.push(fromUtf8(uri.content));
    }
  },
};

function sequence(value: Uint8Array): DerReader {
  return readDer(value, TAG.sequence).children();
}

function firstIdentifier(element: DerElement): string {
  return element.children().next(TAG.objectIdentifier).objectIdentifier();
}

/** RFC 5280 forbids to mark some extensions critical, and Go refuses it. */
function uncritical({ value, critical, id }: Extension): Uint8Array {
  if (critical) throw malformed(`extension ${id}`);
  return value;
}

function countOf(element: DerElement): number {
  if (integerOf(element) < 0n) throw malformed("path length");
  return smallIntegerOf(element);
}
