import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { BuiltinError } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { fromBase64Url } from "./binary_text.ts";
import { malformed, readDer, TAG } from "./der.ts";
import { parseJson } from "./json_parse.ts";
import { jwsAlgorithm, type JwsKey } from "./jws_algorithm.ts";
import { nextPemBlock } from "./pem.ts";
import { parsePublicKey, type PublicKey } from "./public_key.ts";
import { parseOneCertificate } from "./x509_certificate.ts";

/** A key that may verify a token. */
export interface VerificationKey {
  /** Empty where the key names none. */
  readonly algorithm: string;
  /** Empty where the key names none. */
  readonly keyId: string;
  /** Undefined for a type that verifies nothing. */
  readonly key: JwsKey | undefined;
}

/** From the PEM of one certificate or public key, or from a JSON Web Key or a set of them. Throws BuiltinError. */
export function verificationKeys(source: string): VerificationKey[] {
  const block = nextPemBlock(source);
  if (block === undefined) return parseJwks(source).filter(({ algorithm }) => isUsable(algorithm));
  if (block.rest !== "") throw new BuiltinError("extra data after a PEM certificate block");
  return [{ algorithm: "", keyId: "", key: keyOf(publicKeyIn(block.type, block.bytes)) }];
}

/** The keys of a JSON Web Key or a set of them (RFC 7517). Throws BuiltinError if one of them is malformed. */
export function parseJwks(source: string): VerificationKey[] {
  const json = parseJson(source);
  if (!(json instanceof RegoObject)) throw malformed("JSON Web Key");
  const keys = json.get("keys");
  if (keys === undefined) return [parseJwk(json)];
  if (!Array.isArray(keys)) throw malformed("JSON Web Key Set");
  return keys.map(parseJwk);
}

function isUsable(algorithm: string): boolean {
  return algorithm === "" || jwsAlgorithm(algorithm) !== undefined;
}

function publicKeyIn(type: string, bytes: Uint8Array): PublicKey | undefined {
  if (type === "CERTIFICATE") return parseOneCertificate(bytes).publicKey;
  if (type !== "PUBLIC KEY") throw new BuiltinError("failed to extract a Key from the PEM certificate");
  const key = parsePublicKey(readDer(bytes, TAG.sequence));
  if (key === undefined) throw new BuiltinError("failed to parse a PEM public key");
  return key;
}

function keyOf(key: PublicKey | undefined): JwsKey | undefined {
  if (key?.key === undefined || key.type === "dsa") return undefined;
  return { type: key.type, public: key.key };
}

function parseJwk(value: Value): VerificationKey {
  if (!(value instanceof RegoObject)) throw malformed("JSON Web Key");
  const field = (name: string): string | undefined => {
    const found = value.get(name) ?? undefined;
    if (found !== undefined && typeof found !== "string") throw malformed("JSON Web Key");
    return found;
  };
  return { algorithm: field("alg") ?? "", keyId: field("kid") ?? "", key: importKey(field) };
}

type Field = (name: string) => string | undefined;

const PUBLIC: ReadonlyMap<string, readonly string[]> = new Map([
  ["RSA", ["n", "e"]],
  ["EC", ["crv", "x", "y"]],
  ["OKP", ["crv", "x"]],
]);
const PRIVATE: ReadonlyMap<string, readonly string[]> = new Map([
  ["RSA", ["d", "p", "q", "dp", "dq", "qi"]],
  ["EC", ["d"]],
  ["OKP", ["d"]],
]);

function importKey(field: Field): JwsKey {
  const kty = field("kty") ?? "";
  if (kty === "oct") return { type: "hmac", secret: secretOf(field("k")) };
  const [publicFields, privateFields] = [PUBLIC.get(kty), PRIVATE.get(kty)];
  if (publicFields === undefined || privateFields === undefined) throw malformed("JSON Web Key");
  const jwk = jwkOf({ kty, names: publicFields }, field);
  const isPrivate = field("d") !== undefined;
  const [key, privateKey] = attempt(() => [
    createPublicKey({ key: jwk, format: "jwk" }),
    isPrivate ? privateKeyOf(jwkOf({ kty, names: [...publicFields, ...privateFields] }, field)) : undefined,
  ]);
  return { type: typeOf(key), public: key, ...(privateKey && { private: privateKey }) };
}

/** Node's reader needs the primes of an RSA key; without them it can only verify. */
function privateKeyOf(jwk: JsonWebKey): KeyObject | undefined {
  if (jwk.kty === "RSA" && [jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].includes(undefined)) return undefined;
  return createPrivateKey({ key: jwk, format: "jwk" });
}

function jwkOf({ kty, names }: { kty: string; names: readonly string[] }, field: Field): JsonWebKey {
  const entries = names.map((name) => [name, name === "crv" ? field(name) : base64Url(field(name))]);
  return { kty, ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}

function secretOf(digits: string | undefined): Uint8Array {
  const secret = fromBase64Url(base64Url(digits) ?? "");
  if (secret.length === 0) throw malformed("JSON Web Key");
  return secret;
}

/** Either alphabet, with or without padding. */
function base64Url(digits: string | undefined): string | undefined {
  return digits?.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function typeOf({ asymmetricKeyType: type }: KeyObject): "rsa" | "ec" | "ed25519" | "x25519" {
  if (type === "rsa" || type === "ec" || type === "ed25519" || type === "x25519") return type;
  throw malformed("JSON Web Key");
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw malformed("JSON Web Key");
  }
}
