/**
 * `kp serve` over HTTPS, Pod Security restricted in TypeScript: against a server that does nothing but parse, by wrk;
 * then at a fixed rate; its memory and its start.
 */
import { availableParallelism } from "node:os";
import { childrenOf, type ServeProcess, serveProcess } from "../test/process_fixture.ts";
import { interleave, table } from "./rounds.ts";
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
await atFixedRate(Number(Deno.args[0] ?? 60));
await memoryAndStart();

async function compareThroughput(): Promise<void> {
  const echo = await startServer([`${root}bench/echo_server.ts`, ...tls], { output: "stdout", port: /^(\d+)\n/ });
  await using pooled = await serveProcess(flags);
  await using alone = await serveProcess([...flags, "--evaluators", "0"]);
  for (const connections of [1, 8, 32]) {
    const candidate = (name: string, url: string) => ({
      name,
      sample: async () => (await load({ url, reviews, connections, seconds: SECONDS })).rate,
    });
    const series = await interleave([
      candidate("echo", `https://localhost:${echo.port}/`),
      candidate("kp serve, evaluators", urlOf(pooled)),
      candidate("kp serve, --evaluators 0", urlOf(alone)),
    ], ROUNDS);
    console.log(table(`/validate over HTTPS, ${connections} connections`, { unit: "answers/s", series }));
  }
  await echo.stop();
}

async function atFixedRate(seconds: number): Promise<void> {
  await using server = await serveProcess(flags);
  const before = cpuOf(server);
  const { p50, p99, p999, asked } = await openLoop({ url: urlOf(server), reviews, rate: 300, seconds });
  const cpu = (cpuOf(server) - before) / seconds;
  console.log(
    `300 reviews a second for ${seconds} s, ${asked} in all: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ` +
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
