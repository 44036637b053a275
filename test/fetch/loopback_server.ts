import assert from "node:assert/strict";
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FetchError } from "../../src/fetch/fetch_error.ts";

const tls = (name: string) => Deno.readTextFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
/** Its own CA. */
export const CERT = tls("localhost.crt");

/** Stands for what must not be in a message. */
export const SECRET = "s3cret";

/** A server of this test, on a free port. */
export interface LoopbackServer extends AsyncDisposable {
  readonly host: string;
  readonly origin: string;
  readonly requests: readonly IncomingMessage[];
}

/** Speaks HTTP; over TLS as `localhost` where that is asked for. */
export async function serveHttp(listener: RequestListener, { secure = false } = {}): Promise<LoopbackServer> {
  const requests: IncomingMessage[] = [];
  const recorded: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  const server = secure
    ? createHttpsServer({ cert: CERT, key: tls("localhost.key") }, recorded)
    : createHttpServer(recorded);
  const host = `${secure ? "localhost" : "127.0.0.1"}:${await listening(server)}`;
  return {
    host,
    origin: `${secure ? "https" : "http"}://${host}`,
    requests,
    [Symbol.asyncDispose]: () => {
      server.close();
      server.closeAllConnections();
      return Promise.resolve();
    },
  };
}

/** Answers every connection's first bytes as the test says, byte by byte. */
export async function serveRaw(answer: (socket: Socket, asked: string) => void): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the client may well go
    socket.once("data", (data) => answer(socket, data.toString("latin1")));
  });
  const host = `127.0.0.1:${await listening(server)}`;
  return {
    host,
    origin: `http://${host}`,
    requests: [],
    [Symbol.asyncDispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      return Promise.resolve();
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** The message of a fetch that has to fail: one line, without secrets. */
export async function failure(fetched: Promise<unknown>): Promise<string> {
  const error = await fetched.then((value) => assert.fail(`fetched ${Deno.inspect(value)}`), (error) => error);
  assert.ok(error instanceof FetchError, Deno.inspect(error));
  assert.doesNotMatch(error.message, /\n/);
  assert.ok(!error.message.includes(SECRET), error.message);
  return error.message;
}
