import assert from "node:assert/strict";
import { annotated } from "../plugins/rego/bundle_engine.ts";
import { CERT, serveHttp } from "../fetch/loopback_server.ts";
import { requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { serve, type Serving } from "../serve_fixture.ts";

const bundle = (name: string) => Deno.readFile(new URL(`../fixtures/rego/forms/${name}.tar.gz`, import.meta.url));
const [ECHO, IMAGES] = [await bundle("tutorial"), await bundle("image_safety")];
const GARBAGE = new TextEncoder().encode("<html>not today</html>");

const pod = annotated({ deny: ["echoed"] });

/** Which of the two bundles answers. */
async function decider({ webhook }: Serving): Promise<string> {
  const response = await fetch(`${webhook}/validate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(reviewOf(requestOf(pod))),
  });
  const { response: { status } } = await response.json();
  return status?.message ?? "allowed";
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`never: ${what}`);
}

const happened = ({ log }: Serving, event: string) => log().filter((line) => line.event === event).length;

async function metric({ operators }: Serving, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${operators}/metrics`)).text();
  return text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1];
}

Deno.test({
  name: "kp serve takes a bundle's next version while it runs, and keeps the last good one through everything else",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    let served: { body: Uint8Array; etag: string } | null = { body: ECHO, etag: '"1"' };
    await using server = await serveHttp((request, response) => {
      if (served === null) return void response.writeHead(500).end();
      if (request.headers["if-none-match"] === served.etag) return void response.writeHead(304).end();
      response.writeHead(200, { etag: served.etag, "content-length": served.body.length });
      response.end(served.body);
    }, { secure: true });
    const config = `
environment: prod
policies: [{ use: "${server.origin}/acme.tar.gz", options: { name: acme }, fetch: { ca: ca.pem, timeoutSeconds: 2 } }]
stages: { prod: { acme: deny } }
serve: { refreshSeconds: 1 }
`;
    await withFiles({ "kp.yaml": config, "ca.pem": CERT }, async (folder) => {
      const running = await serve(["--insecure-http", "--config", `${folder}/kp.yaml`]);
      try {
        assert.equal(await decider(running), "acme: echoed");
        served = { body: GARBAGE, etag: '"2"' };
        await until(() => happened(running, "policies_not_replaced") === 1, "the bad bundle is told of");
        assert.equal(await decider(running), "acme: echoed");
        assert.equal(await metric(running, "kube_policies_policy_set_current"), "0");
        served = null;
        await until(() => happened(running, "bundle_not_fetched") > 0, "the lost server is told of");
        assert.notEqual(await metric(running, "kube_policies_bundle_fetch_failures_total"), "0");
        assert.equal(await decider(running), "acme: echoed");
        served = { body: IMAGES, etag: '"3"' };
        await until(() => happened(running, "policies_replaced") === 1, "the good bundle is taken");
        assert.match(await decider(running), /^acme: image '.*' comes from untrusted registry$/);
        assert.equal(await metric(running, "kube_policies_policy_set_current"), "1");
        const asked = server.requests.length;
        await until(() => server.requests.length > asked + 1, "it is asked again");
        assert.equal(happened(running, "policies_replaced"), 1, "304 changes nothing");
        const lines = running.log().filter(({ event }) => event === "policies_not_replaced");
        assert.match(String(lines[0].cause), /acme\.tar\.gz, which does not load \(found no whole gzip member/);
      } finally {
        assert.equal(await running.stop(), 0);
      }
    });
  },
});

Deno.test("kp serve does not start without its bundle", async () => {
  await using server = await serveHttp((_request, response) => void response.writeHead(404).end(), { secure: true });
  const config = `policies: [{ use: "${server.origin}/acme.tar.gz?token=s3cret", fetch: { ca: ca.pem } }]`;
  await withFiles({ "kp.yaml": config, "ca.pem": CERT }, async (folder) => {
    await assert.rejects(() => serve(["--insecure-http", "--config", `${folder}/kp.yaml`]), ({ message }: Error) => {
      assert.match(message, /acme\.tar\.gz\?\.\.\..*404/);
      assert.doesNotMatch(message, /s3cret/);
      return true;
    });
  });
});
