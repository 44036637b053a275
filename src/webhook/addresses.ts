import type { Server } from "node:http";
import { type Address, parseAddress } from "../config/address.ts";
import type { Config } from "../config/config.ts";
import { UsageError } from "../io.ts";
import type { TlsFlags } from "./tls_settings.ts";

export interface Addresses {
  readonly webhook: Address;
  readonly operators: Address;
}

/** As HOST:PORT. */
export interface AddressFlags {
  readonly listen?: string;
  readonly metricsListen?: string;
}

/** For plain HTTP, which is for loopback addresses only. Throws UsageError. */
export function insecureAddresses(flags: AddressFlags & TlsFlags): Addresses {
  if (flags.tlsCert ?? flags.tlsKey ?? flags.tlsClientCa ?? flags.tlsClientSubject) {
    throw new UsageError(
      "Cannot serve plain HTTP with a certificate: accepted --insecure-http or --tls-cert and --tls-key",
    );
  }
  const webhook = addressOf("--listen", flags.listen ?? "127.0.0.1:8181");
  if (!isLoopback(webhook.host)) {
    throw new UsageError(
      `Cannot serve plain HTTP on ${webhook.host}: accepted a loopback address such as 127.0.0.1:8181`,
    );
  }
  return { webhook, operators: addressOf("--metrics-listen", flags.metricsListen ?? "127.0.0.1:8081") };
}

/** The config's, where a flag says nothing else. Throws UsageError. */
export function configuredAddresses({ listen, metricsListen }: AddressFlags, serve: Config["serve"]): Addresses {
  return {
    webhook: listen === undefined ? serve.listen : addressOf("--listen", listen),
    operators: metricsListen === undefined ? serve.metrics : addressOf("--metrics-listen", metricsListen),
  };
}

function addressOf(flag: string, text: string): Address {
  const address = parseAddress(text);
  if (address && address.port <= 65535) return address;
  throw new UsageError(
    `Cannot read ${flag}: found "${text}", accepted HOST:PORT, such as 127.0.0.1:8181 or [::1]:8181`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

export function urlOf(server: Server, scheme: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") return `${scheme}://${address}`;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}
