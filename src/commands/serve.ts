import { Command } from "commander";
import type { RequestListener, Server } from "node:http";
import { type Address, parseAddress } from "../config/address.ts";
import { pathFrom } from "../config/config.ts";
import { inProcessEvaluator } from "../evaluators/in_process.ts";
import { Exit, type Io, UsageError } from "../io.ts";
import type { Loaded } from "../load.ts";
import { jsonLog, type Log } from "../log.ts";
import { listen, type Pem } from "../webhook/listen.ts";
import { createMetrics } from "../webhook/metrics.ts";
import { operatorListener, webhookListener } from "../webhook/server.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, loadFor, WATCH, withConfigOptions } from "./config_options.ts";

interface ServeOptions extends ConfigOptions {
  readonly listen?: string;
  readonly metricsListen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp: boolean;
}

export const serveCommand: CommandFactory = (io, exit) =>
  withConfigOptions(new Command("serve"), WATCH)
    .description(
      "Serve the admission webhooks: /validate and /mutate (also /v0/data/system/validating and .../mutating), and on " +
        "a second port /healthz, /readyz and /metrics.",
    )
    .option("--listen <address>", "HOST:PORT of the webhooks (default: the config's; 127.0.0.1:8181 without TLS)")
    .option("--metrics-listen <address>", "HOST:PORT of metrics and health (default: the config's)")
    .option("--tls-cert <file>", "PEM certificate chain (default: the config's)")
    .option("--tls-key <file>", "PEM private key (default: the config's)")
    .option("--insecure-http", "serve plain HTTP, on a loopback address only", false)
    .action(async (options: ServeOptions) => exit(await serve(options, io)));

async function serve(options: ServeOptions, io: Io): Promise<number> {
  const addresses = options.insecureHttp ? insecureAddresses(options) : null;
  const log = jsonLog(io.err);
  const loaded = await loadFor(options, io, { fallback: WATCH, tell: (notice) => log("notice", { notice }) });
  const pem = options.insecureHttp ? null : await readPem(options, loaded.config);
  const { webhook, operators } = addresses ?? configuredAddresses(options, loaded.config.serve);
  const listeners = listenersFor(loaded, { log, isReady: () => !io.signal.aborted });
  const operatorServer = await listen(operators, { listener: listeners.operators, pem: null });
  const webhookServer = await listen(webhook, { listener: listeners.webhook, pem }).catch(async (error) => {
    await drain(operatorServer);
    throw error;
  });
  const { engine, environment, policies } = loaded;
  log("serving", {
    webhook: urlOf(webhookServer, pem ? "https" : "http"),
    operators: urlOf(operatorServer, "http"),
    environment,
    policies: policies.length,
    policy_revision: engine.revision,
  });
  await untilAborted(io.signal);
  log("stopping");
  await drain(webhookServer);
  await drain(operatorServer);
  return Exit.clean;
}

function listenersFor(loaded: Loaded, { log, isReady }: { log: Log; isReady: () => boolean }): Record<
  "webhook" | "operators",
  RequestListener
> {
  const { engine, environment, policies } = loaded;
  const metrics = createMetrics({ revision: engine.revision, environment, policies });
  return {
    webhook: webhookListener({ evaluator: inProcessEvaluator(engine), metrics, log }),
    operators: operatorListener({ metrics, isReady }),
  };
}

interface Addresses {
  readonly webhook: Address;
  readonly operators: Address;
}

function insecureAddresses(options: ServeOptions): Addresses {
  if (options.tlsCert ?? options.tlsKey) {
    throw new UsageError(
      "Cannot serve plain HTTP with a certificate: accepted --insecure-http or --tls-cert and --tls-key",
    );
  }
  const webhook = addressOf("--listen", options.listen ?? "127.0.0.1:8181");
  if (!isLoopback(webhook.host)) {
    throw new UsageError(
      `Cannot serve plain HTTP on ${webhook.host}: accepted a loopback address such as 127.0.0.1:8181`,
    );
  }
  return { webhook, operators: addressOf("--metrics-listen", options.metricsListen ?? "127.0.0.1:8081") };
}

function configuredAddresses({ listen, metricsListen }: ServeOptions, serve: Loaded["config"]["serve"]): Addresses {
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

async function readPem({ tlsCert, tlsKey }: ServeOptions, config: Loaded["config"]): Promise<Pem> {
  const { tls } = config.serve;
  const cert = tlsCert ?? (tls && pathFrom(config, tls.cert));
  const key = tlsKey ?? (tls && pathFrom(config, tls.key));
  if (!cert || !key) {
    throw new UsageError(
      "Cannot serve HTTPS without a certificate: accepted --tls-cert with --tls-key, serve.tls in the config, or --insecure-http",
    );
  }
  return { cert: await readText(cert), key: await readText(key) };
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : (error as Error).message;
    throw new UsageError(`Cannot read ${file}: ${found}`);
  }
}

function urlOf(server: Server, scheme: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") return `${scheme}://${address}`;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Requests in flight are answered; idle connections are closed. The operators' port answers until the last one is. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
