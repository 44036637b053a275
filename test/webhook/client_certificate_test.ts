import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { serve, SERVE_CONFIG } from "../serve_fixture.ts";
import { ask, pem, serveTls, TLS_FOLDER } from "../tls_fixture.ts";
import { withFiles } from "../run_fixture.ts";

const FILES = {
  cert: `${TLS_FOLDER}localhost.crt`,
  key: `${TLS_FOLDER}localhost.key`,
  clientCA: `${TLS_FOLDER}client_ca.crt`,
};
const KEY = pem("client.key");

/** Its side of a refused connection outlives the test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

const REFUSED: Record<string, { cert?: string; reason: string }> = {
  "no certificate": { reason: "handshake" },
  "a certificate of another CA": { cert: "client_of_other_ca.crt", reason: "handshake" },
  "an expired certificate": { cert: "client_expired.crt", reason: "handshake" },
  "a certificate for another name": { cert: "client_deceiving.crt", reason: "client_name" },
};

for (const [name, { cert, reason }] of Object.entries(REFUSED)) {
  test(`a client with ${name} is refused before any of its request is read`, async () => {
    await using server = await serveTls(FILES, { clientSubjects: ["api-server", "api-server.example"] });
    await assert.rejects(ask(server, cert === undefined ? {} : { cert: pem(cert), key: KEY }));
    await ask(server, { cert: pem("client.crt"), key: KEY, path: "/after" });
    assert.deepEqual(server.asked, ["/after"]);
    const refused = { event: "client_refused", reason, subject: "CN=someone" };
    assert.deepEqual(server.log, reason === "client_name" ? [refused] : []);
    assert.equal(await server.metric(`kube_policies_tls_refused_connections_total{reason="${reason}"}`), 1);
  });
}

for (
  const [name, clientSubjects] of Object.entries({
    "its common name is listed": ["another", "api-server"],
    "its DNS name is listed": ["api-server.example"],
    "none is listed": [],
  })
) {
  test(`a client is served when ${name}`, async () => {
    await using server = await serveTls(FILES, { clientSubjects });
    assert.equal((await ask(server, { cert: pem("client.crt"), key: KEY })).body, "served");
    assert.deepEqual(server.log, []);
  });
}

for (const subject of ["api", "example", ".example", "*.example", "api-server.example.com", "client-ca"]) {
  test(`a client is not served as ${subject}, which is none of its names`, async () => {
    await using server = await serveTls(FILES, { clientSubjects: [subject] });
    await assert.rejects(ask(server, { cert: pem("client.crt"), key: KEY }));
    assert.deepEqual(server.asked, []);
  });
}

test("without a client CA, a client needs no certificate", async () => {
  await using server = await serveTls({ cert: FILES.cert, key: FILES.key });
  assert.equal((await ask(server)).body, "served");
});

test("of several client CAs each is trusted, but for those that have expired", () =>
  withFiles({ "ca.crt": pem("expired_ca.crt") + pem("other_ca.crt") + pem("client_ca.crt") }, async (folder) => {
    await using server = await serveTls({ ...FILES, clientCA: `${folder}/ca.crt` });
    for (const cert of ["client.crt", "client_of_other_ca.crt"]) {
      assert.equal((await ask(server, { cert: pem(cert), key: KEY })).body, "served");
    }
    assert.equal(
      await server.metric('kube_policies_certificate_not_after_timestamp_seconds{certificate="client_ca"}'),
      Date.UTC(2120, 0, 1) / 1000,
    );
  }));

test("a client whose CA was taken away is refused, also when it resumes a session", () =>
  withFiles({ "ca.crt": pem("client_ca.crt") }, async (folder) => {
    await using server = await serveTls({ ...FILES, clientCA: `${folder}/ca.crt` });
    using client = Deno.createHttpClient({ caCerts: [pem("localhost.crt")], cert: pem("client.crt"), key: KEY });
    const get = async () => {
      const origin = server.origin.replace("127.0.0.1", "localhost");
      return await (await fetch(origin, { client, headers: { connection: "close" } })).text();
    };
    assert.deepEqual([await get(), await get()], ["served", "served"]);
    const replaced = server.logged("certificate_replaced");
    await Deno.writeTextFile(`${folder}/ca.crt`, pem("other_ca.crt"));
    await replaced;
    await assert.rejects(get());
    await assert.rejects(ask(server));
    await assert.rejects(ask(server, { cert: pem("client.crt"), key: KEY }));
    assert.equal(server.asked.length, 2);
    assert.equal((await ask(server, { cert: pem("client_of_other_ca.crt"), key: KEY })).body, "served");
    assert.ok(await server.metric('kube_policies_tls_refused_connections_total{reason="client_session"}'));
  }));

test("kp serve answers the client of that name alone, and anyone on the operators' port", async () => {
  const flags = { cert: FILES.cert, key: FILES.key, "client-ca": FILES.clientCA, "client-subject": "api-server" };
  const server = await serve([
    ...["--config", SERVE_CONFIG],
    ...Object.entries(flags).flatMap(([name, value]) => [`--tls-${name}`, value]),
  ]);
  try {
    const request = requestOf(goodPod({}));
    const review = postRequest("/validate", JSON.stringify(reviewOf(request)));
    const { port } = new URL(server.webhook);
    const connect = (cert: string) =>
      Deno.connectTls({ hostname: "localhost", port: Number(port), caCerts: [pem("localhost.crt")], cert, key: KEY });
    const served = async (cert: string) => {
      await using connection = new RawConnection(await connect(pem(cert)));
      await connection.send(review);
      return await connection.response();
    };
    for (const cert of ["client_of_other_ca.crt", "client_expired.crt", "client_deceiving.crt"]) {
      await assert.rejects(served(cert));
    }
    assertReview(await served("client.crt"), { apiVersion: "admission.k8s.io/v1", request, endpoint: "validating" });
    assert.deepEqual(server.log().slice(-1).map(({ event, reason }) => [event, reason]), [
      ["client_refused", "client_name"],
    ]);
    const metrics = await (await fetch(`${server.operators}/metrics`)).text();
    for (
      const line of [
        'kube_policies_requests_total{endpoint="validating",result="allowed",dry_run="false"} 1',
        'kube_policies_tls_refused_connections_total{reason="handshake"} 2',
        'kube_policies_tls_refused_connections_total{reason="client_name"} 1',
      ]
    ) assert.ok(metrics.includes(`${line}\n`), metrics);
  } finally {
    await server.stop();
  }
});
