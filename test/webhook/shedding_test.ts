import assert from "node:assert/strict";
import { assertRefused } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { front } from "./front_fixture.ts";

/** The server's side of a connection outlives the test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

const shedBy = (reason: string) => `kube_policies_shed_requests_total{reason="${reason}"}`;

const IN_FLIGHT = "kube_policies_requests_in_flight";
const HELD = "kube_policies_buffered_bytes";
const MEGABYTE = "x".repeat(2 ** 20);

test("a request above inFlight gets 503 without Retry-After, before its body, on a connection that stays", async () => {
  await using server = await front({ inFlight: 2 });
  await using busy = await RawConnection.open(server.origin);
  await busy.send(postRequest("/validate", "{}") + postRequest("/mutate", "{}"));
  await server.until(() => server.waiting.length === 2, "two in flight");
  await using connection = await RawConnection.open(server.origin);
  await connection.send(postRequest("/validate", "", { "content-length": "2" }));
  const shed = await connection.response();
  assertRefused(shed, 503);
  assert.deepEqual([shed.headers.get("retry-after"), shed.headers.get("connection")], [null, "keep-alive"]);
  assert.deepEqual([await server.metric(shedBy("in_flight")), await server.metric(IN_FLIGHT)], [1, 2]);

  server.release();
  for (let count = 0; count < 2; count++) assert.equal((await busy.response()).status, 200);
  await server.until(async () => await server.metric(IN_FLIGHT) === 0, "none in flight");
  await connection.send(`{}${postRequest("/validate", "{}")}`);
  await server.until(() => server.waiting.length === 1, "one in flight");
  server.release();
  assert.equal((await connection.response()).status, 200);
});

test("bodies above memory get 503 while they come, smaller ones are read on", async () => {
  await using server = await front({ memory: 8 });
  await using first = await RawConnection.open(server.origin);
  await first.send(postRequest("/validate", MEGABYTE.repeat(5)));
  await server.until(() => server.waiting.length === 1, "the first is read");
  assert.equal(await server.metric(HELD), 5 * 2 ** 20);
  await using second = await RawConnection.open(server.origin);
  await second.send(postRequest("/validate", MEGABYTE.repeat(5))).catch(() => {}); // the server closes it
  assertRefused(await second.response(), 503);
  assert.equal(await server.metric(shedBy("memory")), 1);
  await using third = await RawConnection.open(server.origin);
  await third.send(postRequest("/validate", "{}"));
  await server.until(() => server.waiting.length === 2, "the third is read");
  server.release();
  for (const connection of [first, third]) assert.equal((await connection.response()).status, 200);
  await server.until(async () => await server.metric(HELD) === 0, "no bytes held");
});

test("a body that is only announced keeps no memory from others", async () => {
  await using server = await front({ memory: 8 });
  await using announced = await RawConnection.open(server.origin);
  await announced.send(postRequest("/validate", "", { "content-length": String(8 * 2 ** 20) }));
  await using sent = await RawConnection.open(server.origin);
  await sent.send(postRequest("/validate", MEGABYTE.repeat(7)));
  await server.until(() => server.waiting.length === 1, "it is read");
  server.release();
  assert.equal((await sent.response()).status, 200);
});

test("a connection above the limit is closed as it comes, until another one ends", async () => {
  await using server = await front({ connections: 3 });
  const open: RawConnection[] = [];
  const OPEN = "kube_policies_connections";
  for (let count = 0; count < 3; count++) open.push(await RawConnection.open(server.origin));
  await server.until(async () => await server.metric(OPEN) === 3, "three connections");
  await using fourth = await RawConnection.open(server.origin);
  assert.ok(await fourth.ended());
  assert.deepEqual([await server.metric(shedBy("connections")), await server.metric(OPEN)], [1, 3]);

  open.pop()!.close();
  await server.until(async () => await server.metric(OPEN) === 2, "two connections");
  await using fifth = await RawConnection.open(server.origin);
  await fifth.send(postRequest("/validate", "", { "content-type": "text/plain" }));
  assertRefused(await fifth.response(), 415);
  open.forEach((connection) => connection.close());
});

test("one address's requests above requestsPerSecond get 429 without Retry-After, with certificates none", async () => {
  for (const known of [false, true]) {
    await using server = await front({ requestsPerSecond: 2 }, { known });
    await using connection = await RawConnection.open(server.origin);
    await connection.send(postRequest("/validate", "{}").repeat(20));
    const statuses: number[] = [];
    const ended = server.until(() => (server.release(), statuses.length === 20), "all answered");
    while (statuses.length < 20) {
      const answered = await connection.response();
      statuses.push(answered.status);
      if (answered.status !== 200) assertRefused(answered, 429);
      assert.equal(answered.headers.get("retry-after"), null);
    }
    await ended;
    const shed = statuses.filter((status) => status === 429).length;
    assert.equal(await server.metric(shedBy("rate")), shed);
    assert.ok(known ? shed === 0 : shed > 0, `${shed} were shed`);
  }
});

test("what is shed is logged at once, and from then on as a sum", async () => {
  await using server = await front({ inFlight: 1 });
  await using connection = await RawConnection.open(server.origin);
  await connection.send(postRequest("/validate", "{}").repeat(101));
  await server.until(async () => await server.metric(shedBy("in_flight")) === 100, "100 are shed");
  const told = () => server.log.filter(({ event }) => event === "requests_shed");
  const sum = () => told().reduce((total, { count }) => total + Number(count), 0);
  await server.until(() => sum() === 100, "all are told");
  assert.deepEqual(told()[0], { event: "requests_shed", reason: "in_flight", count: 1 });
  assert.ok(told().length <= 4, `${told().length} lines`);
  server.release();
});

test("F12: a request whose client closes while it is evaluated leaves nothing behind", async () => {
  await using server = await front();
  for (const pipelined of [1, 5]) {
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(server.origin)));
    await Promise.all(clients.map((client) => client.send(postRequest("/validate", "{}").repeat(pipelined))));
    await server.until(() => server.waiting.length === 20 * pipelined, "all are evaluated");
    clients.forEach((client) => client.close());
    await server.until(async () => await server.metric("kube_policies_connections") === 0, "all are gone");
    assert.equal(await server.metric(IN_FLIGHT), 20 * pipelined, "an evaluation under way is in flight");
    server.release();
    await server.until(async () => await server.metric(IN_FLIGHT) === 0, "none in flight");
    assert.equal(await server.metric(HELD), 0);
  }
  const lost = () => server.log.filter(({ event }) => event === "request_lost");
  await server.until(() => lost().reduce((total, { count }) => total + Number(count), 0) === 120, "all are told");
  assert.ok(lost().length <= 6, `${lost().length} lines`);
});

test("the deadline is the query's timeout, counted from the head of the request", async () => {
  await using server = await front();
  await using connection = await RawConnection.open(server.origin);
  for (const [query, most] of [["?timeout=10s", 9000], ["", 2700], ["?timeout=2m", 27_000]] as const) {
    await connection.send(postRequest(`/validate${query}`, "{}"));
    await server.until(() => server.waiting.length === 1, "it is evaluated");
    server.release();
    await connection.response();
    const budget = server.budgets.pop()!;
    assert.ok(budget > most - 2000 && budget <= most, `${budget} ms for ${query}`);
  }
});

test("A04, I25: what is refused by its path, method or type is not evaluated, and its text tells nothing", async () => {
  await using server = await front();
  for (const [path, method, status] of [["//validate", "POST", 404], ["/validate", "PUT", 405]] as const) {
    await using connection = await RawConnection.open(server.origin);
    await connection.send(postRequest(path, "{}").replace("POST", method));
    assertRefused(await connection.response(), status);
  }
  assert.deepEqual([server.waiting.length, await server.metric(IN_FLIGHT)], [0, 0]);
});
