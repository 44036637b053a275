import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Address } from "../config/address.ts";
import { causeOf } from "../core/text.ts";
import { UsageError } from "../io.ts";
import { guardClients } from "./clients.ts";
import { HANDSHAKE_MS, HTTP_LIMITS } from "./limits.ts";
import type { Tls } from "./tls.ts";

export interface Listening {
  readonly listener: RequestListener;
  /** Null for plain HTTP. */
  readonly tls: Tls | null;
  /** Called with the server before it listens. */
  readonly configure?: (server: Server) => void;
}

/**
 * Starts a server. Not Deno.serve: over TLS it stalls 44 ms on answers of more than 400 bytes, and can neither ask for
 * client certificates nor change its own. Throws UsageError.
 */
export async function listen({ host, port }: Address, { listener, tls, configure }: Listening): Promise<Server> {
  const server = tls ? httpsServer(tls, listener) : createHttpServer(HTTP_LIMITS, listener);
  configure?.(server);
  return await new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new UsageError(`Cannot listen on ${host}:${port}: ${error.message}`)));
    server.listen(port, host, () => resolve(server));
  });
}

function httpsServer(tls: Tls, listener: RequestListener): Server {
  const { context, clientCAs } = tls.certificate;
  const requestCert = clientCAs.length > 0;
  try {
    const server = createHttpsServer({
      ...HTTP_LIMITS,
      ...context,
      ...{ requestCert, rejectUnauthorized: requestCert, handshakeTimeout: HANDSHAKE_MS },
    }, listener);
    if (requestCert && !canAskForCertificates(server)) {
      throw new Error("with client CAs, this version of Deno would serve clients without a certificate; 2.9 does not");
    }
    tls.servers.push(server);
    guardClients(server, tls);
    return server;
  } catch (error) {
    throw new UsageError(`Cannot use the certificate ${tls.settings.files.cert}: ${causeOf(error)}`);
  }
}

/** Told by what came to Deno together with it: what does not ask says nothing of it. */
function canAskForCertificates(server: { setSecureContext?: unknown }): boolean {
  return typeof server.setSecureContext === "function";
}
