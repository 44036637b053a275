/** Where a load goes, and what each request asks. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly body: Uint8Array;
  /** PEM of the certificate that is trusted. */
  readonly ca: string;
}

const CONNECTIONS = 16;
const LONGEST_WAIT = 5000;

/**
 * Answers per second that a server gives to 16 connections, each asking again as soon as it is answered. HTTP/1.1 by
 * hand: a load generator that is slower than the server would measure itself. Fails when the server stops answering.
 */
export async function answersPerSecond(load: Load, seconds: number): Promise<number> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(load)));
  const request = requestOf(load);
  const close = () => connections.forEach((connection) => connection.close());
  const stalled = setTimeout(close, seconds * 1000 + LONGEST_WAIT);
  const started = performance.now();
  const end = started + seconds * 1000;
  const counts = await Promise.all(connections.map(async (connection) => {
    let answers = 0;
    for (; performance.now() < end; answers++) await ask(connection, request);
    return answers;
  }));
  const elapsed = (performance.now() - started) / 1000;
  clearTimeout(stalled);
  close();
  return counts.reduce((sum, count) => sum + count, 0) / elapsed;
}

/** Each write is a whole request: holding back its last packet for an acknowledgement would only measure the wait. */
async function connect({ port, ca }: Load): Promise<Deno.TlsConn> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  tcp.setNoDelay();
  return await Deno.startTls(tcp, { hostname: "localhost", caCerts: [ca] });
}

function requestOf({ path, body }: Load): Uint8Array {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n`;
  return new Uint8Array([...new TextEncoder().encode(head), ...body]);
}

const latin1 = new TextDecoder("latin1");

async function ask(connection: Deno.TlsConn, request: Uint8Array): Promise<void> {
  for (let rest = request; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
  const answer = new Uint8Array(65536);
  let read = 0;
  let length = Infinity;
  while (read < length) {
    const more = await connection.read(answer.subarray(read));
    if (more === null) throw new Error("Cannot read the answer: the server closed the connection");
    read += more;
    if (length === Infinity) length = lengthOf(latin1.decode(answer.subarray(0, Math.min(read, 1024))));
  }
}

/** Head and body in bytes; infinite while the head is not there as a whole. */
function lengthOf(text: string): number {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return Infinity;
  const head = text.slice(0, end);
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`Cannot use the answer: ${head}`);
  return end + "\r\n\r\n".length + Number(/content-length: (\d+)/i.exec(head)?.[1]);
}
