/**
 * Loads `kp serve` over HTTPS as API servers do, while its evaluators are killed at random; compares every answer with
 * what the same review gives in this process. Argument: seconds.
 */
import { build, readConfig } from "../../src/load.ts";
import { evaluate } from "../../src/evaluators/evaluation.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import { serveProcess } from "../../test/process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { PoolingClient } from "./client.ts";

const CONFIG = `environment: prod
policies: [{ use: platform }, { use: pod-security, options: { level: restricted } }]
stages: { prod: { default: { validate: deny, mutate: patch } } }
serve: { drainSeconds: 0, limits: { requestsPerSecond: 0 } }
`;

const TLS = new URL("../../test/fixtures/tls/", import.meta.url).pathname;
const CLIENTS = 12;

export interface Tally {
  asked: number;
  killed: number;
  cancelled: number;
  /** Answers of another status, uid, verdict or patch. */
  wrong: string[];
  /** Requests that ended in an error. */
  lost: string[];
}

/** Good, denied, patched and large pods. */
function pods(): Record<string, unknown>[] {
  const padding = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, "x".repeat(100_000)]));
  return [
    goodPod(),
    goodPod({ hostNetwork: true }),
    goodPod({ containers: [{ name: "c", image: "registry.example.com/app:1" }] }),
    goodPod({}, { annotations: padding }),
  ];
}

export async function chaos(seconds: number): Promise<Tally> {
  return await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const file = `${folder}/kp.yaml`;
    const { engine } = await build(await readConfig(file), {
      environment: undefined,
      fallback: { validate: "monitor", mutate: "dryrun" },
    });
    const tls = ["--tls-cert", `${TLS}localhost.crt`, "--tls-key", `${TLS}localhost.key`];
    await using server = await serveProcess(["--config", file, ...tls]);
    const tally: Tally = { asked: 0, killed: 0, cancelled: 0, wrong: [], lost: [] };
    const client = new PoolingClient(Deno.readTextFileSync(`${TLS}localhost.crt`), CLIENTS);
    const end = performance.now() + seconds * 1000;
    const killing = (async () => {
      while (performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 400));
        const pids = server.evaluators();
        const pid = pids[Math.floor(Math.random() * pids.length)];
        if (pid === undefined) continue;
        Deno.kill(pid, "SIGKILL");
        tally.killed++;
      }
    })();
    const objects = pods();
    const one = async (number: number) => {
      const endpoint: Endpoint = number % 2 === 0 ? "validating" : "mutating";
      const uid = crypto.randomUUID();
      const review = reviewOf(requestOf(objects[number % objects.length], { uid }));
      const body = JSON.stringify(review);
      const path = endpoint === "validating" ? "validate" : "mutate";
      const cancelAfter = number % 10 === 9 ? Math.random() * 5 : undefined;
      const url = `${server.webhook.replace("127.0.0.1", "localhost")}/${path}?timeout=10s`;
      const sent = await client.send({ url, body, cancelAfter });
      if (sent === "cancelled") return void tally.cancelled++;
      const expected = evaluate(new TextEncoder().encode(body), endpoint, engine);
      const right = expected.success && new TextDecoder().decode(expected.answer);
      if (sent.status !== 200 || sent.body !== right) tally.wrong.push(`${sent.status} ${sent.body.slice(0, 300)}`);
    };
    const asking = Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < end) {
        const number = tally.asked++;
        await one(number).catch((error) => tally.lost.push(String(error)));
      }
    });
    await Promise.all([...asking, killing]);
    client.close();
    return tally;
  });
}

if (import.meta.main) {
  const tally = await chaos(Number(Deno.args[0] ?? 120));
  console.log(JSON.stringify({ ...tally, wrong: tally.wrong.length, lost: tally.lost.length }));
  for (const problem of [...tally.wrong, ...tally.lost].slice(0, 5)) console.log(problem);
  Deno.exit(tally.wrong.length + tally.lost.length === 0 ? 0 : 1);
}
