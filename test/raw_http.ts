import assert from "node:assert/strict";
import type { Answered } from "./answer_assertions.ts";
import { transport } from "./serve_fixture.ts";

const CERT = Deno.readTextFileSync(new URL("fixtures/tls/localhost.crt", import.meta.url));

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One connection to a server, byte by byte: what `fetch` would tidy up is sent as it is. */
export class RawConnection implements AsyncDisposable {
  readonly #connection: Deno.Conn;
  #received: Uint8Array = new Uint8Array();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Connects to an origin; over TLS when a CA is given. */
  static async open(origin: string, caCert = transport.isProduction ? CERT : undefined): Promise<RawConnection> {
    const { hostname, port } = new URL(origin);
    const address = { hostname, port: Number(port) };
    return new RawConnection(
      caCert ? await Deno.connectTls({ ...address, caCerts: [caCert] }) : await Deno.connect(address),
    );
  }

  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? encoder.encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** The next response. Its body is as long as its `content-length` says, or chunked. */
  async response(): Promise<Answered> {
    const [statusLine, ...lines] = (await this.#until("\r\n\r\n")).split("\r\n");
    const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/, 2) as [string, string]));
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)![1]);
    if (headers.get("transfer-encoding") === "chunked") return { status, headers, body: await this.#chunks() };
    return { status, headers, body: decoder.decode(await this.#take(Number(headers.get("content-length") ?? 0))) };
  }

  /** Whether the server closes the connection without sending more. */
  async ended(): Promise<boolean> {
    return this.#received.length === 0 && !await this.#read();
  }

  /** The next bytes, as many as there are; none at the end. */
  async bytes(): Promise<Uint8Array> {
    await this.#read();
    return this.#take(this.#received.length);
  }

  close(): void {
    this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // closed by the test
    }
    return Promise.resolve();
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(65536);
    const count = await this.#connection.read(buffer).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#received.length + count);
    joined.set(this.#received);
    joined.set(buffer.subarray(0, count), this.#received.length);
    this.#received = joined;
    return true;
  }

  async #until(end: string): Promise<string> {
    for (;;) {
      const text = decoder.decode(this.#received);
      const found = text.indexOf(end);
      if (found >= 0) {
        await this.#take(encoder.encode(text.slice(0, found + end.length)).length);
        return text.slice(0, found);
      }
      assert.ok(await this.#read(), `the connection ended after ${JSON.stringify(text)}`);
    }
  }

  async #take(length: number): Promise<Uint8Array> {
    while (this.#received.length < length) assert.ok(await this.#read(), "the connection ended inside a body");
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }

  async #chunks(): Promise<string> {
    let body = "";
    for (;;) {
      const size = parseInt(await this.#until("\r\n"), 16);
      body += decoder.decode(await this.#take(size));
      await this.#until("\r\n");
      if (size === 0) return body;
    }
  }
}

/** The text of a POST request. */
export function postRequest(path: string, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { host: "localhost", "content-length": String(encoder.encode(body).length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
