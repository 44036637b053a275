import { createHmac } from "node:crypto";
import { type Builtin, BuiltinError, type Builtins, text } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { toBase64Url, utf8 } from "./binary_text.ts";
import { isSameSecret } from "./crypto.ts";
import { isJson, parseJson } from "./json_parse.ts";
import { formatJson } from "./json_text.ts";
import { parseJwks, verificationKeys } from "./jwk.ts";
import { isSigned, jwsAlgorithm, type JwsKey, signatureOf } from "./jws_algorithm.ts";
import { decodeVerify } from "./jwt_decode_verify.ts";
import { headerOf, jsonObject, payloadText, readHeader, signatureBytes, signedBytes, splitToken } from "./jwt_token.ts";

/** Sources: v1/topdown/tokens.go of OPA; RFC 7515 to 7519. */
export const jwtBuiltins: Builtins = {
  "io.jwt.decode": ([token]) => decode(token),
  "io.jwt.decode_verify": ([token, constraints], { now }) => decodeVerify(token, constraints, now),
  "io.jwt.encode_sign": ([headers, payload, key]) =>
    encodeSign({ headers: formatJson(headers), payload: formatJson(payload) }, formatJson(key)),
  "io.jwt.encode_sign_raw": ([headers, payload, key]) =>
    encodeSign({ headers: text(headers, 1), payload: text(payload, 2) }, text(key, 3)),
  ...Object.fromEntries(["256", "384", "512"].flatMap((bits) => [
    [`io.jwt.verify_hs${bits}`, verifySecret(`sha${bits}`)],
    ...["RS", "PS", "ES"].map((family) => [`io.jwt.verify_${family.toLowerCase()}${bits}`, verifier(family + bits)]),
  ])),
  "io.jwt.verify_eddsa": verifier("EdDSA"),
};

/** `[header, payload, signature in hexadecimal]`, of the innermost token. */
function decode(value: Value): Value {
  const token = splitToken(value);
  const header = headerOf(token);
  const payload = payloadText(token);
  const contentType = header.get("cty");
  if (contentType !== undefined && typeof contentType !== "string") throw new BuiltinError("cty: must be a string");
  if (contentType === "JWT") return decode(payload.replace(/^["']+/, "").replace(/["']+$/, ""));
  return [header, jsonObject(payload), signatureBytes(token).toHex()];
}

function verifySecret(hash: string): Builtin {
  return ([jwt, secret]) => {
    const key = utf8(text(secret, 2));
    const token = splitToken(jwt);
    return isSameSecret(createHmac(hash, key).update(signedBytes(token)).digest(), signatureBytes(token));
  };
}

/** The token's `alg` decides nothing but which keys of a set are tried. */
function verifier(name: string): Builtin {
  const algorithm = jwsAlgorithm(name)!;
  return ([jwt, source]) => {
    const token = splitToken(jwt);
    const keys = verificationKeys(text(source, 2));
    const signed = { bytes: signedBytes(token), signature: signatureBytes(token) };
    const { alg, kid } = readHeader(token);
    const verifies = (key: JwsKey | undefined) =>
      key !== undefined && key.type !== "hmac" && key.private === undefined &&
      isSigned(signed, { algorithm, key, anySalt: true });
    const named = kid === "" ? undefined : keys.find(({ keyId }) => keyId === kid);
    if (named !== undefined) return verifies(named.key);
    return keys.some((key) => (key.algorithm === "" || key.algorithm === alg) && verifies(key.key));
  };
}

interface Unsigned {
  /** JSON. */
  readonly headers: string;
  readonly payload: string;
}

function encodeSign({ headers, payload }: Unsigned, jwks: string): string {
  const [first] = parseJwks(jwks);
  if (first?.key === undefined) throw new BuiltinError("no keys found in JWK set");
  const fields = parseJson(headers);
  const field = (name: string) => (fields instanceof RegoObject ? fields.get(name) : undefined);
  const name = field("alg");
  const algorithm = typeof name === "string" ? jwsAlgorithm(name) : undefined;
  if (algorithm === undefined) throw new BuiltinError("unknown JWS algorithm");
  const type = field("typ");
  if ((typeof type !== "string" || type === "JWT") && !isJson(payload)) {
    throw new BuiltinError("type is JWT but payload is not JSON");
  }
  const signed = `${toBase64Url(utf8(headers))}.${toBase64Url(utf8(payload))}`;
  return `${signed}.${toBase64Url(signatureOf(utf8(signed), { algorithm, key: first.key }))}`;
}
