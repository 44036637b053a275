import { Command } from "commander";
import type { RequestListener, Server } from "node:http";
import { Bundles } from "../bundles.ts";
import { pathFrom } from "../config/config.ts";
import { InProcessEvaluator } from "../evaluators/in_process.ts";
import { Exit, type Io, UsageError } from "../io.ts";
import { build, type Loaded } from "../load.ts";
import { jsonLog, type Log } from "../log.ts";
import { type AddressFlags, configuredAddresses, insecureAddresses, urlOf } from "../webhook/addresses.ts";
import { listen, type Pem } from "../webhook/listen.ts";
import { createMetrics, type Metrics } from "../webhook/metrics.ts";
import { refreshBundles } from "../webhook/refresh.ts";
import { operatorListener, webhookListener } from "../webhook/server.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, loadFor, WATCH, withConfigOptions } from "./config_options.ts";

interface ServeOptions extends ConfigOptions, AddressFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp: boolean;
}

export const serveCommand: CommandFactory = (io, exit) =>
  withConfigOptions(new Command("serve"), WATCH)
    .description(
      "Serve the admission webhooks: /validate and /mutate (also /v0/data/system/validating and .../mutating), and on " +
        "a second port /healthz, /readyz and /metrics. Bundles at addresses are asked for anew while it runs.",
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
  const bundles = new Bundles(io.env);
  const tell = (notice: string) => log("notice", { notice });
  const loaded = await loadFor(options, io, { fallback: WATCH, tell, bundles });
  const pem = options.insecureHttp ? null : await readPem(options, loaded.config);
  const { webhook, operators } = addresses ?? configuredAddresses(options, loaded.config.serve);
  const { listeners, metrics, use } = policySet(loaded, { log, bundles, isReady: () => !io.signal.aborted });
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
  const rebuild = async () => {
    const next = await build(loaded.config, { environment, fallback: WATCH, bundles });
    next.notices.forEach(tell);
    return next;
  };
  const refreshing = refreshBundles(loaded, { bundles, log, metrics, signal: io.signal, rebuild, use });
  await untilAborted(io.signal);
  log("stopping");
  await Promise.all([refreshing, drain(webhookServer)]);
  await drain(operatorServer);
  return Exit.clean;
}

interface Listeners {
  readonly webhook: RequestListener;
  readonly operators: RequestListener;
}

/** What answers by the loaded policies, until `use` gives it others. */
function policySet(
  loaded: Loaded,
  { log, bundles, isReady }: { log: Log; bundles: Bundles; isReady: () => boolean },
): { listeners: Listeners; metrics: Metrics; use: (loaded: Loaded) => void } {
  const setOf = ({ engine, environment, policies }: Loaded) => ({ revision: engine.revision, environment, policies });
  const metrics = createMetrics(setOf(loaded));
  const evaluator = new InProcessEvaluator(loaded.engine);
  const accept = ({ policies }: Loaded) => bundles.accept(policies.flatMap(({ bundle }) => bundle ? [bundle] : []));
  accept(loaded);
  return {
    listeners: {
      webhook: webhookListener({ evaluator, metrics, log }),
      operators: operatorListener({ metrics, isReady }),
    },
    metrics,
    use(next) {
      accept(next);
      evaluator.replace(next.engine);
      metrics.use(setOf(next));
    },
  };
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
