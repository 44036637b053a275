import { deepStrictEqual as assertEquals } from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";

function call(name: string, ...operands: unknown[]): string {
  return `io.jwt.${name}(${operands.map((operand) => JSON.stringify(operand)).join(", ")})`;
}

function base64Url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A token with the MAC of the secret `secret`. */
function token(header: unknown, payload: unknown, hash = "sha256"): string {
  const [head, body] = [header, payload].map((part) =>
    base64Url(typeof part === "string" ? part : JSON.stringify(part))
  );
  return `${head}.${body}.${createHmac(hash, "secret").update(`${head}.${body}`).digest("base64url")}`;
}

const HEADER = { alg: "HS256" };
const CLAIMS = { iss: "x", aud: ["a", "b"], exp: 2, nbf: 1 };
const SIGNED = token(HEADER, CLAIMS);

Deno.test("decode gives the header, the payload and the signature", () => {
  const signature = new Uint8Array(createHmac("sha256", "secret").update(SIGNED.replace(/\.[^.]*$/, "")).digest());
  checkCalls([
    [call("decode", SIGNED), [HEADER, CLAIMS, signature.toHex()]],
    [call("decode", "eyJhIjoxLCJhIjoyfQ.e30."), [{ a: 2 }, {}, ""]],
    [call("decode", token({ ...HEADER, cty: "JWT" }, `"${SIGNED}"`)), [HEADER, CLAIMS, signature.toHex()]],
    [call("decode", token({ enc: "x" }, {})), ERROR],
    [call("decode", token({ cty: 1 }, {})), ERROR],
    [call("decode", token("[]", {})), ERROR],
    [call("decode", token({}, "nope")), ERROR],
    [call("decode", "e30.e30"), ERROR],
    [call("decode", "e30.e30.a"), ERROR],
    [call("decode", "e3+0.e30."), ERROR],
    [call("decode", ""), ERROR],
    [call("decode", 1), ERROR],
  ]);
});

Deno.test("a large number of a token keeps its digits", () =>
  assertEquals(
    resultOf(`io.jwt.encode_sign({"alg": "HS256"}, {"n": 12345678901234567890}, {"kty": "oct", "k": "c2VjcmV0"})`),
    token({ alg: "HS256" }, '{"n":12345678901234567890}'),
  ));

Deno.test("a secret verifies only its own hash", () =>
  checkCalls([
    [call("verify_hs256", SIGNED, "secret"), true],
    [call("verify_hs256", SIGNED, "other"), false],
    [call("verify_hs512", SIGNED, "secret"), false],
    [call("verify_hs384", token({}, {}, "sha384"), "secret"), true],
    [call("verify_hs256", "a.b", "secret"), ERROR],
    [call("verify_hs256", SIGNED, 1), ERROR],
  ]));

Deno.test("decode_verify tells a token that is not to be trusted from one that is malformed", () => {
  const secret = "secret";
  const now = 1_500_000_000;
  const good = { secret, aud: "a", time: now };
  const trusted = [true, HEADER, CLAIMS];
  const untrusted = [false, {}, {}];
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    [SIGNED, good, trusted],
    [SIGNED, { ...good, iss: "x", alg: "HS256" }, trusted],
    [SIGNED, { ...good, secret: "other" }, untrusted],
    [SIGNED, { ...good, iss: "y" }, untrusted],
    [SIGNED, { ...good, alg: "HS384" }, untrusted],
    [SIGNED, { ...good, aud: "c" }, untrusted],
    [SIGNED, { secret, time: now }, untrusted],
    [SIGNED, { ...good, time: 2_000_000_000 }, untrusted],
    [SIGNED, { ...good, time: 999_999_999 }, untrusted],
    [SIGNED, { secret, aud: "a" }, untrusted],
    [token(HEADER, {}), { secret, time: now }, [true, HEADER, {}]],
    [token({ ...HEADER, cty: "jwt" }, SIGNED), good, trusted],
    [token({}, CLAIMS), good, untrusted],
    [token({ alg: "none" }, CLAIMS), good, untrusted],
    [token({ ...HEADER, crit: ["b64"], b64: true }, CLAIMS), good, untrusted],
    [token({ ...HEADER, crit: [] }, CLAIMS), good, ERROR],
    [token({ ...HEADER, kid: 1 }, CLAIMS), good, ERROR],
    [token(HEADER, { ...CLAIMS, exp: "2" }), good, ERROR],
    [token(HEADER, { ...CLAIMS, nbf: "1" }), good, ERROR],
    [SIGNED, { ...good, time: -1 }, ERROR],
    [SIGNED, { aud: "a" }, ERROR],
    [SIGNED, { ...good, cert: '{"keys": []}' }, ERROR],
    [SIGNED, { ...good, other: 1 }, ERROR],
    [SIGNED, 1, ERROR],
  ];
  checkCalls(cases.map(([jwt, constraints, result]) => [call("decode_verify", jwt, constraints), result]));
});

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const RSA: Pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KEYS: Readonly<Record<string, Pair>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: RSA,
  PS384: RSA,
  PS512: RSA,
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  EdDSA: generateKeyPairSync("ed25519"),
};

function jwkOf(key: KeyObject): Record<string, unknown> {
  return { ...key.export({ format: "jwk" }) };
}

Deno.test("what encode_sign signs is verified with the public key, as PEM, as a JWK and in a set", () => {
  for (const [alg, { privateKey, publicKey }] of Object.entries(KEYS)) {
    const jwt = resultOf(call("encode_sign", { alg }, { a: 1 }, jwkOf(privateKey)));
    const jwk = jwkOf(publicKey);
    const name = `verify_${alg.toLowerCase()}`;
    const other = jwkOf(generateKeyPairSync("ed25519").publicKey);
    checkCalls([
      [call(name, jwt, publicKey.export({ format: "pem", type: "spki" })), true],
      [call(name, jwt, JSON.stringify(jwk)), true],
      [call(name, jwt, JSON.stringify({ keys: [other, { ...jwk, alg }] })), true],
      [call(name, jwt, JSON.stringify({ ...jwk, alg: "HS256" })), false],
      [call(name, jwt, JSON.stringify(other)), false],
      [call(name, String(jwt).replace(/[^.]*$/, "AAAA"), JSON.stringify(jwk)), false],
      [call("decode_verify", jwt, { cert: JSON.stringify(jwk) }), [true, { alg }, { a: 1 }]],
      [call("decode_verify", jwt, { cert: JSON.stringify(other) }), [false, {}, {}]],
    ]);
  }
});

Deno.test("a key that has the token's key identifier is the only one that is tried", () => {
  const { privateKey, publicKey } = KEYS.EdDSA;
  const jwt = resultOf(call("encode_sign", { alg: "EdDSA", kid: "1" }, {}, jwkOf(privateKey)));
  const other = jwkOf(KEYS.ES256.publicKey);
  const key = jwkOf(publicKey);
  checkCalls([
    [call("verify_eddsa", jwt, JSON.stringify({ keys: [{ ...other, kid: "1" }, key] })), false],
    [call("verify_eddsa", jwt, JSON.stringify({ keys: [{ ...other, kid: "2" }, key] })), true],
  ]);
});

Deno.test("a source that holds no key is an error", () => {
  const key = String(KEYS.EdDSA.publicKey.export({ format: "pem", type: "spki" }));
  const sources = ["", "x", "[]", "{}", '{"keys": 1}', '{"kty": "x"}', '{"kty": "RSA"}', `${key}x`];
  const block = key.replaceAll("PUBLIC", "OTHER");
  checkCalls([...sources, block].map((source) => [call("verify_eddsa", SIGNED, source), ERROR]));
});

Deno.test("encode_sign writes JSON as Go does, and encode_sign_raw signs what it is given", () => {
  const key = { kty: "oct", k: "c2VjcmV0" };
  checkCalls([
    [
      call("encode_sign", { typ: "JWT", alg: "HS256" }, { b: "<é>", a: 1 }, key),
      token('{"alg":"HS256","typ":"JWT"}', '{"a":1,"b":"\\u003cé\\u003e"}'),
    ],
    [
      call("encode_sign_raw", '{"alg": "HS256"}', "{ }", JSON.stringify({ keys: [key] })),
      token('{"alg": "HS256"}', "{ }"),
    ],
    [
      call("encode_sign_raw", '{"alg":"HS256","typ":"text/plain"}', "hello", JSON.stringify(key)),
      token('{"alg":"HS256","typ":"text/plain"}', "hello"),
    ],
    [call("encode_sign_raw", '{"alg":"HS256"}', "hello", JSON.stringify(key)), ERROR],
    [call("encode_sign_raw", '{"alg":"HS257"}', "{}", JSON.stringify(key)), ERROR],
    [call("encode_sign_raw", "", "{}", JSON.stringify(key)), ERROR],
    [call("encode_sign", {}, {}, key), ERROR],
    [call("encode_sign", { alg: "RS256" }, {}, key), ERROR],
    [call("encode_sign", { alg: "HS256" }, {}, { keys: [] }), ERROR],
    [call("encode_sign", { alg: "HS256" }, {}, { kty: "oct", k: "" }), ERROR],
  ]);
});
