import assert from "node:assert/strict";
import { Bundles } from "../../src/bundles.ts";
import { parseConfig } from "../../src/config/config.ts";
import { CERT, serveHttp } from "../fetch/loopback_server.ts";
import { withFiles } from "../run_fixture.ts";

const BUNDLE = await Deno.readFile(new URL("../fixtures/rego/forms/tutorial.tar.gz", import.meta.url));
const lost = (_use: string, error: unknown) => assert.fail(String(error));

Deno.test("a bundle from an address is fetched once, with its token, and again when it is another", async () => {
  let etag = '"1"';
  await using server = await serveHttp((request, response) => {
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag }).end(BUNDLE);
  }, { secure: true });
  const config =
    `policies: [{ use: "${server.origin}/acme.tar.gz?x=/y", fetch: { ca: ca.pem, token: { env: TOKEN } } }]`;
  await withFiles({ "ca.pem": CERT }, async (folder) => {
    const parsed = parseConfig(config, `${folder}/kp.yaml`);
    const bundles = new Bundles((name) => name === "TOKEN" ? "s3cret" : undefined);
    const { name } = await bundles.read(parsed.policies[0], parsed);
    await bundles.read(parsed.policies[0], parsed);
    assert.deepEqual([name, server.requests.length], ["acme", 1]);
    assert.equal(server.requests[0].headers.authorization, "Bearer s3cret");
    const { signal } = new AbortController();
    assert.deepEqual(await bundles.changed(parsed, { lost, signal }), []);
    assert.equal(server.requests[1].headers["if-none-match"], '"1"');
    etag = '"2"';
    assert.deepEqual(await bundles.changed(parsed, { lost, signal }), [], "the same bytes under another etag");
    const failures: unknown[] = [];
    await bundles.changed(parsed, { lost: (_, error) => failures.push(error), signal: AbortSignal.abort() });
    assert.equal(failures.length, 1, "an aborted transfer ends");
  });
});
