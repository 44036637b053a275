import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { challengesOf } from "../../src/fetch/authorization.ts";
import type { FetchOptions } from "../../src/fetch/https.ts";
import { fetchOci } from "../../src/fetch/oci.ts";
import { answered, asked, BUNDLE, digestOf, handMadeRegistry } from "./hand_made_registry.ts";
import { CERT, failure, type LoopbackServer, SECRET, serveHttp } from "./loopback_server.ts";

const OPTIONS: FetchOptions = { timeoutMs: 5000, maxBytes: 1000, hosts: [] };
const AUTH = { username: "kp", password: SECRET };
const BASIC = `Basic ${Buffer.from(`kp:${SECRET}`).toString("base64")}`;
const TOKEN = `token.${SECRET}`;

/** Lets in who has this Authorization header, and tells others the challenge. */
const wants =
  (authorization: string, challenge: () => string) => (request: IncomingMessage, response: ServerResponse) =>
    request.headers.authorization !== authorization &&
    answered(response.writeHead(401, { "www-authenticate": challenge() }).end());

const tokenService = (answer: unknown = { token: TOKEN }) =>
  serveHttp((_, response) => response.end(typeof answer === "string" ? answer : JSON.stringify(answer)));

const tokenRegistry = (service: LoopbackServer, rest = ',service="registry.example",scope="repository:x:pull"') =>
  handMadeRegistry({ intercept: wants(`Bearer ${TOKEN}`, () => `Bearer realm="${service.origin}/token"${rest}`) });

const fetched = async (address: string, options: Partial<FetchOptions> = {}) => {
  const result = await fetchOci(address, { ...OPTIONS, ...options });
  assert.ok(result !== "unchanged");
  return new TextDecoder().decode(result.bytes);
};

Deno.test("a registry that wants a password gets it once it asked", async () => {
  await using registry = await handMadeRegistry({ intercept: wants(BASIC, () => 'Basic realm="registry"') });
  assert.equal(await fetched(registry.address, { auth: AUTH }), BUNDLE.toString());
  assert.deepEqual(registry.requests.map(({ headers }) => headers.authorization), [undefined, BASIC, BASIC]);
});

Deno.test("a registry gets a bearer token that is given at once", async () => {
  await using registry = await handMadeRegistry({ intercept: wants(`Bearer ${TOKEN}`, () => "Bearer") });
  assert.equal(await fetched(registry.address, { auth: { bearer: TOKEN } }), BUNDLE.toString());
  assert.equal(registry.requests.length, 2);
});

Deno.test("a token is fetched without a password, once for manifest and layer", async () => {
  await using service = await tokenService();
  await using registry = await tokenRegistry(service);
  assert.equal(await fetched(registry.address, { hosts: [service.host] }), BUNDLE.toString());
  assert.deepEqual(asked(service), ["GET /token?service=registry.example&scope=repository%3Ax%3Apull"]);
  assert.equal(service.requests[0].headers.authorization, undefined);
  assert.deepEqual(asked(registry), ["GET manifests/v1", "GET manifests/v1", `GET blobs/${digestOf(BUNDLE)}`]);
});

Deno.test("a token is fetched with the password, which the registry does not see", async () => {
  await using service = await tokenService({ access_token: TOKEN });
  await using registry = await tokenRegistry(service, "");
  assert.equal(await fetched(registry.address, { hosts: [service.host], auth: AUTH }), BUNDLE.toString());
  assert.deepEqual(asked(service), ["GET /token?scope=repository%3Ateam%2Fpolicies%3Apull"]);
  assert.equal(service.requests[0].headers.authorization, BASIC);
  assert.ok(registry.requests.every(({ headers }) => headers.authorization !== BASIC));
});

Deno.test("a token service on another host that is not allowed is asked nothing", async () => {
  await using service = await tokenService();
  await using registry = await tokenRegistry(service);
  const message = await failure(fetched(registry.address, { auth: AUTH }));
  assert.ok(message.endsWith(`wants a token from ${service.origin}/token, accepted hosts ${registry.host}`), message);
  assert.equal(service.requests.length, 0);
});

Deno.test("a registry over TLS does not lead to a token service without", async () => {
  await using service = await tokenService();
  await using registry = await handMadeRegistry({
    secure: true,
    intercept: wants("none", () => `Bearer realm="${service.origin}/token"`),
  });
  const message = await failure(fetched(registry.address, { hosts: [service.host], auth: AUTH, ca: CERT }));
  assert.ok(message.endsWith(`wants a token from ${service.origin}/token, accepted https`), message);
  assert.equal(service.requests.length, 0);
});

const REALMS: Record<string, RegExp> = {
  'Bearer realm="http://auth.example/token"': /wants a token from http:\/\/auth.example\/token, accepted https$/,
  'Bearer realm="file:///etc/passwd"': /accepted https$/,
  'Bearer realm="/token"': /wants a token, and does not say where from$/,
  Bearer: /wants a token, and does not say where from$/,
  'Basic realm="registry"': /wants a user name and a password, and none are given$/,
  Negotiate: /answered 401 Unauthorized, and wants neither a token nor a password$/,
};

for (const [challenge, message] of Object.entries(REALMS)) {
  Deno.test(`a registry's challenge is refused: ${challenge}`, async () => {
    await using registry = await handMadeRegistry({ intercept: wants("none", () => challenge) });
    assert.match(await failure(fetched(registry.address, { hosts: ["auth.example"] })), message);
  });
}

const ANSWERS: Record<string, [unknown, RegExp]> = {
  "not JSON": [`<html>${SECRET}`, /\/token\?\.\.\.: not JSON$/],
  "no token": [{ expires_in: 60 }, /\/token\?\.\.\.: answered without a token$/],
  "an empty token": [{ token: "" }, /: answered without a token$/],
  "a token with a line's end": [{ token: `${SECRET}\r\nx: y` }, /: answered without a token$/],
  "a long token": [{ token: "x".repeat(70_000) }, /accepted 65536$|more than 65536 bytes$/],
};

for (const [what, [answer, message]] of Object.entries(ANSWERS)) {
  Deno.test(`a token service's answer is refused: ${what}`, async () => {
    await using service = await tokenService(answer);
    await using registry = await tokenRegistry(service);
    assert.match(await failure(fetched(registry.address, { hosts: [service.host] })), message);
  });
}

Deno.test("credentials that are refused are not tried again", async () => {
  await using registry = await handMadeRegistry({ intercept: wants("none", () => 'Basic realm="registry"') });
  const message = await failure(fetched(registry.address, { auth: AUTH }));
  assert.match(message, /manifests\/v1: answered 401 Unauthorized$/);
  assert.equal(registry.requests.length, 2);
  await failure(fetched(registry.address, { auth: { bearer: TOKEN } }));
  assert.equal(registry.requests.length, 3);
});

Deno.test("a token service that refuses the password is named", async () => {
  await using service = await serveHttp((_, response) => response.writeHead(401).end());
  await using registry = await tokenRegistry(service);
  const message = await failure(fetched(registry.address, { hosts: [service.host], auth: AUTH }));
  assert.equal(message, `${registry.address}: ${service.origin}/token?...: answered 401 Unauthorized`);
});

Deno.test("a challenge of a host that a redirect led to gets no credentials", async () => {
  await using other = await handMadeRegistry({ intercept: wants("none", () => 'Basic realm="other"') });
  await using registry = await handMadeRegistry({
    intercept: ({ url }, response) => answered(response.writeHead(307, { location: other.origin + url }).end()),
  });
  const message = await failure(fetched(registry.address, { hosts: [other.host], auth: AUTH }));
  assert.match(message, /: answered 401 Unauthorized$/);
  assert.deepEqual(other.requests.map(({ headers }) => headers.authorization), [undefined]);
});

const HEADERS: Record<string, [string, Record<string, string>][]> = {
  'Bearer realm="https://a/t?x=1,2",service="a \\"b\\"" , scope=plain': [
    ["bearer", { realm: "https://a/t?x=1,2", service: 'a "b"', scope: "plain" }],
  ],
  'Basic realm="x", Bearer Realm = "y"': [["basic", { realm: "x" }], ["bearer", { realm: "y" }]],
  "Negotiate, BASIC": [["negotiate", {}], ["basic", {}]],
  'realm="x"': [],
  "": [],
};

for (const [header, expected] of Object.entries(HEADERS)) {
  Deno.test(`WWW-Authenticate is read: ${header}`, () => {
    const found = challengesOf(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
    assert.deepEqual(found, expected);
  });
}
