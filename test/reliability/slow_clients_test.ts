import assert from "node:assert/strict";
import { ANSWER_MS, HANDSHAKE_MS, HTTP_LIMITS } from "../../src/webhook/limits.ts";
import { assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, serve } from "../serve_fixture.ts";
import { serveTls, TLS_FOLDER } from "../tls_fixture.ts";
import { front } from "../webhook/front_fixture.ts";

/** The server's side of a connection outlives the test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

const HEAD = "POST /validate HTTP/1.1\r\nhost: localhost\r\n";
const BODY = `${HEAD}content-length: 10000\r\n\r\n`;
const { headersTimeout, requestTimeout, connectionsCheckingInterval } = HTTP_LIMITS;

/** What each sends at once, and then again and again; and how long it may. */
const SLOW: Record<string, { first: string; then: string; limit: number }> = {
  "sends nothing": { first: "", then: "", limit: headersTimeout },
  "sends half a head": { first: HEAD, then: "", limit: headersTimeout },
  "sends a head without end": { first: HEAD, then: "x: y\r\n", limit: headersTimeout },
  "sends half a body": { first: `${BODY}{`, then: "", limit: requestTimeout },
  "sends a body drop by drop": { first: BODY, then: " ", limit: requestTimeout },
  "sends chunks without end": {
    first: `${HEAD}transfer-encoding: chunked\r\n\r\n`,
    then: "1\r\n \r\n",
    limit: requestTimeout,
  },
};

/** How long the server bears it, in milliseconds. */
async function borne(origin: string, { first, then, limit }: typeof SLOW[string]): Promise<number> {
  const started = performance.now();
  await using connection = await RawConnection.open(origin);
  await connection.send(first);
  const dribble = setInterval(() => void connection.send(then).catch(() => {}), 200);
  const late = setTimeout(() => connection.close(), 2 * limit);
  const { status } = await connection.response();
  assert.equal(status, 408);
  assert.ok(await connection.ended());
  clearInterval(dribble);
  clearTimeout(late);
  return performance.now() - started;
}

test("F12: clients that are slow to send are sent away with 408, and hold up nobody", async () => {
  const server = await serve();
  const slow = Object.entries(SLOW).map(async ([name, client]) => {
    const time = await borne(server.webhook, client).catch((error) => assert.fail(`${name}: ${error}`));
    const { limit } = client;
    assert.ok(time >= limit - 50 && time < limit + 3 * connectionsCheckingInterval, `${name}: ${time} ms`);
  });
  const request = requestOf(goodPod());
  const answered = await post(server, JSON.stringify(reviewOf(request)));
  assertReview(answered, { apiVersion: "admission.k8s.io/v1", request, endpoint: "validating" });
  assert.equal(answered.headers.get("keep-alive"), "timeout=120", "longer than a Go client's 90 s");
  await Promise.all(slow);
  assert.equal(await server.stop(), 0);
});

test("F12: an answer that nobody takes ends with its connection, after 10 s", async () => {
  await using server = await front();
  await using connection = await RawConnection.open(server.origin);
  await connection.send(postRequest("/validate", "{}"));
  await server.until(() => server.waiting.length === 1, "it is evaluated");
  const started = performance.now();
  server.release("x".repeat(64 * 2 ** 20)); // more than the kernel takes
  await server.until(async () => await server.metric("kube_policies_requests_in_flight") === 0, "none in flight");
  const time = performance.now() - started;
  assert.ok(time >= ANSWER_MS - 50 && time < 2 * ANSWER_MS, `${time} ms`);
  await server.until(async () => await server.metric("kube_policies_connections") === 0, "the connection is closed");
});

test("F12: a client that connects and says nothing of TLS is sent away after 5 s, and counted", async () => {
  await using server = await serveTls({ cert: `${TLS_FOLDER}localhost.crt`, key: `${TLS_FOLDER}localhost.key` });
  await using connection = await RawConnection.open(server.origin);
  const started = performance.now();
  assert.ok(await connection.ended());
  const time = performance.now() - started;
  assert.ok(time >= HANDSHAKE_MS - 50 && time < 2 * HANDSHAKE_MS, `${time} ms`);
  assert.equal(await server.metric('kube_policies_tls_refused_connections_total{reason="handshake"}'), 1);
});
