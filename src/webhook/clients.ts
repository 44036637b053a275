import type { X509Certificate } from "node:crypto";
import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Tls } from "./tls.ts";
import type { TlsRefusal } from "./tls_metrics.ts";

/**
 * Counts the handshakes that fail, but for clients that leave without a word, as balancers do to see whether we listen;
 * and ends the connection of a client whose certificate is not for one of the names,
 * before any of its HTTP is read.
 */
export function guardClients(server: Server, tls: Tls): void {
  server.on("tlsClientError", ({ code }: Error & { code?: string }, { bytesRead }: TLSSocket) => {
    if (code !== "ECONNRESET" || bytesRead > 0) tls.metrics.refuse("handshake");
  });
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    const reason = refusalOf(socket, tls);
    if (reason === null) return;
    tls.metrics.refuse(reason);
    tls.log("client_refused", { reason, subject: socket.getPeerX509Certificate()?.subject ?? null });
    socket.destroy();
  });
}

function refusalOf(socket: TLSSocket, { settings, certificate: { clientCAs } }: Tls): TlsRefusal | null {
  if (clientCAs.length === 0) return null;
  const client = socket.getPeerX509Certificate();
  const { clientSubjects } = settings;
  if (!client || (clientSubjects.length > 0 && !clientSubjects.some((name) => isFor(client, name)))) {
    return "client_name";
  }
  return socket.isSessionReused() && !isIssued(client, clientCAs) ? "client_session" : null;
}

/** Not by `subjectAltName`: its text does not escape a name that holds a comma. */
function isFor(client: X509Certificate, name: string): boolean {
  return client.checkHost(name, { subject: "always", wildcards: false }) !== undefined;
}

/** Deno resumes sessions whatever became of the CA and of the client's certificate since. */
function isIssued(client: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return Date.parse(client.validTo) >= Date.now() &&
    authorities.some((authority) => client.checkIssued(authority) && client.verify(authority.publicKey));
}
