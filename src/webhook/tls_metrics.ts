import { Counter, Gauge, type Registry } from "prom-client";
import type { Certificate } from "./certificate.ts";

/** Why a connection was ended before any of its HTTP was read. */
export type TlsRefusal = "handshake" | "client_name" | "client_session";

export interface TlsMetrics {
  /** Shows the certificate that new connections get from now on. */
  use(certificate: Certificate): void;
  /** Shows whether the files hold what is served. */
  setCurrent(isCurrent: boolean): void;
  refuse(reason: TlsRefusal): void;
}

export function createTlsMetrics(registry: Registry): TlsMetrics {
  const registers = [registry];
  const notAfter = new Gauge({
    name: "kube_policies_certificate_not_after_timestamp_seconds",
    help: "When the first of the certificates expires, as seconds since 1970",
    labelNames: ["certificate"],
    registers,
  });
  const current = new Gauge({
    name: "kube_policies_certificate_current",
    help: "Whether the certificate files hold what is served",
    registers,
  });
  const refused = new Counter({
    name: "kube_policies_tls_refused_connections_total",
    help: "Connections that were ended before any of their HTTP was read",
    labelNames: ["reason"],
    registers,
  });
  return {
    use({ notAfter: times }) {
      notAfter.reset();
      for (const [certificate, time] of Object.entries(times)) notAfter.set({ certificate }, time / 1000);
      current.set(1);
    },
    setCurrent: (isCurrent) => current.set(Number(isCurrent)),
    refuse: (reason) => refused.inc({ reason }),
  };
}
