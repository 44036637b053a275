import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { urlOf } from "../../src/webhook/addresses.ts";
import { drain, isDoneWithin } from "../../src/webhook/drain.ts";
import { RawConnection } from "../raw_http.ts";

const GET = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

async function listening(): Promise<{ server: Server; origin: string }> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, origin: urlOf(server, "http") };
}

Deno.test("a server is drained when what is in flight is answered", async () => {
  const { server, origin } = await listening();
  await using connection = await RawConnection.open(origin);
  const asked = once(server, "request");
  await connection.send(GET);
  const [, response] = await asked as [unknown, ServerResponse];
  const drained = drain(server);
  assert.equal(await isDoneWithin(20, drained), false);
  response.end("done");
  assert.equal((await connection.response()).body, "done");
  assert.equal(await isDoneWithin(10_000, drained), true);
  assert.ok(await connection.ended());
});

Deno.test("a request that never ends does not keep the server: its connection can be closed", async () => {
  const { server, origin } = await listening();
  await using connection = await RawConnection.open(origin);
  const asked = once(server, "request");
  await connection.send(GET);
  await asked;
  const drained = drain(server);
  assert.equal(await isDoneWithin(20, drained), false);
  server.closeAllConnections();
  assert.equal(await isDoneWithin(10_000, drained), true);
  assert.ok(await connection.ended());
});
