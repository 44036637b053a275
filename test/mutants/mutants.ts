/**
 * Asks whether the tests would notice that the reviews are wrong: runs those that reach src/core/review.ts with a
 * mutant in its place, and expects them to fail. Exits with 1 when a mutant survives.
 */
import { testsThatReach } from "./reach.ts";

const REVIEW = new URL("../../src/core/review.ts", import.meta.url);
const SELF_TEST = new URL("../../src/self_test.ts", import.meta.url);
const MUTANTS = ["allow_all", "deny_all"];

/** Fewer failures than this are no sign that the decisions are tested. */
const FEWEST_FAILURES = 100;

/** A test that waits for what a mutant never gives has noticed it, too. */
const LONGEST = 120_000;

/** What `deno test` says of a file that breaks down outside its tests. */
const UNCAUGHT = "(uncaught error)";

interface Run {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** The runs of every file with the mutant in place, as many at a time as there are processors. */
async function runsWith(mutant: string, files: readonly string[]): Promise<Run[]> {
  const importMap = await Deno.makeTempFile({ suffix: ".json" });
  const waiting = [...files];
  const runs: Run[] = [];
  const work = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) runs.push(await runOf(file, importMap));
  };
  try {
    const imports = {
      [REVIEW.href]: new URL(`${mutant}.ts`, import.meta.url).href,
      [SELF_TEST.href]: new URL("no_self_test.ts", import.meta.url).href,
    };
    await Deno.writeTextFile(importMap, JSON.stringify({ imports }));
    await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, work));
    return runs;
  } finally {
    await Deno.remove(importMap);
  }
}

async function runOf(file: string, importMap: string): Promise<Run> {
  const args = ["test", "--quiet", "--allow-all", "--no-check", `--import-map=${importMap}`, file];
  const signal = AbortSignal.timeout(LONGEST);
  const command = new Deno.Command(Deno.execPath(), { args, signal, env: { NO_COLOR: "1" }, stderr: "piped" });
  const { stdout, stderr } = await command.output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  const counted = /^(?:FAILED|ok) \| (\d+) passed.*? \| (\d+) failed/m.exec(output);
  const [passed, failed] = counted ? [Number(counted[1]), Number(counted[2])] : [0, signal.aborted ? 1 : 0];
  return { file, passed, failed, output };
}

/** Why the runs do not show that the mutant was noticed; undefined where they do. */
function survivalOf(runs: readonly Run[]): string | undefined {
  const unloaded = runs.filter(({ passed, failed, output }) => passed + failed <= 1 && output.includes(UNCAUGHT));
  if (unloaded.length > 0) return `survived: did not load: ${unloaded.map(whyUnloaded).join(", ")}`;
  const [passed, failed] = [total(runs, "passed"), total(runs, "failed")];
  if (passed === 0 || failed < FEWEST_FAILURES) return `survived: expected ${FEWEST_FAILURES} failed tests or more`;
}

function whyUnloaded({ file, output }: Run): string {
  return `${file}: ${output.split("\n").find((line) => /^error|Error: /.test(line)) ?? output.slice(-500)}`;
}

function total(runs: readonly Run[], count: "passed" | "failed"): number {
  return runs.reduce((sum, run) => sum + run[count], 0);
}

/** Those start processes of their own, which no mutant reaches. */
const isInProcess = (file: string) => !file.includes("/test/reliability/");

const files = (await testsThatReach(REVIEW, new URL("../", import.meta.url))).filter(isInProcess);
let survived = 0;
for (const mutant of MUTANTS) {
  const runs = await runsWith(mutant, files);
  const survival = survivalOf(runs);
  const failed = total(runs, "failed");
  const noticing = runs.filter((run) => run.failed > 0).length;
  console.log(
    `${mutant}: ${survival ?? "killed"} (${failed} of ${failed + total(runs, "passed")} tests failed, ` +
      `in ${noticing} of ${files.length} files)`,
  );
  if (survival !== undefined) survived++;
}
console.log(`${MUTANTS.length - survived} passed, ${survived} failed`);
if (survived > 0) Deno.exit(1);
