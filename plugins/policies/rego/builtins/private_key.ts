import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { Buffer } from "node:buffer";
import { BuiltinError } from "../builtin.ts";
import { readDer, TAG } from "./der.ts";
import { pemBlocks } from "./pem.ts";
import { parsePublicKey } from "./public_key.ts";

type KeyFormat = "pkcs1" | "pkcs8" | "sec1";

const FORMATS: ReadonlyMap<string, KeyFormat> = new Map([
  ["RSA PRIVATE KEY", "pkcs1"],
  ["PRIVATE KEY", "pkcs8"],
  ["EC PRIVATE KEY", "sec1"],
]);

/** The private keys of a PEM text; blocks of other types are skipped. Throws BuiltinError. */
export function privateKeysOf(pem: string): KeyObject[] {
  const keys: KeyObject[] = [];
  for (const { type, bytes } of pemBlocks(pem)) {
    const format = FORMATS.get(type);
    if (format !== undefined) keys.push(importPrivateKey(bytes, format));
  }
  return keys;
}

/** Throws BuiltinError for bytes in none of the three formats. */
export function importAnyPrivateKey(bytes: Uint8Array): KeyObject {
  for (const format of FORMATS.values()) {
    try {
      return importPrivateKey(bytes, format);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
    }
  }
  throw new BuiltinError("failed to parse private key");
}

/** The key as a JSON Web Key (RFC 7517). Throws BuiltinError for a curve that has none there. */
export function privateJwk(key: KeyObject): JsonWebKey {
  try {
    return key.export({ format: "jwk" });
  } catch {
    throw new BuiltinError("the key has no form as a JSON Web Key");
  }
}

/** What Go's encoding/json makes of the key. Throws BuiltinError like {@link privateJwk}. */
export function privateKeyJson(key: KeyObject): unknown {
  if (key.asymmetricKeyType === "ec") return ecKeyJson(key);
  const jwk = privateJwk(key);
  const number = (name: keyof JsonWebKey) => toInteger(bytesOf(jwk[name]));
  switch (key.asymmetricKeyType) {
    case "rsa":
      return {
        N: number("n"),
        E: number("e"),
        D: number("d"),
        Primes: [number("p"), number("q")],
        Precomputed: { Dp: number("dp"), Dq: number("dq"), Qinv: number("qi"), CRTValues: [] },
      };
    case "ed25519":
      return Uint8Array.from([...bytesOf(jwk.d), ...bytesOf(jwk.x)]);
    default:
      return {};
  }
}

/** The SubjectPublicKeyInfo of the key's public half. */
export function publicKeyBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key as never).export({ format: "der", type: "spki" });
}

/** By RFC 5915: P-224 has no form as a JSON Web Key. */
function ecKeyJson(key: KeyObject): Record<string, unknown> {
  const parts = readDer(key.export({ format: "der", type: "sec1" }), TAG.sequence).children();
  parts.next(TAG.integer);
  const { json } = parsePublicKey(readDer(publicKeyBytes(key)))!;
  return { ...(json as Record<string, unknown>), D: toInteger(parts.next(TAG.octetString).content) };
}

function importPrivateKey(bytes: Uint8Array, type: KeyFormat): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(bytes), format: "der", type });
  } catch {
    throw new BuiltinError("failed to parse private key");
  }
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex()}`);
}

function bytesOf(digits: unknown): Uint8Array {
  return Uint8Array.fromBase64(String(digits), { alphabet: "base64url" });
}
