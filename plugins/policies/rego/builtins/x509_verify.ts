import { isSignedBy } from "./signature_algorithm.ts";
import type { Certificate } from "./x509_certificate.ts";
import { isWithinConstraints } from "./x509_constraints.ts";
import { SUBJECT_ALTERNATIVE_NAME } from "./x509_extensions.ts";
import { isForHost } from "./x509_hostname.ts";

export interface VerifyOptions {
  /** Nanoseconds since 1970 UTC. */
  readonly time: bigint;
  /** The empty name is not checked. */
  readonly dnsName: string;
  /** Numbers of `x509.ExtKeyUsage`, of which the chain must allow one; none means server authentication. */
  readonly keyUsages: readonly number[];
}

const MOST_SIGNATURE_CHECKS = 100;
const ANY_USAGE = 0;
const SERVER_AUTHENTICATION = 1;
const ANY_POLICY = "2.5.29.32.0";
const CERTIFICATE_SIGN = 1 << 5;

interface Search {
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly time: bigint;
  checks: number;
}

/**
 * A chain from the last certificate over those between to the first, which is trusted, as Go's `Certificate.Verify`
 * builds it; undefined if there is none. Unlike Go, refuses every chain that requires explicit policies or maps anyPolicy.
 */
export function verifyChain(certificates: readonly Certificate[], options: VerifyOptions): Certificate[] | undefined {
  const [leaf, root] = [certificates.at(-1), certificates[0]];
  if (certificates.length < 2 || leaf === undefined) return undefined;
  const search = { root, intermediates: distinct(certificates.slice(1, -1)), time: options.time, checks: 0 };
  if (!isAcceptable(leaf, [], search) || (options.dnsName !== "" && !isForHost(leaf, options.dnsName))) {
    return undefined;
  }
  const chains = isSame(leaf, root) ? [[leaf]] : chainsFrom([leaf], search);
  return chains.find((chain) =>
    isWithoutPolicies(chain) && allowsUsage(chain, options.keyUsages) && isWithinConstraints(chain)
  );
}

function chainsFrom(chain: readonly Certificate[], search: Search): Certificate[][] {
  const child = chain[chain.length - 1];
  const toRoot = isNextIn(search.root, chain, search) ? [[...chain, search.root]] : [];
  const candidates = search.intermediates.filter(({ rawSubject }) => isEqual(rawSubject, child.rawIssuer));
  const further = candidates
    .toSorted((a, b) => keyIdRank(a, child) - keyIdRank(b, child))
    .flatMap((candidate) =>
      isAuthority(candidate) && isNextIn(candidate, chain, search) ? chainsFrom([...chain, candidate], search) : []
    );
  return [...toRoot, ...further];
}

function isNextIn(parent: Certificate, chain: readonly Certificate[], search: Search): boolean {
  const child = chain[chain.length - 1];
  if (!isEqual(parent.rawSubject, child.rawIssuer) || ++search.checks > MOST_SIGNATURE_CHECKS) return false;
  return !isInChain(parent, chain) && hasSigned(parent, child) && isAcceptable(parent, chain, search);
}

/** Those whose key identifier fits come first, those with another last. */
function keyIdRank({ fields: { subjectKeyId } }: Certificate, { fields: { authorityKeyId } }: Certificate): number {
  if ((subjectKeyId?.toHex() ?? "") === (authorityKeyId?.toHex() ?? "")) return 0;
  return subjectKeyId?.length && authorityKeyId?.length ? 2 : 1;
}

function hasSigned(parent: Certificate, child: Certificate): boolean {
  const { basicConstraints, keyUsage } = parent.fields;
  if (parent.version === 3 && basicConstraints === undefined) return false;
  if (basicConstraints?.isCa === false || (keyUsage !== 0 && (keyUsage & CERTIFICATE_SIGN) === 0)) return false;
  if (parent.publicKey === undefined) return false;
  const { signatureAlgorithm: algorithm, rawTbs: bytes, signature } = child;
  return isSignedBy({ algorithm, bytes, signature }, parent.publicKey);
}

function isAuthority({ fields: { basicConstraints } }: Certificate): boolean {
  return basicConstraints?.isCa === true;
}

/** In time, without critical extensions that nobody knows, and not above more certificates than it allows. */
function isAcceptable(certificate: Certificate, below: readonly Certificate[], { time }: Search): boolean {
  const { fields, notBefore, notAfter } = certificate;
  const length = fields.basicConstraints?.maxPathLength ?? -1;
  return fields.unhandledCritical.length === 0 && time >= toNanoseconds(notBefore.epoch) &&
    time <= toNanoseconds(notAfter.epoch) && (length < 0 || below.length - 1 <= length);
}

function toNanoseconds(milliseconds: number): bigint {
  return BigInt(milliseconds) * 1_000_000n;
}

/** By subject, key and alternative names: cross-signatures would else make loops. */
function isInChain(candidate: Certificate, chain: readonly Certificate[]): boolean {
  return chain.some((certificate) =>
    isEqual(candidate.rawSubject, certificate.rawSubject) &&
    isEqual(candidate.rawPublicKey, certificate.rawPublicKey) &&
    alternativeNames(candidate) === alternativeNames(certificate)
  );
}

function alternativeNames({ extensions }: Certificate): string | undefined {
  return extensions.find(({ id }) => id === SUBJECT_ALTERNATIVE_NAME)?.value.toHex();
}

/** Whether RFC 5280, 6.1 has nothing to say about policies: none is required, and none mapped in a forbidden way. */
function isWithoutPolicies(chain: readonly Certificate[]): boolean {
  return chain.slice(0, -1).every(({ fields }) => fields.requireExplicitPolicy === undefined) &&
    chain.slice(1, -1).every(({ fields }) =>
      fields.policyMappings.every(({ issuer, subject }) => issuer !== ANY_POLICY && subject !== ANY_POLICY)
    );
}

/** Whether one of the usages is left when those that a certificate of the chain does not list are crossed out. */
function allowsUsage(chain: readonly Certificate[], requested: readonly number[]): boolean {
  if (requested.includes(ANY_USAGE)) return true;
  const usages = requested.length === 0 ? [SERVER_AUTHENTICATION] : requested;
  return usages.some((usage) =>
    chain.every(({ fields: { extendedKeyUsages, unknownExtendedKeyUsages } }) =>
      extendedKeyUsages.length + unknownExtendedKeyUsages.length === 0 ||
      extendedKeyUsages.includes(ANY_USAGE) || extendedKeyUsages.includes(usage)
    )
  );
}

function distinct(certificates: readonly Certificate[]): Certificate[] {
  return [...new Map(certificates.map((certificate) => [certificate.raw.toHex(), certificate])).values()];
}

function isSame(a: Certificate, b: Certificate): boolean {
  return isEqual(a.raw, b.raw);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
