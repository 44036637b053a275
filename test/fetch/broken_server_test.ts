import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { fetchHttps, type FetchOptions } from "../../src/fetch/https.ts";
import { failure, SECRET, serveRaw } from "./loopback_server.ts";

const OPTIONS: FetchOptions = {
  timeoutMs: 5000,
  maxBytes: 1000,
  hosts: [],
  auth: { username: "kp", password: SECRET },
};
const QUERY = `?X-Signature=${SECRET}`;

const fetched = (address: string, timeoutMs: number) => fetchHttps(address, { ...OPTIONS, timeoutMs });

const write = (socket: Socket, head: string, body: string | Uint8Array = "") => {
  socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
  socket.write(body);
};
const forever = (socket: Socket, { text, everyMs }: { text: string; everyMs: number }) => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on("close", () => clearInterval(timer));
};

/** How servers go wrong, and what of that is said. Each within the deadline, and nothing half is taken for whole. */
const BROKEN: Record<string, { answer: (socket: Socket) => void; message: RegExp; timeoutMs?: number }> = {
  "10 GB claimed": {
    answer: (socket) => write(socket, "content-length: 10000000000", "x"),
    message: /: 10000000000 bytes, accepted 1000$/,
  },
  "a body that never ends": {
    answer: (socket) => {
      write(socket, "transfer-encoding: chunked");
      forever(socket, { text: `200\r\n${"x".repeat(512)}\r\n`, everyMs: 0 });
    },
    message: /: more than 1000 bytes$/,
  },
  "headers that never end": {
    answer: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      forever(socket, { text: `x-${"x".repeat(50)}: ${"y".repeat(60000)}\r\n`, everyMs: 0 });
    },
    message: /: \S/,
  },
  "half a body, then the end": {
    answer: (socket) => {
      write(socket, "content-length: 100", "half");
      socket.end();
    },
    message: /: error reading a body from connection$/,
  },
  "half a body, then a reset": {
    answer: (socket) => {
      write(socket, "content-length: 100", "half");
      // Deno 2.6 cannot reset.
      setTimeout(() => (socket.resetAndDestroy ?? socket.destroy).call(socket), 20);
    },
    message: /: error reading a body from connection$/,
  },
  "a chunked body without its last chunk": {
    answer: (socket) => {
      write(socket, "transfer-encoding: chunked", "4\r\nhalf\r\n");
      socket.end();
    },
    message: /: error reading a body from connection$/,
  },
  "a body without a length": {
    answer: (socket) => {
      write(socket, "connection: close", "half?");
      socket.end();
    },
    message: /: answered without saying how long it is$/,
  },
  "two lengths": {
    answer: (socket) => write(socket, "content-length: 4\r\ncontent-length: 5", "half?"),
    message: /: \S/,
  },
  "no answer": { answer: () => {}, message: /: not done within 300 ms$/, timeoutMs: 300 },
  "a body that stops": {
    answer: (socket) => write(socket, "content-length: 100", "half"),
    message: /: not done within 300 ms$/,
    timeoutMs: 300,
  },
  "a body that drips": {
    answer: (socket) => {
      write(socket, "content-length: 900");
      forever(socket, { text: "x", everyMs: 20 });
    },
    message: /: not done within 300 ms$/,
    timeoutMs: 300,
  },
  "not HTTP": { answer: (socket) => socket.end("220 smtp.example\r\n"), message: /: invalid HTTP version parsed$/ },
  "a closed connection": {
    answer: (socket) => socket.end(),
    message: /: connection closed before message completed$/,
  },
  "a content-encoding": {
    answer: (socket) => write(socket, "content-encoding: br\r\ncontent-length: 4", "\u000b\u0000\u0080x"),
    message: /: answered /,
  },
};

for (const [what, { answer, message, timeoutMs = 5000 }] of Object.entries(BROKEN)) {
  Deno.test(`a server's fault is an error: ${what}`, async () => {
    await using server = await serveRaw(answer);
    const start = performance.now();
    const found = await failure(fetched(`${server.origin}/b${QUERY}`, timeoutMs));
    assert.ok(found.startsWith(`${server.origin}/b?...: `), found);
    assert.match(found, message);
    assert.ok(performance.now() - start < 3000);
  });
}

Deno.test("a TLS handshake without an answer ends at the deadline", async () => {
  await using server = await serveRaw(() => {});
  const address = `https://${server.host}/`;
  assert.equal(await failure(fetched(address, 200)), `${address}: not done within 200 ms`);
});

Deno.test("the deadline counts over all redirects", async () => {
  await using server = await serveRaw((socket) => {
    const head = "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const timer = setTimeout(() => socket.end(head), 100);
    socket.on("close", () => clearTimeout(timer));
  });
  const start = performance.now();
  assert.match(await failure(fetched(`${server.origin}/`, 250)), /: not done within 250 ms$/);
  assert.ok(performance.now() - start >= 240);
});
