import { BuiltinError, object } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { utf8 } from "./binary_text.ts";
import { type VerificationKey, verificationKeys } from "./jwk.ts";
import { isSigned, jwsAlgorithm, type JwsKey, type Signed } from "./jws_algorithm.ts";
import {
  jsonObject,
  payloadText,
  readHeader,
  signatureBytes,
  signedBytes,
  splitToken,
  type TokenHeader,
} from "./jwt_token.ts";
import { curveOf } from "../curve.ts";

/** `io.jwt.decode_verify`: `[true, header, payload]`, or `[false, {}, {}]` for a token that is not to be trusted. */
export function decodeVerify(token: Value, operand: Value, now: bigint): Value {
  const constraints = readConstraints(operand, now);
  const verified = verifyNested(token, constraints);
  if (verified === undefined || !areClaimsMet(verified.payload, constraints)) {
    return [false, new RegoObject(), new RegoObject()];
  }
  return [true, verified.header, verified.payload];
}

interface Constraints {
  readonly keys?: readonly VerificationKey[];
  /** Empty where there is none, like the texts that follow. */
  readonly secret: string;
  readonly alg: string;
  readonly iss: string;
  readonly aud: string;
  /** Nanoseconds since 1970 UTC. */
  readonly time: number;
}

const TEXTS: readonly Value[] = ["secret", "alg", "iss", "aud"];

function readConstraints(operand: Value, now: bigint): Constraints {
  const entries = [...object(operand, 2).entries()].map(([name, value]) => [name, readConstraint(name, value)]);
  const given = Object.fromEntries(entries) as Partial<Constraints> & { cert?: readonly VerificationKey[] };
  const constraints = { secret: "", alg: "", iss: "", aud: "", time: Number(now), ...given, keys: given.cert };
  if ((constraints.keys === undefined) === (constraints.secret === "")) {
    throw new BuiltinError(constraints.keys === undefined ? "no key constraint" : "duplicate key constraints");
  }
  return constraints;
}

function readConstraint(name: Value, value: Value): unknown {
  if (name === "time") {
    if ((typeof value === "number" || typeof value === "bigint") && value >= 0) return Number(value);
    throw new BuiltinError("token time constraint: must be a number that is not negative");
  }
  if (typeof value !== "string") throw new BuiltinError("constraint: must be a string");
  if (name === "cert") return verificationKeys(value);
  if (TEXTS.includes(name)) return value;
  throw new BuiltinError("unknown token validation constraint");
}

interface Verified {
  readonly header: RegoObject;
  readonly payload: RegoObject;
}

/** The innermost token; each one around it is verified too. Undefined where one does not verify. */
function verifyNested(value: Value, constraints: Constraints): Verified | undefined {
  for (;;) {
    const token = splitToken(value);
    const header = readHeader(token);
    if (header.alg === "" || header.hasUnknownCritical) return undefined;
    if (constraints.alg !== "" && constraints.alg !== header.alg) return undefined;
    const signed = { bytes: signedBytes(token), signature: signatureBytes(token) };
    if (!isVerified(signed, header, constraints)) return undefined;
    const payload = payloadText(token);
    if (header.cty.toLowerCase() !== "jwt") return { header: header.fields, payload: jsonObject(payload) };
    value = payload;
  }
}

function isVerified(signed: Signed, { alg, kid }: TokenHeader, { keys, secret }: Constraints): boolean {
  const algorithm = jwsAlgorithm(alg);
  const verifies = (key: JwsKey | undefined) =>
    algorithm !== undefined && key !== undefined && hasExactLength(signed, key) && isSigned(signed, { algorithm, key });
  if (keys === undefined) return verifies({ type: "hmac", secret: utf8(secret) });
  const named = kid === "" ? undefined : keys.find(({ keyId }) => keyId === kid);
  if (named !== undefined) return verifies(named.key);
  return keys.some(({ algorithm: own, key }) => (own === "" || own === alg) && verifies(key));
}

const EC_SIGNATURE_BYTES = { "P-224": 56, "P-256": 64, "P-384": 96, "P-521": 132 };

/** RFC 7518, 3.4. The `io.jwt.verify_es*` functions do not look. */
function hasExactLength({ signature }: Signed, key: JwsKey): boolean {
  if (key.type !== "ec") return true;
  return signature.length === EC_SIGNATURE_BYTES[curveOf(key.public) ?? "P-521"];
}

function areClaimsMet(payload: RegoObject, { iss, aud, time }: Constraints): boolean {
  if (iss !== "" && issuerOf(payload) !== iss) return false;
  const audience = payload.get("aud");
  if (audience === undefined ? aud !== "" : !isAudience(audience, aud)) return false;
  const seconds = time / 1e9;
  const expiry = timeClaim(payload, "exp");
  if (expiry !== undefined && seconds >= expiry) return false;
  const start = timeClaim(payload, "nbf");
  return start === undefined || seconds >= start;
}

function issuerOf(payload: RegoObject): string | undefined {
  const issuer = payload.get("iss");
  if (issuer !== undefined && typeof issuer !== "string") throw new BuiltinError("iss value must be a string");
  return issuer;
}

function isAudience(value: Value, audience: string): boolean {
  return Array.isArray(value) ? value.includes(audience) : value === audience;
}

/** Seconds since 1970 UTC. */
function timeClaim(payload: RegoObject, name: string): number | bigint | undefined {
  const value = payload.get(name);
  if (value === undefined || typeof value === "number" || typeof value === "bigint") return value;
  throw new BuiltinError(`${name} value must be a number`);
}
