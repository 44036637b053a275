import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, serve } from "../serve_fixture.ts";

const apiVersion = "admission.k8s.io/v1";
const request = requestOf(goodPod());
const BODY = JSON.stringify(reviewOf(request));
const HTTP = postRequest("/validate", BODY);

async function readiness(operators: string): Promise<number> {
  const response = await fetch(`${operators}/readyz`, { headers: { connection: "close" } });
  await response.text();
  return response.status;
}

Deno.test("a signal drains: requests in flight are answered, new ones refused, readiness false, exit code 0", async () => {
  const server = await serve();
  await using idle = await RawConnection.open(server.webhook);
  await idle.send(HTTP);
  await idle.response();
  const inFlight = await Promise.all(Array.from({ length: 10 }, () => RawConnection.open(server.webhook)));
  await Promise.all(inFlight.map((connection) => connection.send(HTTP.slice(0, -10))));
  await post(server, BODY, { headers: { connection: "close" } }); // by now the server has read the others' heads
  assert.equal(await readiness(server.operators), 200);

  const code = server.stop();
  assert.ok(await idle.ended(), "an idle connection is closed");
  assert.equal(await readiness(server.operators), 503);
  await assert.rejects(() => RawConnection.open(server.webhook), Deno.errors.ConnectionRefused);
  for (const connection of inFlight) {
    await connection.send(HTTP.slice(-10));
    assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
    assert.ok(await connection.ended());
    connection.close();
  }
  assert.equal(await code, 0);
  await assert.rejects(() => readiness(server.operators));
  assert.deepEqual(server.log().map(({ event }) => event), ["serving", "stopping"]);
});

Deno.test("a signal before anything was asked ends at once", async () => {
  const server = await serve();
  assert.equal(await server.stop(), 0);
});
