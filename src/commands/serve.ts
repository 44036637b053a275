import { Command } from "commander";
import type { Server } from "node:http";
import { Bundles } from "../bundles.ts";
import type { Address } from "../config/address.ts";
import type { Limits } from "../config/config.ts";
import { Exit, type Io, UsageError } from "../io.ts";
import { readConfig } from "../load.ts";
import { jsonLog, type Log } from "../log.ts";
import { keepAccepting } from "../webhook/accepting.ts";
import { type AddressFlags, configuredAddresses, insecureAddresses, urlOf } from "../webhook/addresses.ts";
import { drain, isDoneWithin } from "../webhook/drain.ts";
import { evaluatorEvents, showQuarantined } from "../webhook/evaluator_metrics.ts";
import { Health } from "../webhook/health.ts";
import { listen } from "../webhook/listen.ts";
import { Load } from "../webhook/load.ts";
import { LogQueue } from "../webhook/log_queue.ts";
import { createMetrics, type Metrics } from "../webhook/metrics.ts";
import { pause } from "../webhook/pause.ts";
import { CurrentSet, type PolicySet, startPolicySet } from "../webhook/policy_sets.ts";
import { refreshBundles } from "../webhook/refresh.ts";
import { Reloader } from "../webhook/reload.ts";
import { operatorListener, webhookListener } from "../webhook/server.ts";
import { type LifeFlags, lifeOptions } from "../webhook/serve_options.ts";
import { openTls, type Tls, watchCertificate } from "../webhook/tls.ts";
import { type TlsFlags, tlsSettings } from "../webhook/tls_settings.ts";
import { seenNow, watchFiles } from "../webhook/watch.ts";
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
  const config = await readConfig(options.config);
  lifeOptions(options, config);
  const addresses = insecure ?? configuredAddresses(options, config.serve);
  const metrics = createMetrics();
  const { registry } = metrics;
  const lines = new LogQueue(io.errAsync, registry);
  const log = jsonLog((line) => lines.add(line));
  try {
    const tls = options.insecureHttp ? null : await openTls(tlsSettings(options, config), { log, registry });
    await run({ options, io, log, metrics }, { addresses, limits: config.serve.limits, tls });
    return Exit.clean;
  } finally {
    await lines.flush(FLUSH_MS);
  }
}

const LOOK_MS = 1000;
const FLUSH_MS = 1000;
/** As long as a request may take by its deadline, and more than Kubernetes waits by default. */
const LONGEST_DRAIN_MS = 30_000;

interface World {
  readonly options: ServeOptions;
  readonly io: Io;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Ports {
  readonly addresses: { readonly webhook: Address; readonly operators: Address };
  readonly limits: Limits;
  /** Null for plain HTTP. */
  readonly tls: Tls | null;
}

/** Serves until the signal, and ends what it started. */
async function run(world: World, ports: Ports): Promise<void> {
  const { options, log, metrics, io: { signal, onHangup } } = world;
  const started = Promise.withResolvers<Policies>();
  onHangup(() => void started.promise.then(({ reloader }) => reloader.reload({ reason: "SIGHUP" })));
  const policies = await openPolicies(world);
  const { current, reloader, bundles } = policies;
  if (signal.aborted) return await current.set.close();
  const servers = await openServers(world, { ...ports, ...policies });
  started.resolve(policies);
  log("serving", { ...urlsOf(servers, ports), ...shownSet(current.set) });
  const watching = Promise.all([
    refreshBundles({ current, reloader, bundles, log, metrics, signal }),
    watchFiles({ current, reloader, signal, everyMs: LOOK_MS }),
    ports.tls && watchCertificate(ports.tls, { signal, everyMs: LOOK_MS / 2 }),
  ]);
  await untilAborted(signal);
  log("stopping");
  await pause(lifeOptions(options, current.set.loaded.config).drainMs, new AbortController().signal);
  const end = async () => {
    await Promise.all([watching, drain(servers.webhook)]);
    await reloader.settled();
    await Promise.all([current.set.close(), drain(servers.operators)]);
  };
  if (await isDoneWithin(LONGEST_DRAIN_MS, end())) return;
  log("connections_closed", { seconds: LONGEST_DRAIN_MS / 1000 });
  Object.values(servers).forEach((server) => server.closeAllConnections());
}

interface Policies {
  readonly current: CurrentSet;
  readonly reloader: Reloader;
  readonly bundles: Bundles;
}

async function openPolicies(world: World): Promise<Policies> {
  const { log, metrics, io } = world;
  const bundles = new Bundles(io.env);
  const start = setStarter(world, bundles);
  const first = await start();
  const current = new CurrentSet(first);
  bundles.accept(first.loaded);
  showQuarantined(metrics.registry, current);
  metrics.use(first.loaded);
  return { current, bundles, reloader: new Reloader(current, { start, bundles, log, metrics }) };
}

interface Servers {
  readonly webhook: Server;
  readonly operators: Server;
}

/** The operators' port last: who is told there that we are ready may come at once. */
async function openServers(
  { log, metrics, io: { signal } }: World,
  { addresses, limits, tls, current, reloader }: Ports & Policies,
): Promise<Servers> {
  const known = tls?.settings.files.clientCA !== undefined;
  const load = new Load(limits, { registry: metrics.registry, log, known });
  const health = new Health({ signal, current, reloader });
  const reload = () => reloader.reload({ reason: "request" });
  const accept = (server: Server) => keepAccepting(server, { log });
  const acceptSome = (server: Server) => {
    load.limitConnections(server);
    accept(server);
  };
  const open: Server[] = [];
  try {
    const reviews = webhookListener({ evaluator: current, metrics, load, log, ending: signal });
    open.push(await listen(addresses.webhook, { listener: reviews, tls, configure: acceptSome }));
    const operations = operatorListener({ metrics, health, reload });
    open.push(await listen(addresses.operators, { listener: operations, tls: null, configure: accept }));
    return { webhook: open[0], operators: open[1] };
  } catch (error) {
    await Promise.all([...open.map(drain), current.set.close()]);
    throw error;
  }
}

function urlsOf({ webhook, operators }: Servers, { tls }: Ports): Record<keyof Servers, string> {
  return { webhook: urlOf(webhook, tls ? "https" : "http"), operators: urlOf(operators, "http") };
}

function shownSet({ loaded: { settings, policies } }: PolicySet): Record<string, unknown> {
  const { environment, revision } = settings;
  return { environment, policies: policies.length, policy_revision: revision };
}

/** Starts a policy set from the config as it is written now and as the flags have it, and tries it out. */
function setStarter(
  { options, io, log, metrics: { registry } }: World,
  bundles: Bundles,
): () => Promise<PolicySet> {
  const { trustPolicies } = options;
  const tell = evaluatorEvents(registry, log);
  return async () => {
    const seen = await seenNow(await readConfig(options.config));
    const config = await readConfig(options.config); // again, since what is read after that look cannot be missed
    const { count, memory } = lifeOptions(options, config);
    const environment = options.env ?? io.env("KP_ENVIRONMENT");
    const set = await startPolicySet(config, {
      ...{ environment, fallback: WATCH, bundles, log, seen, count, memory, trustPolicies, tell },
    });
    try {
      const faults = await set.test();
      if (faults.length > 0) throw new UsageError(`Cannot use the policies: ${faults.join("; ")}`);
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
