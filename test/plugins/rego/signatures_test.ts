import { doesNotMatch, notStrictEqual, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { base64url, CompactSign, exportSPKI, generateKeyPair } from "jose";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import type { BundleFiles } from "../../../plugins/policies/rego/bundle_files.ts";
import { readFolder } from "../../../plugins/policies/rego/folder.ts";
import { verifySignatures } from "../../../plugins/policies/rego/signatures.ts";

const SIGNED = new URL("../../fixtures/rego/signed/", import.meta.url);
const text = (name: string) => Deno.readTextFile(new URL(name, SIGNED));
const bundle = async (name: string) => await readArchive(await Deno.readFile(new URL(name, SIGNED)));

const rsa = await text("rsa.pub.pem");
const ec = await text("ec.pub.pem");
const secret = await text("hmac.txt");
const rs256 = await bundle("rs256.tar.gz");
const es256 = await bundle("es256.tar.gz");
const hs256 = await bundle("hs256.tar.gz");
const folder = await readFolder(new URL("folder", SIGNED).pathname);
const scope = "production";
const keyId = "release-2026";

const bytesOf = (value: string) => new TextEncoder().encode(value);
const json = (value: unknown) => bytesOf(JSON.stringify(value));
const withFile = (files: BundleFiles, name: string, content: string | Uint8Array) =>
  new Map([...files, [name, typeof content === "string" ? bytesOf(content) : content]]);
const without = (files: BundleFiles, name: string) => new Map([...files].filter(([other]) => other !== name));

const GENUINE: Record<string, [BundleFiles, Parameters<typeof verifySignatures>[1]]> = {
  "RS256, and no key id asked for": [rs256, { key: rsa }],
  "RS256, and OPA's own key id": [rs256, { key: rsa, keyId: "default" }],
  "RS256, and only that algorithm": [rs256, { key: rsa, algorithms: ["RS256"] }],
  "ES256, a scope and a key id": [es256, { key: ec, scope, keyId }],
  "HS256": [hs256, { key: secret }],
  "opa sign, for a folder with YAML": [folder, { key: rsa }],
};

for (const [what, [files, options]] of Object.entries(GENUINE)) {
  Deno.test(`a bundle that OPA signed is accepted: ${what}`, async () => {
    ok(files.size > 3);
    await verifySignatures(files, options);
  });
}

const REFUSED: Record<string, [BundleFiles, Parameters<typeof verifySignatures>[1], RegExp]> = {
  "an unsigned bundle": [without(rs256, ".signatures.json"), { key: rsa }, /found none: the bundle is unsigned/],
  "another kind of key": [rs256, { key: ec }, /algorithm: found "RS256", accepted ES256/],
  "a secret for a public key": [rs256, { key: secret }, /algorithm: found "RS256", accepted HS256, HS384, HS512/],
  "another secret": [hs256, { key: `${secret}.` }, /signature: found one that the key did not make/],
  "an algorithm that is not allowed": [rs256, { key: rsa, algorithms: ["PS256"] }, /found "RS256", accepted PS256/],
  "no algorithm that fits the key": [rs256, { key: rsa, algorithms: ["ES256"] }, /accepted none that fits the key/],
  "another key id": [es256, { key: ec, scope, keyId: "x" }, /key id: found "release-2026", accepted "x"/],
  "no key id": [folder, { key: rsa, keyId: "x" }, /key id: found none, accepted "x"/],
  "another scope": [es256, { key: ec, scope: "test" }, /scope: found "production", accepted "test"/],
  "a scope that nobody asked for": [es256, { key: ec }, /scope: found "production", accepted none/],
  "no scope": [rs256, { key: rsa, scope }, /scope: found none, accepted "production"/],
  "other bytes": [withFile(rs256, "policy.wasm", "\0asm"), { key: rsa }, /policy\.wasm: found other content/],
  "other data": [withFile(rs256, "data.json", "{}"), { key: rsa }, /data\.json: found other content/],
  "a file missing": [without(rs256, "data.json"), { key: rsa }, /found no "data\.json" as signed/],
  "a file added": [withFile(rs256, "more.rego", ""), { key: rsa }, /found "more\.rego", which is not signed/],
  "a second signatures file": [withFile(rs256, "a/.signatures.json", "{}"), { key: rsa }, /which is not signed/],
  "another bundle's signature": [withFile(hs256, ".signatures.json", rs256.get(".signatures.json")!), {
    key: rsa,
  }, /main\.rego: found other content/],
  "a signatures file that is not JSON": [withFile(rs256, ".signatures.json", "{"), { key: rsa }, /does not write/],
  "a signature that is no JWS": [withFile(rs256, ".signatures.json", json({ signatures: ["x"] })), {
    key: rsa,
  }, /found a signature that is no JWS/],
  "no signature": [withFile(rs256, ".signatures.json", json({ signatures: [] })), { key: rsa }, /found 0 signatures/],
  "a plugin": [withFile(rs256, ".signatures.json", json({ signatures: ["x"], plugin: "own" })), {
    key: rsa,
  }, /found the plugin "own"/],
};

for (const [what, [files, options, message]] of Object.entries(REFUSED)) {
  Deno.test(`a bundle is refused for ${what}`, async () => {
    await rejects(verifySignatures(files, options), message);
  });
}

const KEYS: Record<string, [string, RegExp]> = {
  "an empty text": [" \n", /found an empty text/],
  "PEM that is cut off": [rsa.slice(0, 200), /found PEM that cannot be read/],
  "PEM on one line": [rsa.replaceAll("\n", "\\n"), /found PEM that cannot be read/],
  "PEM without its first line": [rsa.split("\n").slice(1, -2).join("\n"), /found a public key that is not PEM/],
  "PEM in lower case": [rsa.toLowerCase(), /found a public key that is not PEM/],
  "a JSON Web Key": [' {"kty":"RSA"}', /found a public key that is not PEM/],
  "a key of SSH": ["ssh-rsa AAAA", /found a public key that is not PEM/],
  "a private key": ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", /found a private key/],
};

for (const [what, [key, message]] of Object.entries(KEYS)) {
  Deno.test(`a verification key is refused that is ${what}`, async () => {
    await rejects(verifySignatures(await forged({ secret: key }), { key }), message);
  });
}

const own = await generateKeyPair("RS256");
const ownPem = await exportSPKI(own.publicKey);
const sha = (content: Uint8Array | string, algorithm = "sha256") => createHash(algorithm).update(content).digest("hex");
const WASM = "\0asm of a test";
const FILES = [
  { name: "policy.wasm", hash: sha(WASM), algorithm: "SHA-256" },
  { name: "data.json", hash: sha('{"a":1.0}'), algorithm: "SHA-256" },
];

interface Forgery {
  /** Signs with HS256 in place of our RSA key. */
  readonly secret?: string;
  readonly header?: Record<string, unknown>;
  readonly payload?: Record<string, unknown>;
  readonly files?: Record<string, string>;
}

async function forged({ secret, header, payload, files }: Forgery): Promise<BundleFiles> {
  const signer = new CompactSign(json({ files: FILES, ...payload }))
    .setProtectedHeader({ alg: secret === undefined ? "RS256" : "HS256", ...header });
  const token = await signer.sign(secret === undefined ? own.privateKey : bytesOf(secret), { crit: { x: true } });
  const all = { "policy.wasm": WASM, "data.json": '{ "a": 1.0 }\n', ...files };
  const signatures = json({ signatures: [token] });
  return new Map([...Object.entries(all).map(([name, content]) => [name, bytesOf(content)] as const), [
    ".signatures.json",
    signatures,
  ]]);
}

const [POLICY, DATA] = FILES;
const FORGED: Record<string, [Forgery, RegExp]> = {
  "HS256 with the public key as the secret": [{ secret: ownPem }, /found "HS256", accepted RS256/],
  "HS256 with the public key, trimmed": [{ secret: ownPem.trim() }, /found "HS256", accepted RS256/],
  "a payload with fewer files": [{ payload: { files: [POLICY] } }, /found "data\.json", which is not signed/],
  "a payload without files": [{ payload: { files: undefined } }, /what opa sign does not write/],
  "a payload with a file twice": [{ payload: { files: [POLICY, POLICY, DATA] } }, /every signed file, once/],
  "a file that signs the signatures": [{
    payload: { files: [...FILES, { ...POLICY, name: ".signatures.json" }] },
  }, /found no "\.signatures\.json"/],
  "a wrong hash": [{ payload: { files: [{ ...POLICY, hash: sha("x") }, DATA] } }, /policy\.wasm: found other content/],
  "half a hash": [{ payload: { files: [{ ...POLICY, hash: POLICY.hash.slice(0, 32) }, DATA] } }, /found other content/],
  "an empty hash": [{ payload: { files: [{ ...POLICY, hash: "" }, DATA] } }, /found other content/],
  "MD5": [
    { payload: { files: [{ ...POLICY, hash: sha(WASM, "md5"), algorithm: "MD5" }, DATA] } },
    /found the hash "MD5"/,
  ],
  "SHA-1": [
    { payload: { files: [{ ...POLICY, algorithm: "SHA-1" }, DATA] } },
    /found the hash "SHA-1", accepted SHA-256/,
  ],
  "a hash named by a prototype": [{ payload: { files: [{ ...POLICY, algorithm: "constructor" }, DATA] } }, /the hash/],
  "the bytes' hash for a structured file": [{
    payload: { files: [POLICY, { ...DATA, hash: sha('{ "a": 1.0 }\n') }] },
  }, /data\.json: found other content/],
  "another number": [{ files: { "data.json": '{"a":1}' } }, /data\.json: found other content/],
  "a duplicate key": [{ files: { "data.json": '{"a":2,"a":1.0}' } }, /duplicate key "a"/],
  "a byte-order mark": [{ files: { "data.json": '\ufeff{"a":1.0}' } }, /cannot be read/],
  "two documents": [{ files: { "data.json": '{"a":1.0} {}' } }, /cannot be read/],
  "half a surrogate pair": [{ files: { "data.json": '{"a":"\\ud800"}' } }, /half a surrogate pair/],
  "deep nesting": [{ files: { "data.json": "[".repeat(200_000) + "]".repeat(200_000) } }, /cannot be read/],
  "another scope": [{ payload: { scope: "x" } }, /scope: found "x", accepted none/],
  "a critical header that is not known": [{ header: { crit: ["x"], x: 1 } }, /signature: found one/],
};

for (const [what, [forgery, message]] of Object.entries(FORGED)) {
  Deno.test(`a forged bundle is refused for ${what}`, async () => {
    await rejects(verifySignatures(await forged(forgery), { key: ownPem }), message);
  });
}

Deno.test("a bundle with our own signature is accepted, by every hash from SHA-256 up", async () => {
  for (const [algorithm, name] of [["SHA-384", "sha384"], ["SHA-512", "sha512"], ["SHA-512-256", "sha512-256"]]) {
    const files = await forged({ payload: { files: [{ ...POLICY, hash: sha(WASM, name), algorithm }, DATA] } });
    await verifySignatures(files, { key: ownPem });
  }
});

Deno.test("the key id of the header comes before that of the payload", async () => {
  const files = await forged({ header: { kid: "header" }, payload: { keyid: "payload" } });
  await verifySignatures(files, { key: ownPem, keyId: "header" });
  await rejects(verifySignatures(files, { key: ownPem, keyId: "payload" }), /found "header", accepted "payload"/);
});

Deno.test("YAML with merged maps is signed as the JSON that it stands for", async () => {
  const name = "data.yaml";
  const hash = sha('{"base":{"x":1,"y":2},"derived":{"x":1,"y":3}}');
  const files = await forged({
    payload: { files: [...FILES, { name, hash, algorithm: "SHA-256" }] },
    files: { [name]: "base: &b {x: 1, y: 2}\nderived: {<<: *b, y: 3}\n" },
  });
  await verifySignatures(files, { key: ownPem });
});

Deno.test("the signature of another key of the same kind is refused", async () => {
  await rejects(verifySignatures(await forged({}), { key: rsa }), /signature: found one that the key did not make/);
});

Deno.test("two signatures are refused, though both are good", async () => {
  const files = await forged({});
  const { signatures } = JSON.parse(new TextDecoder().decode(files.get(".signatures.json")));
  const twice = json({ signatures: [...signatures, ...signatures] });
  await rejects(verifySignatures(withFile(files, ".signatures.json", twice), { key: ownPem }), /found 2 signatures/);
});

Deno.test("a token without an algorithm is refused, with and without a signature", async () => {
  for (const [alg, signature] of [["none", ""], ["None", ""], [undefined, ""], ["none", "AAAA"]]) {
    const token = [JSON.stringify({ alg }), JSON.stringify({ files: FILES })].map((part) => base64url.encode(part));
    const signatures = json({ signatures: [`${token.join(".")}.${signature}`] });
    const files = withFile(await forged({}), ".signatures.json", signatures);
    for (const key of [ownPem, secret]) await rejects(verifySignatures(files, { key }), /algorithm: found/);
  }
});

Deno.test("errors never show the secret", async () => {
  const error = await verifySignatures(rs256, { key: secret }).then(() => new Error(""), (cause: Error) => cause);
  notStrictEqual(error.message, "");
  doesNotMatch(`${error.message} ${error.cause}`, new RegExp(secret));
});

const executed = (files: BundleFiles) => [...files].filter(([name]) => name !== ".signatures.json");
const valueOf = (bytes: Uint8Array) => JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)));

for (const [what, files, key] of [["a Wasm bundle", rs256, rsa], ["Rego", hs256, secret]] as const) {
  Deno.test(`a signed bundle with one byte of an executed file changed is refused: ${what}`, async () => {
    const byte = fc.constantFrom(...executed(files)).chain(([name, bytes]) =>
      fc.record({ name: fc.constant(name), at: fc.nat(bytes.length - 1), mask: fc.integer({ min: 1, max: 255 }) })
    );
    await fc.assert(
      fc.asyncProperty(byte, async ({ name, at, mask }) => {
        const bytes = files.get(name)!;
        const changed = bytes.map((value, index) => index === at ? value ^ mask : value);
        const error = await verifySignatures(withFile(files, name, changed), { key }).catch((cause: Error) => cause);
        // White space of JSON is not signed, nor is which of two ways an escape is written in.
        const same = !error && /^(data\.json|\.manifest)$/.test(name) && valueOf(changed) === valueOf(bytes);
        ok(same || error?.message.startsWith(name), `byte ${at} of ${name} with ${mask}: ${error}`);
      }),
      { numRuns: 300 },
    );
  });
}
