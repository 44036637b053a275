import { fromJson, type Value } from "../value.ts";
import { numbersOf } from "./der_value.ts";
import { formatAddress } from "./ip_network.ts";
import type { Certificate } from "./x509_certificate.ts";
import type { Extension } from "./x509_extensions.ts";
import type { GeneralNames, Subtrees } from "./x509_general_names.ts";

/** A value as Go's encoding/json writes it: bytes in base64. */
export function toGoJson(value: unknown): Value {
  return fromJson(withBase64(value));
}

/** `x509.Certificate` with the field that OPA adds to it. */
export function extendedCertificateJson(certificate: Certificate): Record<string, unknown> {
  const { uris } = certificate.fields.names;
  return { ...certificateJson(certificate), URIStrings: orNull(uris.map(({ text }) => text)) };
}

/** `x509.Certificate` of Go. Lists that are empty are null. */
export function certificateJson(certificate: Certificate): Record<string, unknown> {
  const { fields } = certificate;
  return {
    Raw: certificate.raw,
    RawTBSCertificate: certificate.rawTbs,
    RawSubjectPublicKeyInfo: certificate.rawPublicKey,
    RawSubject: certificate.rawSubject,
    RawIssuer: certificate.rawIssuer,
    Signature: certificate.signature,
    SignatureAlgorithm: certificate.signatureAlgorithm?.number ?? 0,
    PublicKeyAlgorithm: certificate.publicKey?.algorithm ?? 0,
    PublicKey: certificate.publicKey?.json ?? null,
    Version: certificate.version,
    SerialNumber: certificate.serialNumber,
    Issuer: certificate.issuer,
    Subject: certificate.subject,
    NotBefore: certificate.notBefore.text,
    NotAfter: certificate.notAfter.text,
    KeyUsage: fields.keyUsage,
    Extensions: extensionsJson(certificate.extensions),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: orNull(fields.unhandledCritical.map(numbersOf)),
    ExtKeyUsage: orNull(fields.extendedKeyUsages),
    UnknownExtKeyUsage: orNull(fields.unknownExtendedKeyUsages.map(numbersOf)),
    SubjectKeyId: fields.subjectKeyId ?? null,
    AuthorityKeyId: fields.authorityKeyId ?? null,
    OCSPServer: orNull(fields.ocspServers),
    IssuingCertificateURL: orNull(fields.issuerUris),
    CRLDistributionPoints: orNull(fields.crlUris),
    ...basicConstraintsJson(certificate),
    ...namesJson(fields.names),
    ...nameConstraintsJson(certificate),
    ...policyJson(certificate),
  };
}

export function extensionsJson(extensions: readonly Extension[]): unknown {
  return orNull(extensions.map(({ id, critical, value }) => ({ Id: numbersOf(id), Critical: critical, Value: value })));
}

export function namesJson({ dns, emails, ips, uris }: GeneralNames): Record<string, unknown> {
  return {
    DNSNames: orNull(dns),
    EmailAddresses: orNull(emails),
    IPAddresses: orNull(ips.map(addressText)),
    URIs: orNull(uris.map(({ url }) => url)),
  };
}

/** Go's slices are nil until something is appended. */
export function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function basicConstraintsJson({ fields: { basicConstraints } }: Certificate): Record<string, unknown> {
  return {
    BasicConstraintsValid: basicConstraints !== undefined,
    IsCA: basicConstraints?.isCa ?? false,
    MaxPathLen: basicConstraints?.maxPathLength ?? 0,
    MaxPathLenZero: basicConstraints?.maxPathLength === 0,
  };
}

function nameConstraintsJson({ fields: { nameConstraints } }: Certificate): Record<string, unknown> {
  return {
    PermittedDNSDomainsCritical: nameConstraints?.critical ?? false,
    ...subtreesJson("Permitted", nameConstraints?.permitted),
    ...subtreesJson("Excluded", nameConstraints?.excluded),
  };
}

function subtreesJson(kind: string, trees: Subtrees | undefined): Record<string, unknown> {
  const ranges = (trees?.ips ?? []).map(({ ip, mask }) => ({ IP: addressText(ip), Mask: mask }));
  return {
    [`${kind}DNSDomains`]: orNull(trees?.dns ?? []),
    [`${kind}IPRanges`]: orNull(ranges),
    [`${kind}EmailAddresses`]: orNull(trees?.emails ?? []),
    [`${kind}URIDomains`]: orNull(trees?.uris ?? []),
  };
}

function policyJson({ fields }: Certificate): Record<string, unknown> {
  return {
    PolicyIdentifiers: fields.policies?.map(numbersOf) ?? null,
    Policies: orNull(fields.policies ?? []),
    PolicyMappings: orNull(fields.policyMappings.map(({ issuer, subject }) => ({
      IssuerDomainPolicy: issuer,
      SubjectDomainPolicy: subject,
    }))),
    InhibitAnyPolicy: fields.inhibitAnyPolicy ?? 0,
    InhibitAnyPolicyZero: fields.inhibitAnyPolicy === 0,
    InhibitPolicyMapping: fields.inhibitPolicyMapping ?? 0,
    InhibitPolicyMappingZero: fields.inhibitPolicyMapping === 0,
    RequireExplicitPolicy: fields.requireExplicitPolicy ?? 0,
    RequireExplicitPolicyZero: fields.requireExplicitPolicy === 0,
  };
}

const MAPPED = /^0{20}f{4}/;

/** An IPv4-mapped address as IPv4, like Go. */
export function addressText(bytes: Uint8Array): string {
  const digits = bytes.toHex();
  const isV4 = bytes.length === 4 || MAPPED.test(digits);
  return formatAddress(BigInt(`0x${digits.slice(isV4 ? -8 : 0)}`), isV4 ? 32 : 128);
}

function withBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map(withBase64);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBase64(inner)]));
}
