/**
 * What a bundle costs to load, from the bytes of its archive to its first answer, and to hold. The first of a process
 * also pays for code that was never run; the later ones are what a reload costs.
 */
import { archiveOf } from "./bundles.ts";
import type { Loading } from "./loading.ts";
import { quantile, type Series, table } from "./rounds.ts";

const ROUNDS = 9;
const HELD = 20;

const script = new URL("loading.ts", import.meta.url).pathname;
const runs: Loading[] = [];
for (let round = 0; round < ROUNDS; round++) runs.push(await inNewProcess());

const series: Series[] = [
  { name: "the first bundle of a process", samples: runs.map(({ first }) => first) },
  { name: "a later one", samples: runs.map(({ later }) => later) },
];
const { length } = await archiveOf("self_staged");
console.log(table(`load of a bundle of ${length} bytes`, { unit: "ms", series }));
for (const key of ["loaded", "used"] as const) {
  const sizes = runs.map((run) => run[key] / 1e6);
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(sizes, q).toFixed(1));
  console.log(`resident memory of a bundle once ${key}: ${median} MB (${low} to ${high})`);
}

async function inNewProcess(): Promise<Loading> {
  const args = ["run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", script, String(HELD)];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new Error("Cannot load the bundle");
  return JSON.parse(new TextDecoder().decode(stdout));
}
