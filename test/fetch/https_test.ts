import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { fetchHttps, type FetchOptions } from "../../src/fetch/https.ts";
import { CERT, failure, SECRET, serveHttp } from "./loopback_server.ts";

const OPTIONS: FetchOptions = { timeoutMs: 5000, maxBytes: 1000, hosts: [] };
/** Whatever is wrong: the message shows neither the query nor the credentials. */
const QUERY = `?X-Signature=${SECRET}`;
const BASIC = { username: "kp", password: SECRET };

const fetched = (address: string, options: Partial<FetchOptions> = {}, etag?: string) =>
  fetchHttps(address, { ...OPTIONS, ...options }, etag === undefined ? undefined : { etag });

const text = async (...args: Parameters<typeof fetched>) => {
  const result = await fetched(...args);
  assert.ok(result !== "unchanged");
  return new TextDecoder().decode(result.bytes);
};

const redirects = (to: () => string, status = 302): RequestListener => (request, response) =>
  request.url!.startsWith("/from")
    ? response.writeHead(status, { location: to() }).end()
    : response.end(`at ${request.url}`);

Deno.test("bytes and etag come over TLS from a server whose CA is given", async () => {
  await using server = await serveHttp((_, response) => response.setHeader("etag", '"1"').end("bundle"), {
    secure: true,
  });
  assert.deepEqual(await fetched(`${server.origin}/b.tar.gz`, { ca: CERT }), {
    bytes: new TextEncoder().encode("bundle"),
    etag: '"1"',
  });
});

Deno.test("a server without an etag is fine", async () => {
  await using server = await serveHttp((_, response) => response.end("bundle"));
  assert.deepEqual(await fetched(server.origin), { bytes: new TextEncoder().encode("bundle") });
});

Deno.test("a server of an unknown CA is refused", async () => {
  await using server = await serveHttp((_, response) => response.end("bundle"), { secure: true });
  assert.match(
    await failure(fetched(`${server.origin}/b${QUERY}`)),
    /^https:\/\/localhost:\d+\/b\?\.\.\.: invalid peer certificate/,
  );
});

Deno.test("a CA that is none is named", async () => {
  const ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  assert.match(await failure(fetched("https://localhost:1/", { ca })), /: the CA cannot be read: /);
});

Deno.test("a known etag is sent, and 304 means unchanged", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.headers["if-none-match"] === '"2"') return response.writeHead(304).end();
    response.setHeader("etag", '"2"').end("bundle");
  });
  assert.equal(await fetched(server.origin, {}, '"2"'), "unchanged");
  assert.equal(await text(server.origin, {}, '"1"'), "bundle");
  assert.deepEqual(server.requests.map(({ headers }) => headers["if-none-match"]), ['"2"', '"1"']);
});

Deno.test("credentials are sent as the server's scheme wants them", async () => {
  await using server = await serveHttp((request, response) => response.end(request.headers.authorization));
  assert.equal(await text(server.origin, { auth: { bearer: "abc.def" } }), "Bearer abc.def");
  const auth = { username: "käthe", password: "a:b" };
  assert.equal(await text(server.origin, { auth }), "Basic a8OkdGhlOmE6Yg==");
});

for (
  const [what, auth] of Object.entries({
    "a token with a line's end": { bearer: `${SECRET}\n` },
    "an empty token": { bearer: "" },
    "a token beyond ASCII": { bearer: `${SECRET}ä` },
    "a user name with a colon": { username: "a:b", password: SECRET },
    "a password with a line's end": { username: "a", password: `${SECRET}\r\n` },
  })
) {
  Deno.test(`credentials that a header cannot hold are refused unsent: ${what}`, async () => {
    assert.match(await failure(fetched("https://localhost:1/x", { auth })), /^https:\S+\/x: the credentials hold /);
  });
}

const ADDRESSES: Record<string, RegExp> = {
  [`http://example.com/b${QUERY}`]: /^http:\/\/example.com\/b\?\.\.\.: accepted https:\/\/, and http:\/\/ on this/,
  "http://127.0.0.1.example.com/": /accepted https/,
  "http://[::ffff:127.0.0.1]/": /accepted https/,
  "http://0.0.0.0/": /accepted https/,
  "file:///etc/passwd": /accepted https/,
  "data:text/plain,x": /accepted https/,
  [`https://user:${SECRET}@example.com/`]: /^https:\/\/example.com\/: credentials in the address/,
  [`https://user:${SECRET}@exa mple.com/`]: /^https:\/\/\.\.\.@exa mple.com\/: not a URL/,
  "bundle.tar.gz": /^bundle.tar.gz: not a URL/,
};

for (const [address, message] of Object.entries(ADDRESSES)) {
  Deno.test(`an address is refused: ${address}`, async () => {
    assert.match(await failure(fetched(address)), message);
  });
}

for (const status of [204, 206, 300, 304, 401, 404, 500, 599]) {
  Deno.test(`an answer ${status} is an error that says so`, async () => {
    await using server = await serveHttp((_, response) => response.writeHead(status).end());
    const message = await failure(fetched(`${server.origin}/b${QUERY}`, { auth: BASIC }));
    assert.ok(message.startsWith(`${server.origin}/b?...: answered ${status}`), message);
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a redirect ${status} on the same host keeps the credentials`, async () => {
    await using server = await serveHttp(redirects(() => "/to", status));
    assert.equal(await text(`${server.origin}/from`, { auth: BASIC }), "at /to");
    assert.match(server.requests[1].headers.authorization!, /^Basic /);
  });
}

Deno.test("a redirect to an allowed host is followed without the credentials, on the way back too", async () => {
  await using other = await serveHttp(redirects(() => `${first.origin}/back`));
  await using first = await serveHttp(redirects(() => `${other.origin}/from`));
  const options = { hosts: [other.host.toUpperCase()], auth: { bearer: SECRET } };
  assert.equal(await text(`${first.origin}/from`, options), "at /back");
  const seen = [...first.requests, ...other.requests].map(({ url, headers }) => [url, headers.authorization]);
  assert.deepEqual(seen, [["/from", `Bearer ${SECRET}`], ["/back", undefined], ["/from", undefined]]);
});

Deno.test("an error after a redirect names both addresses", async () => {
  await using other = await serveHttp((_, response) => response.writeHead(403).end());
  await using first = await serveHttp(redirects(() => `${other.origin}/to${QUERY}`));
  const message = await failure(fetched(`${first.origin}/from`, { hosts: [other.host] }));
  assert.equal(message, `${first.origin}/from: ${other.origin}/to?...: answered 403 Forbidden`);
});

Deno.test("a redirect to a host that is not allowed is refused unvisited", async () => {
  await using other = await serveHttp((_, response) => response.end("bundle"));
  await using first = await serveHttp(redirects(() => `${other.origin}/to${QUERY}`));
  const message = await failure(fetched(`${first.origin}/from`, { hosts: ["cdn.example"] }));
  assert.ok(
    message.endsWith(`redirects to ${other.origin}/to?..., accepted hosts ${first.host}, cdn.example`),
    message,
  );
  assert.equal(other.requests.length, 0);
});

const LOCATIONS: Record<string, RegExp> = {
  "http://example.com/": /redirects to http:\/\/example.com\/, accepted https/,
  "file:///etc/passwd": /accepted https/,
  [`//user:${SECRET}@127.0.0.1/`]: /redirects to http:\/\/127.0.0.1\/ with credentials/,
  "http://[": /without a Location that can be read/,
};

for (const [location, message] of Object.entries(LOCATIONS)) {
  Deno.test(`a redirect is refused: ${location}`, async () => {
    await using server = await serveHttp(redirects(() => location));
    assert.match(await failure(fetched(`${server.origin}/from`, { hosts: ["example.com"] })), message);
  });
}

Deno.test("a redirect without a Location is refused", async () => {
  await using server = await serveHttp((_, response) => response.writeHead(302).end());
  assert.match(await failure(fetched(server.origin)), /without a Location/);
});

Deno.test("a redirect from https to http is refused, on this machine too", async () => {
  await using server = await serveHttp((_, response) => response.writeHead(302, { location: target }).end(), {
    secure: true,
  });
  const target = `http://${server.host}/`;
  assert.match(await failure(fetched(server.origin, { ca: CERT })), /redirects to http:\S+, accepted https/);
});

Deno.test("five redirects are followed, six are not", async () => {
  await using server = await serveHttp((request, response) => {
    const left = Number(request.url!.slice(1));
    left === 0 ? response.end("there") : response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  assert.equal(await text(`${server.origin}/5`), "there");
  assert.match(await failure(fetched(`${server.origin}/6`)), /more than 5 redirects/);
  assert.equal(server.requests.length, 12);
});

Deno.test("nobody listens: the cause is said, the query is not", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const origin = `http://127.0.0.1:${listener.addr.port}`;
  assert.match(await failure(fetched(`${origin}/b${QUERY}`)), /\/b\?\.\.\.: .*Connection refused/);
});

Deno.test("a body of exactly the accepted size is taken", async () => {
  await using server = await serveHttp((_, response) => response.end("x".repeat(1000)));
  assert.equal((await text(server.origin)).length, 1000);
  assert.match(await failure(fetched(server.origin, { maxBytes: 999 })), /accepted 999|more than 999/);
});

Deno.test("a proxy of the environment sees nothing of a request to this machine", async () => {
  await using proxy = await serveHttp((_, response) => response.end("from the proxy"));
  await using server = await serveHttp((_, response) => response.end("direct"));
  const module = new URL("../../src/fetch/https.ts", import.meta.url);
  const code = `import { fetchHttps } from ${JSON.stringify(module)};
    const { bytes } = await fetchHttps(${JSON.stringify(server.origin)}, ${JSON.stringify(OPTIONS)});
    console.log(new TextDecoder().decode(bytes));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    env: { HTTP_PROXY: proxy.origin, http_proxy: proxy.origin, NO_PROXY: "", no_proxy: "" },
    stderr: "inherit",
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "direct\n");
  assert.equal(proxy.requests.length, 0);
});
