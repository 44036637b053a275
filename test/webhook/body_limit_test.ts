import assert from "node:assert/strict";
import { LARGEST_BODY } from "../../src/webhook/limits.ts";
import { assertRefused, assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const apiVersion = "admission.k8s.io/v1";
const request = requestOf(goodPod());
const BODY = JSON.stringify(reviewOf(request));
const MEGABYTE = "x".repeat(1_000_000);

async function assertLives(): Promise<void> {
  assertReview(await post(server, BODY), { apiVersion, request, endpoint: "validating" });
}

test("I03: a body of 8 MiB is read, one byte more is 413", async () => {
  assert.equal(LARGEST_BODY, 8 * 1024 * 1024);
  const answered = await post(server, BODY.padEnd(LARGEST_BODY));
  assertReview(answered, { apiVersion, request, endpoint: "validating" });
  assertRefused(await post(server, BODY.padEnd(LARGEST_BODY + 1)), 413);
  await assertLives();
});

test("I03: a body announced as too large is refused before any of it is sent", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/mutate", "", { "content-length": "200000000" }));
  assertRefused(await connection.response(), 413);
  assert.ok(await connection.ended());
});

test("I03: a chunked body without end is refused at the limit, while it is sent", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send("POST /validate HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
  let sent = 0;
  const chunk = `${MEGABYTE.length.toString(16)}\r\n${MEGABYTE}\r\n`;
  const sending = (async () => {
    for (; sent < 500; sent++) await connection.send(chunk);
  })().catch(() => {}); // the server closes the connection
  assertRefused(await connection.response(), 413);
  await sending;
  assert.ok(sent < 50, `the server took ${sent} MB`);
  await assertLives();
});

test("I03: a content-length too small ends the body early: 400 for it, and for what follows", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/validate", BODY, { "content-length": "100" }));
  const statuses = [(await connection.response()).status];
  if (!await connection.ended()) statuses.push((await connection.response()).status);
  assert.deepEqual(new Set(statuses), new Set([400]));
  await assertLives();
});

test("I03: a content-length too large waits for the rest, and holds up nobody else", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/validate", BODY, { "content-length": String(BODY.length + 1) }));
  await assertLives();
  await connection.send(" ");
  assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
});

test("I03: a large body to an unknown path is 404 and not kept", async () => {
  assertRefused(await post(server, MEGABYTE.repeat(20), { path: "/nowhere" }), 404);
  await assertLives();
});
