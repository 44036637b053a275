/**
 * Shows where today's decisions differ from the golden ones; with `--write` makes today's the golden ones. Review the
 * difference block by block before it is kept: the goldens are right because somebody read them.
 */
import { blockOf } from "./block.ts";
import { ENDPOINTS, goldenBlocks, goldenEngine, goldenFile, responses } from "./blocks.ts";

const engine = await goldenEngine();
let differing = 0;
for (const endpoint of ENDPOINTS) {
  const now = responses(endpoint, engine).map((decided, i) => blockOf(decided, i + 1));
  const golden = goldenOrNone(endpoint);
  const changed = now.flatMap((block, i) => block === golden[i] ? [] : [`  ${block.split("\n", 1)[0]}`]);
  differing += changed.length;
  console.log(`${endpoint}: ${golden.length} golden, ${now.length} now, ${changed.length} differ`);
  if (golden.length > 0) changed.forEach((line) => console.log(line));
  if (Deno.args.includes("--write")) Deno.writeTextFileSync(goldenFile(endpoint), `${now.join("\n\n")}\n`);
}
if (differing > 0 && !Deno.args.includes("--write")) console.log("Nothing was written. Review, then run with --write.");

function goldenOrNone(endpoint: typeof ENDPOINTS[number]): string[] {
  try {
    return goldenBlocks(endpoint);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
