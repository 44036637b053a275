/**
 * One evaluation without a server: the bytes of a review to the JSON of a result, against `opa bench`, which has its
 * input parsed before and makes no JSON of the result.
 */
import { type BundleName, CONTEXT, programOf } from "./bundles.ts";
import { capturedPod } from "./captured.ts";
import { OPA } from "../e2e/tools.ts";
import { need, SOURCES } from "./opa.ts";
import { interleave, quantile, table } from "./rounds.ts";

const CALLS = 200;
const ROUNDS = { rounds: 5, warmup: 1 };
const PODS = ["compliant", "every-violation"];
const QUESTIONS: Readonly<Record<string, BundleName>> = {
  "kube_policies/violations": "config_staged",
  "kube_policies/patches": "config_staged",
  "validating/deny": "self_staged",
};

need([OPA]);
const folder = await Deno.makeTempDir();
try {
  await Deno.writeTextFile(`${folder}/data.json`, JSON.stringify(CONTEXT));
  for (const [entrypoint, bundle] of Object.entries(QUESTIONS)) {
    for (const pod of PODS) await compare(entrypoint, bundle, pod);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function compare(entrypoint: string, bundle: BundleName, pod: string): Promise<void> {
  const program = await programOf(bundle);
  const { text, bytes } = await capturedPod(pod, "validating");
  const input = `${folder}/${pod}.json`;
  await Deno.writeTextFile(input, text);
  for (let i = 0; i < 5; i++) ourMicroseconds(() => program.evaluate(entrypoint, bytes.slice(), CONTEXT));
  const series = await interleave([
    { name: "opa bench", sample: () => opaMicroseconds(entrypoint, input) },
    {
      name: "kp, bytes to JSON",
      sample: () => ourMicroseconds(() => program.evaluate(entrypoint, bytes.slice(), CONTEXT)),
    },
  ], ROUNDS);
  console.log(table(`${entrypoint} of a ${pod} pod, median of one evaluation`, { unit: "us", series }));
}

/** A new array each time: an instance does not read the same one twice. */
function ourMicroseconds(evaluate: () => void): number {
  const samples = Array.from({ length: CALLS }, () => {
    const started = performance.now();
    evaluate();
    return (performance.now() - started) * 1000;
  });
  return quantile(samples, 0.5);
}

async function opaMicroseconds(entrypoint: string, input: string): Promise<number> {
  const query = `data.${entrypoint.replace("/", ".")}`;
  const data = SOURCES.slice(2).concat(`${folder}/data.json`).flatMap((path) => ["--data", path]);
  const args = ["bench", "--format", "json", ...SOURCES.slice(0, 2), ...data, "--input", input, query];
  const { success, stdout, stderr } = await new Deno.Command(OPA, { args }).output();
  if (!success) throw new Error(`Cannot run opa bench: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout)).Extra.histogram_timer_rego_query_eval_ns_median / 1000;
}
