import assert from "node:assert/strict";
import type { Endpoint } from "../../src/core/decision.ts";
import { assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const apiVersion = "admission.k8s.io/v1";

/** A request of its own uid, every second of it for a bad pod. */
function requestNumber(index: number) {
  return requestOf(goodPod({ hostNetwork: index % 2 === 1 }), { uid: `uid-${index}` });
}

const textOf = (index: number) => JSON.stringify(reviewOf(requestNumber(index)));

function assertAnswerTo(index: number, answered: Parameters<typeof assertReview>[0], endpoint: Endpoint): void {
  const { uid, allowed } = assertReview(answered, { apiVersion, request: requestNumber(index), endpoint });
  assert.deepEqual([uid, allowed], [`uid-${index}`, endpoint === "mutating" || index % 2 === 0]);
}

/** The server answers as before, whatever was done to it. */
async function assertLives(): Promise<void> {
  assertAnswerTo(1, await post(server, textOf(1)), "validating");
}

test("one connection serves many requests, refused ones between them", async () => {
  await using connection = await RawConnection.open(server.webhook);
  for (let index = 0; index < 10; index++) {
    await connection.send(postRequest("/validate", textOf(index)));
    assertAnswerTo(index, await connection.response(), "validating");
    await connection.send(postRequest("/validate", "{"));
    assert.equal((await connection.response()).status, 400);
  }
});

test("I25: pipelined reviews are answered in their order, each with its uid", async () => {
  await using connection = await RawConnection.open(server.webhook);
  const indexes = Array.from({ length: 40 }, (_, index) => index);
  const pathOf = (index: number) => index % 3 === 0 ? "/mutate" : "/validate";
  await connection.send(indexes.map((index) => postRequest(pathOf(index), textOf(index))).join(""));
  for (const index of indexes) {
    assertAnswerTo(index, await connection.response(), index % 3 === 0 ? "mutating" : "validating");
  }
});

test("200 concurrent requests are answered each with its own uid and verdict", async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => post(server, textOf(index))),
  );
  answers.forEach((answered, index) => assertAnswerTo(index, answered, "validating"));
});

test("I02: a chunked body is read like any other", async () => {
  await using connection = await RawConnection.open(server.webhook);
  const body = textOf(3);
  await connection.send("POST /validate HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
  for (const part of [body.slice(0, 1), body.slice(1, 300), body.slice(300)]) {
    await connection.send(`${part.length.toString(16)}\r\n${part}\r\n`);
  }
  await connection.send("0\r\n\r\n");
  assertAnswerTo(3, await connection.response(), "validating");
});

test("a client that closes in the middle of its body is logged without content, and the server lives on", async () => {
  const connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/validate", textOf(0)).slice(0, -200));
  await new Promise((resolve) => setTimeout(resolve, 50));
  connection.close();
  await assertLives();
  await until(() => server.log().some(({ event }) => event === "request_lost"));
  const lost = server.log().filter(({ event }) => event === "request_lost");
  assert.deepEqual(lost.map(({ cause }) => cause), ["the client closed the connection"]);
});

test("a client that never reads its answer does no harm", async () => {
  for (let index = 0; index < 20; index++) {
    const connection = await RawConnection.open(server.webhook);
    await connection.send(postRequest("/validate", textOf(index)));
    connection.close();
  }
  await assertLives();
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !holds();) {
    assert.ok(performance.now() < end, "waited 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
