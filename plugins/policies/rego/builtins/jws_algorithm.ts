import { constants, createHmac, type KeyObject, sign, verify } from "node:crypto";
import { Buffer } from "node:buffer";
import { BuiltinError } from "../builtin.ts";
import { isSameSecret } from "./crypto.ts";
import { curveOf } from "../curve.ts";
import { fromDer, toDer } from "./ecdsa_signature.ts";

/** An algorithm of RFC 7518, 3.1, or RFC 8037. */
export interface JwsAlgorithm {
  readonly family: "hmac" | "rsa" | "ec" | "ed25519";
  /** Null for EdDSA, which hashes itself. */
  readonly hash: string | null;
  readonly pss?: boolean;
}

/** A key by its type, or a secret. */
export type JwsKey =
  | { readonly type: "hmac"; readonly secret: Uint8Array }
  | { readonly type: "rsa" | "ec" | "ed25519" | "x25519"; readonly public: KeyObject; readonly private?: KeyObject };

const ALGORITHMS: ReadonlyMap<string, JwsAlgorithm> = new Map<string, JwsAlgorithm>([
  ["EdDSA", { family: "ed25519", hash: null }],
  ...["256", "384", "512"].flatMap((bits): [string, JwsAlgorithm][] => [
    [`HS${bits}`, { family: "hmac", hash: `sha${bits}` }],
    [`RS${bits}`, { family: "rsa", hash: `sha${bits}` }],
    [`PS${bits}`, { family: "rsa", hash: `sha${bits}`, pss: true }],
    [`ES${bits}`, { family: "ec", hash: `sha${bits}` }],
  ]),
]);

/** Undefined for what OPA does not support. */
export function jwsAlgorithm(name: string): JwsAlgorithm | undefined {
  return ALGORITHMS.get(name);
}

export interface Signed {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VerifySettings {
  readonly algorithm: JwsAlgorithm;
  readonly key: JwsKey;
  /** Whether a PSS salt may have another length than the hash, as the `io.jwt.verify_ps*` functions allow. */
  readonly anySalt?: boolean;
}

/** Whether the signature is the key's; false for a key of another type. */
export function isSigned({ bytes, signature }: Signed, { algorithm, key, anySalt }: VerifySettings): boolean {
  if (key.type !== algorithm.family) return false;
  if (key.type === "hmac") return key.secret.length > 0 && isSameSecret(macOf(bytes, algorithm, key.secret), signature);
  const fitting = algorithm.family === "ec" ? fittedToCurve(signature, key.public) : signature;
  const { hash, pss } = algorithm;
  const saltLength = anySalt ? constants.RSA_PSS_SALTLEN_AUTO : constants.RSA_PSS_SALTLEN_DIGEST;
  if (fitting === undefined || isWeak(key.public)) return false;
  try {
    const sent = algorithm.family === "ec" ? toDer(fitting) : fitting;
    return verify(hash, bytes, { key: key.public, padding: paddingOf(pss), ...(pss && { saltLength }) }, sent);
  } catch {
    // Deno cannot verify with a hash of less than half the curve's size.
    return false;
  }
}

/** The signature; random for ECDSA and PSS. Throws BuiltinError for a key that cannot sign with the algorithm. */
export function signatureOf(bytes: Uint8Array, { algorithm, key }: VerifySettings): Uint8Array {
  if (key.type !== algorithm.family) throw new BuiltinError("invalid key type for the algorithm");
  if (key.type === "hmac") return macOf(bytes, algorithm, key.secret);
  if (key.private === undefined || isWeak(key.public)) throw new BuiltinError("a private key is required");
  const { hash, pss } = algorithm;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  try {
    const signature = sign(hash, bytes, { key: key.private, padding: paddingOf(pss), ...(pss && { saltLength }) });
    return algorithm.family === "ec" ? fromDer(signature, fieldSize(key.public)) : signature;
  } catch {
    throw new BuiltinError("the key cannot sign with the algorithm");
  }
}

function macOf(bytes: Uint8Array, { hash }: JwsAlgorithm, secret: Uint8Array): Uint8Array {
  return createHmac(hash!, Buffer.from(secret)).update(bytes).digest();
}

function paddingOf(pss: boolean | undefined): number {
  return pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
}

const FIELD_BYTES = { "P-224": 28, "P-256": 32, "P-384": 48, "P-521": 66 };

function fieldSize(key: KeyObject): number {
  const curve = curveOf(key);
  return curve === undefined ? 0 : FIELD_BYTES[curve];
}

/** The two halves in the size of the curve's field; undefined if they are larger. */
function fittedToCurve(signature: Uint8Array, key: KeyObject): Uint8Array | undefined {
  const size = fieldSize(key);
  const middle = signature.length >> 1;
  const halves = [signature.subarray(0, middle), signature.subarray(middle)]
    .map((half) => half.subarray(Math.max(0, half.findIndex((byte) => byte !== 0))));
  if (halves.some((half) => half.length > size)) return undefined;
  const fitted = new Uint8Array(2 * size);
  halves.forEach((half, i) => fitted.set(half, (i + 1) * size - half.length));
  return fitted;
}

/** Go refuses RSA keys below 1,024 bits. */
function isWeak(key: KeyObject): boolean {
  return key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 1024;
}
