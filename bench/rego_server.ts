/**
 * `kp serve` with a bundle, and with the same policies in TypeScript, against `opa run --server` with the Rego that the
 * bundle was built of: all over HTTPS, by wrk.
 */
import assert from "node:assert/strict";
import { CONTEXT } from "./bundles.ts";
import { capturedPod } from "./captured.ts";
import { OPA } from "../e2e/tools.ts";
import { need, SOURCES } from "./opa.ts";
import { interleave, type Series, table } from "./rounds.ts";
import { freePort, type ServerProcess, startCommand, startServer } from "./server_process.ts";
import { load, type Measured } from "./wrk.ts";

const ROUNDS = { rounds: 7, warmup: 1 };
const SECONDS = 1;

const root = new URL("..", import.meta.url).pathname;
const [cert, key] = [`${root}test/fixtures/tls/localhost.crt`, `${root}test/fixtures/tls/localhost.key`];
const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(cert)] });

need([OPA, "wrk"]);
const folder = await Deno.makeTempDir();
const [opa, ...kp] = await Promise.all([startOpa(), startKp("rego_self_staged"), startKp("platform_without_images")]);
try {
  for (const [endpoint, pod] of [["validating", "compliant"], ["validating", "every-violation"]] as const) {
    const { text } = await capturedPod(pod, endpoint);
    await Deno.writeTextFile(`${folder}/reviews.jsonl`, `${text}\n`);
    await assertSame(endpoint, text);
    for (const connections of [1, 32]) await compare(`${endpoint}, ${pod} pod`, { endpoint, connections });
  }
  for (const endpoint of ["validating", "mutating"] as const) {
    await Deno.copyFile(`${root}test/fixtures/captures/${endpoint}.jsonl`, `${folder}/reviews.jsonl`);
    for (const connections of [1, 32]) await compare(`${endpoint}, all captures in turn`, { endpoint, connections });
  }
} finally {
  client.close();
  await Promise.all([...[opa, ...kp].map((server) => server.stop()), Deno.remove(folder, { recursive: true })]);
}

async function startOpa(): Promise<ServerProcess> {
  await Deno.writeTextFile(`${folder}/data.json`, JSON.stringify(CONTEXT));
  const port = freePort();
  const tls = ["--tls-cert-file", cert, "--tls-private-key-file", key];
  const quiet = ["--log-level", "error", "--skip-version-check"];
  const sources = [...SOURCES, `${root}bench/webhook.rego`, `${folder}/data.json`];
  const args = ["run", "--server", "--addr", `127.0.0.1:${port}`, ...tls, ...quiet, ...sources];
  return await startCommand(OPA, { args, port });
}

async function startKp(name: string): Promise<ServerProcess> {
  const addresses = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const config = ["--config", `${root}bench/${name}.yaml`, "--tls-cert", cert, "--tls-key", key];
  return await startServer([`${root}src/main.ts`, "serve", ...config, ...addresses], {
    output: "stderr",
    port: /"webhook":"https:[^"]*:(\d+)"/,
  });
}

/** All decide the same, or what they are measured at is not the same work. */
async function assertSame(endpoint: string, body: string): Promise<void> {
  const [theirs, ...ours] = await Promise.all([opa, ...kp].map(async (server) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(urlOf(server, endpoint), { client, method: "POST", headers, body });
    const { response } = await answer.json();
    return { allowed: response.allowed, denials: denialsOf(response.status?.message) };
  }));
  for (const { allowed, denials } of ours) {
    assert.equal(allowed, theirs.allowed);
    assert.deepEqual(denials.toSorted(), theirs.denials.toSorted());
  }
}

/** Our shipped policies say at the end how to mend what they found. */
function denialsOf(message = ""): string[] {
  return message.split(" Remediation: ")[0].split(/, (?=\w+: )/);
}

interface Asked {
  readonly endpoint: string;
  readonly connections: number;
}

async function compare(title: string, { endpoint, connections }: Asked): Promise<void> {
  const used: Record<string, Measured[]> = {};
  const candidate = (name: string, server: ServerProcess) => ({
    name,
    sample: async () => {
      const reviews = `${folder}/reviews.jsonl`;
      const measured = await load({ url: urlOf(server, endpoint), reviews, connections, seconds: SECONDS });
      (used[name] ??= []).push(measured);
      return measured.rate;
    },
  });
  const names = ["kp serve, Rego", "kp serve, TypeScript"];
  const candidates = [candidate("opa run --server", opa), ...kp.map((server, i) => candidate(names[i], server))];
  const series = await interleave(candidates, ROUNDS);
  console.log(table(`${title}, ${connections} at once`, { unit: "answers/s", series }));
  for (const key of ["p50", "p99"] as const) {
    const latency = Object.entries(used).map(([name, measured]): Series => (
      { name, samples: measured.slice(ROUNDS.warmup).map((each) => each[key]) }
    ));
    console.log(table(`${title}, ${connections} at once: ${key}`, { unit: "ms", series: latency }));
  }
}

function urlOf({ port }: ServerProcess, endpoint: string): string {
  return `https://localhost:${port}/v0/data/system/${endpoint}`;
}
