import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import { curveOf } from "./curve.ts";

/** A key and the JWS algorithms (RFC 7518) that it may be used with. */
export interface VerificationKey {
  readonly key: KeyObject | Uint8Array;
  readonly algorithms: readonly string[];
}

const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const HMAC = ["HS256", "HS384", "HS512"];
const CURVES: Readonly<Record<string, string>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" };

const ACCEPTED = "a PEM public key or certificate of RSA or of P-256, P-384, P-521, or else an HMAC secret";

/**
 * A public key in PEM, or the text of an HMAC secret. A text that shows any sign of a public key is never a secret:
 * who knows the public key could sign with it.
 */
export function verificationKey(text: string): VerificationKey {
  if (/-----BEGIN /.test(text)) return publicKey(text);
  if (/^\s*\{|^\s*(ssh|ecdsa)-|BEGIN .*KEY/i.test(text) || isBareKey(text)) {
    throw wrongKey("a public key that is not PEM");
  }
  if (text.trim() === "") throw wrongKey("an empty text");
  return { key: new TextEncoder().encode(text), algorithms: HMAC };
}

function publicKey(text: string): VerificationKey {
  if (text.includes("PRIVATE KEY")) throw wrongKey("a private key");
  const key = parsePem(text);
  const algorithms = algorithmsOf(key);
  if (algorithms.length === 0) throw wrongKey(`a key of kind ${key.asymmetricKeyType}`);
  return { key, algorithms };
}

function parsePem(text: string): KeyObject {
  try {
    return createPublicKey(text);
  } catch (cause) {
    throw new Error(`${wrongKey("PEM that cannot be read").message}: ${(cause as Error).message}`, { cause });
  }
}

/** Whether the text is what PEM has between its first and last line. */
function isBareKey(text: string): boolean {
  const der = Buffer.from(text, "base64");
  return (["spki", "pkcs1"] as const).some((type) => {
    try {
      return createPublicKey({ key: der, format: "der", type }) !== undefined;
    } catch {
      return false;
    }
  });
}

function algorithmsOf(key: KeyObject): readonly string[] {
  if (key.asymmetricKeyType === "rsa") return RSA;
  const algorithm = CURVES[curveOf(key) ?? ""];
  return key.asymmetricKeyType === "ec" && algorithm !== undefined ? [algorithm] : [];
}

function wrongKey(found: string): Error {
  return new Error(`verification key: found ${found}, accepted ${ACCEPTED}`);
}
