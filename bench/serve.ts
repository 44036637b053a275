/**
 * `kp serve` over HTTPS, Pod Security restricted in TypeScript: against a server that does nothing but parse, by wrk;
 * then at a fixed rate, with half a processor, its memory and its start. Argument: seconds at a fixed rate, 60.
 */
import { availableParallelism } from "node:os";
import { childrenOf, type ServeProcess, serveProcess } from "../test/process_fixture.ts";
import { ControlGroup, missingControlGroup } from "../e2e/quota/control_group.ts";
import { type Candidate, interleave, table } from "./rounds.ts";
import { startServer } from "./server_process.ts";
import { openLoop } from "./open_loop.ts";
import { load } from "./wrk.ts";

const ROUNDS = { rounds: 5, warmup: 1 };
const SECONDS = 2;

const root = new URL("..", import.meta.url).pathname;
const tls = [`${root}test/fixtures/tls/localhost.crt`, `${root}test/fixtures/tls/localhost.key`];
const config = `${root}bench/serve.yaml`;
const flags = ["--config", config, "--tls-cert", tls[0], "--tls-key", tls[1], "--drain", "0"];
const reviews = `${root}test/fixtures/captures/validating.jsonl`;

await compareThroughput();
await atFixedRate(300, { seconds: Number(Deno.args[0] ?? 60) });
await withinQuota();
await memoryAndStart();

async function compareThroughput(): Promise<void> {
  const echo = await startServer([`${root}bench/echo_server.ts`, ...tls], { output: "stdout", port: /^(\d+)\n/ });
  await using pooled = await serveProcess(flags);
  await using alone = await serveProcess([...flags, "--evaluators", "0"]);
  for (const connections of [1, 8, 32]) {
    const series = await interleave([
      loaded("echo", { url: `https://localhost:${echo.port}/`, connections }),
      loaded("kp serve, evaluators", { url: urlOf(pooled), connections }),
      loaded("kp serve, --evaluators 0", { url: urlOf(alone), connections }),
    ], ROUNDS);
    console.log(table(`/validate over HTTPS, ${connections} connections`, { unit: "answers/s", series }));
  }
  await echo.stop();
}

/** Answers per second with so many connections. */
function loaded(name: string, { url, connections }: { url: string; connections: number }): Candidate {
  return { name, sample: async () => (await load({ url, reviews, connections, seconds: SECONDS })).rate };
}

/** Each server in a control group of its own, as a container with a limit of 500m is. */
async function withinQuota(): Promise<void> {
  const missing = await missingControlGroup();
  if (missing !== undefined) return console.log(`500m of a processor: not measured, ${missing}\n`);
  await using echoGroup = new ControlGroup({ cpu: 500 });
  await using kpGroup = new ControlGroup({ cpu: 500 });
  const echo = await startServer([`${root}bench/echo_server.ts`, ...tls], { output: "stdout", port: /^(\d+)\n/ });
  await using server = await serveProcess([...flags, "--evaluators", "1"]);
  echoGroup.add(echo.pid);
  for (const pid of [server.pid, ...childrenOf(server.pid)]) kpGroup.add(pid);
  const series = await interleave([
    loaded("echo", { url: `https://localhost:${echo.port}/`, connections: 8 }),
    loaded("kp serve, one evaluator", { url: urlOf(server), connections: 8 }),
  ], ROUNDS);
  console.log(table("/validate over HTTPS, 8 connections, 500m of a processor", { unit: "answers/s", series }));
  await echo.stop();
  await reportFixedRate(100, { seconds: 20, server, what: "500m of a processor: " });
}

async function atFixedRate(rate: number, { seconds }: { seconds: number }): Promise<void> {
  await using server = await serveProcess(flags);
  await reportFixedRate(rate, { seconds, server, what: "" });
}

async function reportFixedRate(
  rate: number,
  { seconds, server, what }: { seconds: number; server: ServeProcess; what: string },
): Promise<void> {
  const before = cpuOf(server);
  const { p50, p99, p999, asked } = await openLoop({ url: urlOf(server), reviews, rate, seconds });
  const cpu = (cpuOf(server) - before) / seconds;
  console.log(
    `${what}${rate} reviews a second for ${seconds} s, ${asked} in all: p50 ${p50.toFixed(2)} ms, p99 ${
      p99.toFixed(2)
    } ms, ` +
      `p99.9 ${p999.toFixed(2)} ms, ${(100 * cpu).toFixed(0)} % of a core of ${availableParallelism()}\n`,
  );
}

async function memoryAndStart(): Promise<void> {
  const starts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await using _server = await serveProcess([...flags, "--evaluators", "1"]);
    starts.push(performance.now() - started);
  }
  await using server = await serveProcess([...flags, "--evaluators", "1"]);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const pids = [server.pid, ...childrenOf(server.pid)];
  const sum = (key: string) => pids.reduce((total, pid) => total + rollup(pid, key), 0);
  console.log(
    `start to ready: ${starts.toSorted((a, b) => a - b)[2].toFixed(0)} ms (median of 5, from source)\n` +
      `idle with one evaluator and one that stands by: ${sum("Pss").toFixed(0)} MiB (PSS), ` +
      `${sum("Rss").toFixed(0)} MiB (RSS, of which the executable counts ${pids.length} times)`,
  );
}

function urlOf({ webhook }: ServeProcess): string {
  return `${webhook.replace("127.0.0.1", "localhost")}/validate`;
}

/** MiB of /proc/<pid>/smaps_rollup. */
function rollup(pid: number, key: string): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(text)![1]) / 1024;
}

/** Seconds of processor time of the server and its evaluators so far. */
function cpuOf({ pid }: ServeProcess): number {
  const ticks = [pid, ...childrenOf(pid)].map((id) => {
    const stat = Deno.readTextFileSync(`/proc/${id}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((all, one) => all + one, 0) / 100;
}
