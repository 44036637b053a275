import { createPublicKey, type KeyObject } from "node:crypto";
import { Buffer } from "node:buffer";
import { BuiltinError } from "../builtin.ts";
import { type DerElement, malformed, readDer, TAG } from "./der.ts";
import { bitStringOf, integerOf, smallIntegerOf } from "./der_value.ts";

export type KeyType = "rsa" | "dsa" | "ec" | "ed25519" | "x25519";

/** A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
export interface PublicKey {
  readonly type: KeyType;
  /** `x509.PublicKeyAlgorithm` of Go. */
  readonly algorithm: number;
  /** What Go's encoding/json makes of the key. */
  readonly json: unknown;
  /** Undefined for what verifies nothing: the other types, and numbers that are no key. */
  readonly key: KeyObject | undefined;
}

const TYPES: Readonly<Record<string, KeyType>> = {
  "1.2.840.113549.1.1.1": "rsa",
  "1.2.840.10040.4.1": "dsa",
  "1.2.840.10045.2.1": "ec",
  "1.3.101.112": "ed25519",
  "1.3.101.110": "x25519",
};
const ALGORITHMS: Readonly<Record<KeyType, number>> = { rsa: 1, dsa: 2, ec: 3, ed25519: 4, x25519: 0 };
const CURVES: Readonly<Record<string, number>> = {
  "1.3.132.0.33": 28,
  "1.2.840.10045.3.1.7": 32,
  "1.3.132.0.34": 48,
  "1.3.132.0.35": 66,
};

/** The key, or undefined for a type that is not known. Throws BuiltinError. */
export function parsePublicKey(info: DerElement): PublicKey | undefined {
  const parts = info.children();
  const algorithm = parts.next(TAG.sequence).children();
  const type = TYPES[algorithm.next(TAG.objectIdentifier).objectIdentifier()];
  const parameters = algorithm.done ? undefined : algorithm.next();
  const bits = bitStringOf(parts.next(TAG.bitString));
  if (type === undefined) return undefined;
  const json = JSON_OF[type](bits, parameters);
  const key = type === "dsa" || type === "x25519" ? undefined : importKey(info.raw);
  // Go looks only for points of an elliptic curve whether they are keys, and at others when they verify.
  if (type === "ec" && key === undefined) throw malformed("elliptic curve point");
  return { type, algorithm: ALGORITHMS[type], json, key };
}

type ToJson = (bits: Uint8Array<ArrayBuffer>, parameters: DerElement | undefined) => unknown;

const JSON_OF: Readonly<Record<KeyType, ToJson>> = {
  rsa(bits, parameters) {
    if (parameters?.tag !== TAG.null) throw malformed("RSA key");
    const parts = readDer(bits, TAG.sequence).children();
    const [N, E] = [integerOf(parts.next(TAG.integer)), smallIntegerOf(parts.next(TAG.integer))];
    if (N <= 0n || E <= 0) throw malformed("RSA key");
    return { N, E };
  },
  ec(bits, parameters) {
    const size = CURVES[parameters?.objectIdentifier() ?? ""];
    if (size === undefined) throw new BuiltinError("unsupported elliptic curve");
    if (bits[0] !== 4 || bits.length !== 1 + 2 * size) throw malformed("elliptic curve point");
    const [X, Y] = [bits.subarray(1, 1 + size), bits.subarray(1 + size)].map(toInteger);
    return { Curve: {}, X, Y };
  },
  dsa(bits, parameters) {
    const Y = integerOf(readDer(bits, TAG.integer));
    const parts = parameters?.children();
    const [P, Q, G] = [0, 1, 2].map(() => (parts === undefined ? 0n : integerOf(parts.next(TAG.integer))));
    if ([P, Q, G, Y].some((number) => number <= 0n)) throw malformed("DSA key");
    return { P, Q, G, Y };
  },
  ed25519(bits, parameters) {
    if (parameters !== undefined || bits.length !== 32) throw malformed("Ed25519 key");
    return bits;
  },
  x25519(bits, parameters) {
    if (parameters !== undefined || bits.length !== 32) throw malformed("X25519 key");
    return {};
  },
};

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex()}`);
}

function importKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
