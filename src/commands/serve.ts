import { Command } from "commander";
import type { Server } from "node:http";
import { Bundles } from "../bundles.ts";
import type { Config } from "../config/config.ts";
import { Exit, type Io } from "../io.ts";
import { readConfig } from "../load.ts";
import { jsonLog, type Log } from "../log.ts";
import { selfTest } from "../self_test.ts";
import { type AddressFlags, configuredAddresses, insecureAddresses, urlOf } from "../webhook/addresses.ts";
import { evaluatorEvents } from "../webhook/evaluator_metrics.ts";
import { Health } from "../webhook/health.ts";
import { listen } from "../webhook/listen.ts";
import { createMetrics, type Metrics } from "../webhook/metrics.ts";
import { pause } from "../webhook/pause.ts";
import { CurrentSet, type PolicySet, startPolicySet } from "../webhook/policy_sets.ts";
import { refreshBundles } from "../webhook/refresh.ts";
import { Reloader } from "../webhook/reload.ts";
import { operatorListener, webhookListener } from "../webhook/server.ts";
import { type LifeFlags, lifeOptions } from "../webhook/serve_options.ts";
import { openTls, watchCertificate } from "../webhook/tls.ts";
import { type TlsFlags, tlsSettings } from "../webhook/tls_settings.ts";
import { watchFiles } from "../webhook/watch.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, WATCH, withConfigOptions } from "./config_options.ts";

interface ServeOptions extends ConfigOptions, AddressFlags, LifeFlags, TlsFlags {
  readonly trustPolicies: boolean;
}

export const serveCommand: CommandFactory = (io, exit) =>
  withConfigOptions(new Command("serve"), WATCH)
    .description(
      "Serve the admission webhooks: /validate and /mutate (also /v0/data/system/validating and .../mutating), and on " +
        "a second port /healthz, /readyz (?verbose), /metrics, and to this host POST /-/reload. Changed files and " +
        "bundles are taken over while it runs; SIGHUP reads all of them again.",
    )
    .option("--listen <address>", "HOST:PORT of the webhooks (default: the config's; 127.0.0.1:8181 without TLS)")
    .option("--metrics-listen <address>", "HOST:PORT of metrics and health (default: the config's)")
    .option("--tls-cert <file>", "PEM certificate chain (default: the config's)")
    .option("--tls-key <file>", "PEM private key (default: the config's)")
    .option("--tls-client-ca <file>", "PEM CAs of client certificates, which are then needed (default: the config's)")
    .option("--tls-client-subject <name...>", "common or DNS names of the clients served (default: the config's)")
    .option("--insecure-http", "serve plain HTTP, on a loopback address only", false)
    .option(
      "--evaluators <count>",
      "processes that run the policies (default: the config's, else one a core, at most 4)",
    )
    .option("--evaluator-memory <MiB>", "resident memory above which one is replaced (default: the config's)")
    .option("--trust-policies", "with --evaluators 0: let third parties' policies run in the server's process", false)
    .option("--drain <seconds>", "serve on for so long after SIGTERM (default: the config's; 0 without TLS)")
    .action(async (options: ServeOptions) => exit(await serve(options, io)));

async function serve(options: ServeOptions, io: Io): Promise<number> {
  const insecure = options.insecureHttp ? insecureAddresses(options) : null;
  const log = jsonLog(io.err);
  const bundles = new Bundles(io.env);
  const config = await readConfig(options.config);
  const { drainMs } = lifeOptions(options, config);
  const { webhook, operators } = insecure ?? configuredAddresses(options, config.serve);
  const metrics = createMetrics();
  const { registry } = metrics;
  const tls = options.insecureHttp ? null : await openTls(tlsSettings(options, config), { log, registry });
  const start = setStarter(options, { io, log, bundles, metrics, quarantined: () => current?.set.quarantined });
  let current: CurrentSet | undefined;
  const first = await start(config);
  current = new CurrentSet(first);
  bundles.accept(first.loaded);
  metrics.use(first.loaded);
  const reloader = new Reloader(current, {
    ...{ bundles, log, metrics },
    start: async () => await start(await readConfig(options.config)),
  });
  const health = new Health({ signal: io.signal, current, reloader });
  const reload = () => reloader.reload({ reason: "request" });
  const servers: Server[] = [];
  try {
    servers.push(await listen(operators, { listener: operatorListener({ metrics, health, reload }), tls: null }));
    servers.unshift(await listen(webhook, { listener: webhookListener({ evaluator: current, metrics, log }), tls }));
  } catch (error) {
    await Promise.all([...servers.map(drain), first.close()]);
    throw error;
  }
  log("serving", {
    webhook: urlOf(servers[0], tls ? "https" : "http"),
    operators: urlOf(servers[1], "http"),
    environment: first.loaded.settings.environment,
    policies: first.loaded.policies.length,
    policy_revision: first.loaded.settings.revision,
  });
  io.onHangup(() => void reloader.reload({ reason: "SIGHUP" }));
  const refreshing = refreshBundles({ current, reloader, bundles, log, metrics, signal: io.signal });
  const watching = watchFiles({ current, reloader, signal: io.signal, everyMs: LOOK_MS });
  const renewing = tls && watchCertificate(tls, { signal: io.signal, everyMs: LOOK_MS / 2 });
  await untilAborted(io.signal);
  log("stopping");
  await pause(drainMs, new AbortController().signal);
  await Promise.all([refreshing, watching, renewing, drain(servers[0])]);
  await reloader.settled();
  await Promise.all([current.set.close(), drain(servers[1])]);
  return Exit.clean;
}

const LOOK_MS = 1000;

interface Starting {
  readonly io: Io;
  readonly log: Log;
  readonly bundles: Bundles;
  readonly metrics: Metrics;
  readonly quarantined: () => ReadonlyMap<string, string> | undefined;
}

/** Starts a config's policy set as the flags have it, and tries it out. */
function setStarter(
  options: ServeOptions,
  { io, log, bundles, metrics, quarantined }: Starting,
): (config: Config) => Promise<PolicySet> {
  const tell = evaluatorEvents(metrics.registry, { log, quarantined: () => quarantined() ?? new Map() });
  return async (config) => {
    const { count, memory } = lifeOptions(options, config);
    const { trustPolicies } = options;
    const environment = options.env ?? io.env("KP_ENVIRONMENT");
    const set = await startPolicySet(config, {
      ...{ environment, fallback: WATCH, bundles, log, count, memory, trustPolicies, tell },
    });
    try {
      await selfTest(set);
    } catch (error) {
      await set.close();
      throw error;
    }
    set.loaded.notices.forEach((notice) => log("notice", { notice }));
    return set;
  };
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
