/**
 * Loads `kp serve` over HTTPS with 50 reviews a second and a reload every 10 s, and looks at its memory, open files and
 * processes every second. Argument: seconds, 600 by default. Fails where an answer is wrong or anything grows.
 */
import { childrenOf, serveProcess } from "../../test/process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { PoolingClient } from "../chaos/client.ts";

const configOf = (stage: string) =>
  `environment: prod
policies: [{ use: platform }, { use: pod-security, options: { level: restricted } }]
stages: { prod: { default: { validate: ${stage}, mutate: patch } } }
serve: { drainSeconds: 0, limits: { requestsPerSecond: 0 } }
`;

const TLS = new URL("../../test/fixtures/tls/", import.meta.url).pathname;

export interface Sample {
  readonly second: number;
  readonly frontMiB: number;
  readonly evaluatorsMiB: number;
  readonly files: number;
  readonly processes: number;
}

export interface Soaked {
  readonly samples: readonly Sample[];
  readonly asked: number;
  readonly reloads: number;
  readonly wrong: readonly string[];
}

function residentMiB(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4096 / 2 ** 20;
  } catch {
    return 0; // it ended meanwhile
  }
}

function sampleOf(pid: number, second: number): Sample {
  const evaluators = childrenOf(pid);
  const evaluatorsMiB = Math.max(...evaluators.map(residentMiB));
  const files = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  return { second, frontMiB: residentMiB(pid), evaluatorsMiB, files, processes: evaluators.length };
}

export async function soak(seconds: number): Promise<Soaked> {
  return await withFiles({ "kp.yaml": configOf("deny") }, async (folder) => {
    const file = `${folder}/kp.yaml`;
    const tls = ["--tls-cert", `${TLS}localhost.crt`, "--tls-key", `${TLS}localhost.key`];
    await using server = await serveProcess(["--config", file, ...tls]);
    const client = new PoolingClient(Deno.readTextFileSync(`${TLS}localhost.crt`), 8);
    const [samples, wrong]: [Sample[], string[]] = [[], []];
    let [asked, reloads] = [0, 0];
    const origin = server.webhook.replace("127.0.0.1", "localhost");
    const ask = async () => {
      const uid = crypto.randomUUID();
      const body = JSON.stringify(reviewOf(requestOf(goodPod({ hostNetwork: asked++ % 2 === 0 }), { uid })));
      const sent = await client.send({ url: `${origin}/validate?timeout=10s`, body }).catch(String);
      const text = typeof sent === "string" ? sent : sent.body;
      if (!text.includes(uid) || text.includes("failing-")) wrong.push(text.slice(0, 300));
    };
    const pending = new Set<Promise<void>>();
    const asking = setInterval(() => {
      const asked = ask().finally(() => pending.delete(asked));
      pending.add(asked);
    }, 20);
    const looking = setInterval(() => void samples.push(sampleOf(server.pid, samples.length + 1)), 1000);
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, end - performance.now())));
      await Deno.writeTextFile(file, configOf(reloads++ % 2 === 0 ? "warn" : "deny"));
      const answer = await fetch(`${server.operators}/-/reload`, { method: "POST" });
      if (!answer.ok) wrong.push(await answer.text());
      else await answer.body?.cancel();
    }
    clearInterval(asking);
    clearInterval(looking);
    await Promise.all(pending);
    client.close();
    return { samples, asked, reloads, wrong };
  });
}

/** MiB an hour by which a column grows after the first third, by least squares. */
export function slopeOf(samples: readonly Sample[], column: "frontMiB" | "evaluatorsMiB" | "files"): number {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(settled.map(({ second }) => second)), mean(settled.map((sample) => sample[column]))];
  const over = settled.reduce((sum, sample) => sum + (sample.second - x) * (sample[column] - y), 0);
  const under = settled.reduce((sum, { second }) => sum + (second - x) ** 2, 0);
  return over / under * 3600;
}

if (import.meta.main) {
  const { samples, ...counts } = await soak(Number(Deno.args[0] ?? 600));
  const last = samples.at(-1)!;
  const slopes = { front: slopeOf(samples, "frontMiB"), evaluators: slopeOf(samples, "evaluatorsMiB") };
  console.log(JSON.stringify({ ...counts, first: samples[5], last, slopes_mib_per_hour: slopes }));
  const third = samples[Math.floor(samples.length / 3)];
  const grew = last.frontMiB > third.frontMiB * 1.25 || last.files > third.files + 10 || last.processes > 4;
  Deno.exit(counts.wrong.length > 0 || grew ? 1 : 0);
}
