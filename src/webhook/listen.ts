import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Address } from "../config/address.ts";
import { causeOf } from "../core/text.ts";
import { UsageError } from "../io.ts";

/** A serving certificate with its chain, and its private key. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
}

/**
 * Starts a server: HTTPS where a certificate is given, else plain HTTP. Not Deno.serve: over TLS it stalls 44 ms on
 * answers of more than 400 bytes, and can neither ask for client certificates nor change its own.
 */
export async function listen(
  { host, port }: Address,
  { listener, pem }: { listener: RequestListener; pem: Pem | null },
): Promise<Server> {
  const server = pem ? httpsServer(pem, listener) : createHttpServer(listener);
  return await new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new UsageError(`Cannot listen on ${host}:${port}: ${error.message}`)));
    server.listen(port, host, () => resolve(server));
  });
}

/** Deno takes any text for a certificate, starts, and fails every handshake: what is wrong has to be found before. */
function httpsServer(pem: Pem, listener: RequestListener): Server {
  const certificate = parsed("certificate", () => new X509Certificate(pem.cert));
  const key = parsed("private key", () => createPrivateKey(pem.key));
  if (!certificate.checkPrivateKey(key)) {
    throw new UsageError("Cannot use the certificate: the private key is another's");
  }
  if (Date.parse(certificate.validTo) < Date.now()) {
    throw new UsageError(`Cannot use the certificate: it expired on ${certificate.validTo}`);
  }
  return createHttpsServer({ ...pem, minVersion: "TLSv1.2" }, listener);
}

function parsed<Value>(what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`Cannot read the ${what}: accepted PEM (${causeOf(error)})`);
  }
}
