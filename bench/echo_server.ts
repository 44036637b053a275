/** The least that any webhook on this runtime does: TLS, HTTP, parse the review, answer its uid. Prints its port. */
import { Buffer } from "node:buffer";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

const [certFile, keyFile] = Deno.args;
const pem = { cert: Deno.readTextFileSync(certFile), key: Deno.readTextFileSync(keyFile) };

const server = createServer(pem, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { apiVersion, kind, request: { uid } } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ apiVersion, kind, response: { uid, allowed: true } });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
