import type { RequestListener } from "node:http";
import { Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";
import { Registry } from "prom-client";
import { urlOf } from "../src/webhook/addresses.ts";
import type { CertificateFiles } from "../src/webhook/certificate.ts";
import { listen } from "../src/webhook/listen.ts";
import { openTls, watchCertificate } from "../src/webhook/tls.ts";
import type { LogLine } from "./serve_fixture.ts";

export const TLS_FOLDER = new URL("fixtures/tls/", import.meta.url).pathname;

/** A file of fixtures/tls. */
export function pem(name: string): string {
  return Deno.readTextFileSync(`${TLS_FOLDER}${name}`);
}

/** A server over TLS whose certificate is watched. */
export interface TlsServer extends AsyncDisposable {
  readonly origin: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  readonly log: LogLine[];
  /** Resolves once an event of that name is logged, from now on. */
  logged(event: string): Promise<LogLine>;
  /** The value of a metric, by its name with its labels. */
  metric(name: string): Promise<number | undefined>;
}

export async function serveTls(
  files: CertificateFiles,
  { clientSubjects = [], everyMs = 20, now }: {
    clientSubjects?: readonly string[];
    everyMs?: number;
    now?: () => number;
  } = {},
): Promise<TlsServer> {
  const log: LogLine[] = [];
  const asked: string[] = [];
  const waiting: { event: string; resolve: (line: LogLine) => void }[] = [];
  const record = (event: string, fields?: Record<string, unknown>) => {
    const line = { event, ...fields };
    log.push(line);
    waiting.filter((waiter) => waiter.event === event).forEach(({ resolve }) => resolve(line));
  };
  const registry = new Registry();
  const controller = new AbortController();
  const tls = await openTls({ files, clientSubjects }, { log: record, registry });
  const listener: RequestListener = ({ url }, response) => {
    asked.push(url!);
    response.end("served");
  };
  const server = await listen({ host: "127.0.0.1", port: 0 }, { listener, tls });
  const watching = watchCertificate(tls, { signal: controller.signal, everyMs, now });
  return {
    origin: urlOf(server, "https"),
    asked,
    log,
    logged: (event) => new Promise((resolve) => waiting.push({ event, resolve })),
    async metric(name) {
      const line = (await registry.metrics()).split("\n").find((text) => text.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
    async [Symbol.asyncDispose]() {
      controller.abort();
      await watching;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface ClientPem {
  readonly cert?: string;
  readonly key?: string;
}

/** Asks by a connection of its own, as a client that trusts every serving certificate of fixtures/tls. */
export function ask({ origin }: TlsServer, client: ClientPem & { path?: string } = {}): Promise<Asked> {
  const agent = new Agent({ keepAlive: false });
  return askBy(agent, { origin, ...client }).finally(() => agent.destroy());
}

const TRUSTED = [pem("localhost.crt"), pem("renewed.crt")];

export interface Asked {
  readonly body: string;
  /** Fingerprint of the server's certificate. */
  readonly served: string;
}

export function askBy(
  agent: Agent,
  { origin, path = "/", ...client }: ClientPem & { origin: string; path?: string },
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${origin}${path}`,
      { agent, ca: TRUSTED, servername: "localhost", ...client },
      (response) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text) => body += text);
        response.on("error", reject);
        response.on("end", () => resolve({ body, served: fingerprint256 }));
      },
    );
    asking.on("error", reject);
    asking.end();
  });
}
