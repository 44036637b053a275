import { constants, verify } from "node:crypto";
import { type DerElement, type DerReader, TAG } from "./der.ts";
import { smallIntegerOf } from "./der_value.ts";
import { BuiltinError } from "../builtin.ts";
import type { KeyType, PublicKey } from "./public_key.ts";

interface SignatureAlgorithm {
  /** `x509.SignatureAlgorithm` of Go. */
  readonly number: number;
  readonly key: KeyType;
  /** Null for Ed25519, which hashes itself. */
  readonly hash: string | null;
  readonly pss?: boolean;
}

const RSA_PSS = "1.2.840.113549.1.1.10";
const ED25519 = "1.3.101.112";
const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  "1.2.840.113549.1.1.4": { number: 2, key: "rsa", hash: "md5" },
  "1.2.840.113549.1.1.5": { number: 3, key: "rsa", hash: "sha1" },
  "1.3.14.3.2.29": { number: 3, key: "rsa", hash: "sha1" },
  "1.2.840.113549.1.1.11": { number: 4, key: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { number: 5, key: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { number: 6, key: "rsa", hash: "sha512" },
  "1.2.840.10040.4.3": { number: 7, key: "dsa", hash: "sha1" },
  "2.16.840.1.101.3.4.3.2": { number: 8, key: "dsa", hash: "sha256" },
  "1.2.840.10045.4.1": { number: 9, key: "ec", hash: "sha1" },
  "1.2.840.10045.4.3.2": { number: 10, key: "ec", hash: "sha256" },
  "1.2.840.10045.4.3.3": { number: 11, key: "ec", hash: "sha384" },
  "1.2.840.10045.4.3.4": { number: 12, key: "ec", hash: "sha512" },
  [ED25519]: { number: 16, key: "ed25519", hash: null },
};
const PSS: Readonly<Record<string, SignatureAlgorithm>> = {
  "2.16.840.1.101.3.4.2.1 32": { number: 13, key: "rsa", hash: "sha256", pss: true },
  "2.16.840.1.101.3.4.2.2 48": { number: 14, key: "rsa", hash: "sha384", pss: true },
  "2.16.840.1.101.3.4.2.3 64": { number: 15, key: "rsa", hash: "sha512", pss: true },
};

/** What an AlgorithmIdentifier names; undefined for what Go does not know either. */
export function signatureAlgorithmOf(identifier: DerElement): SignatureAlgorithm | undefined {
  const parts = identifier.children();
  const name = parts.next(TAG.objectIdentifier).objectIdentifier();
  const parameters = parts.done ? undefined : parts.next();
  if (name === RSA_PSS) return parameters && pssAlgorithm(parameters);
  if (name === ED25519 && parameters !== undefined) return undefined;
  return ALGORITHMS[name];
}

/** Whether the signature is the key's. MD5 and SHA-1 are refused, as for certificates in Go. */
export function isSignedBy(
  signed: { readonly algorithm?: SignatureAlgorithm; readonly bytes: Uint8Array; readonly signature: Uint8Array },
  { type, key }: PublicKey,
): boolean {
  const { algorithm, bytes, signature } = signed;
  if (key === undefined || algorithm?.key !== type || algorithm.hash === "md5" || algorithm.hash === "sha1") {
    return false;
  }
  const padding = algorithm.pss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  try {
    return verify(algorithm.hash, bytes, { key, ...padding }, signature);
  } catch {
    return false;
  }
}

/** Only with equal hashes, a salt of the hash's length and no odd trailer (getSignatureAlgorithmFromAI). */
function pssAlgorithm(parameters: DerElement): SignatureAlgorithm | undefined {
  try {
    const parts = parameters.children();
    const hash = hashOf(parts.next(0xa0).children());
    const mask = parts.next(0xa1).children().next(TAG.sequence).children();
    if (mask.next().objectIdentifier() !== "1.2.840.113549.1.1.8" || hashOf(mask) !== hash) return undefined;
    const salt = smallIntegerOf(parts.next(0xa2).children().next(TAG.integer));
    const trailer = parts.optional(0xa3)?.children().next(TAG.integer);
    if (trailer !== undefined && smallIntegerOf(trailer) !== 1) return undefined;
    return PSS[`${hash} ${salt}`];
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function hashOf(parts: DerReader): string {
  const identifier = parts.next(TAG.sequence).children();
  const hash = identifier.next().objectIdentifier();
  if (!identifier.done) identifier.next(TAG.null);
  return hash;
}
