/**
 * OPA's own conformance cases, compiled by `opa build -t wasm`, through our loader and through OPA's SDK. The known
 * differences are committed: another one fails, and so does a case on the list that passes.
 */
import assert from "node:assert/strict";
import { type ConformanceCase, ENTRYPOINT, readCases } from "./conformance_cases.ts";
import { type Outcome, runOurs, runSdk } from "./conformance_outcome.ts";
import { differenceOf, isSilent } from "./conformance_verdict.ts";
import { corpusPath, missingCorpus } from "../../test/corpora/corpus.ts";
import { testRequiring } from "../../test/requiring.ts";
import { missingTools, OPA } from "../tools.ts";
import { buildModule } from "./build_module.ts";

const CORPUS = "rego-conformance-v1.jsonl.gz";
const CASES = 2067;
const REFUSED = "refused at load";

interface Verdict {
  readonly name: string;
  readonly category: string;
  /** Undefined where the case gives what it wants. */
  readonly ours: string | undefined;
  readonly sdk: string | undefined;
  readonly isRefused: boolean;
  readonly isSilent: boolean;
}

const reasons = readReasons();
const missing = missingCorpus(CORPUS) ?? missingTools(OPA);
if (missing === undefined) registerTests(await readCases(corpusPath(CORPUS)));
else testRequiring("the loader conforms to OPA's cases", { missing, run: () => {} });

function registerTests(cases: readonly ConformanceCase[]): void {
  let running: Promise<Verdict[]> | undefined;
  const verdicts = () => running ??= judgeAll(cases);

  for (const category of new Set(cases.map(({ category }) => category))) {
    Deno.test(`rules of ${category} evaluate as OPA's do, or differ as listed`, async () => {
      const faults = (await verdicts()).filter((verdict) => verdict.category === category).flatMap(faultsOf);
      assert.equal(faults.length, 0, faults.join("\n"));
    });
  }

  Deno.test("no case is left out, and the list names cases once", () => {
    const names = new Set(cases.map(({ name }) => name));
    const listed = readDifferences().flatMap(({ cases }) => cases);
    assert.equal(cases.length, CASES);
    assert.equal(names.size, CASES);
    assert.deepEqual(listed.filter((name, i) => !names.has(name) || listed.indexOf(name) !== i), []);
  });

  Deno.test("at least 97 % of OPA's cases pass, and none fails silently", async (t) => {
    const all = await verdicts();
    // What a test prints is not shown by --quiet; the name of a step is.
    await t.step(summary(all), () => {
      assert.ok(share(all, "ours") >= 97);
      assert.deepEqual(all.filter(({ isSilent }) => isSilent).map(({ name }) => name), []);
    });
  });

  Deno.test("wherever OPA's SDK is right with our functions, so is the loader", async () => {
    const worse = (await verdicts()).filter(({ ours, sdk }) => sdk === undefined && ours !== undefined);
    assert.deepEqual(worse.map(({ name }) => name), []);
  });
}

/** Compiles and runs the cases, as many at a time as there are cores. */
async function judgeAll(cases: readonly ConformanceCase[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, async () => {
    while (next < cases.length) {
      const at = next++;
      verdicts[at] = await judge(cases[at]);
    }
  }));
  return verdicts;
}

async function judge(each: ConformanceCase): Promise<Verdict> {
  const [ours, sdk] = await outcomes(each);
  return {
    name: each.name,
    category: each.category,
    ours: differenceOf(each, ours),
    sdk: differenceOf(each, sdk),
    isRefused: ours.kind === "refused",
    isSilent: isSilent(each, ours),
  };
}

async function outcomes(each: ConformanceCase): Promise<[Outcome, Outcome]> {
  try {
    const wasm = await buildModule(each.sources, ENTRYPOINT);
    return [await runOurs(wasm, each), await runSdk(wasm, each)];
  } catch (error) {
    return [{ kind: "uncompiled", error }, { kind: "uncompiled", error }];
  }
}

/** What is wrong with a case, or with the list about it. */
function faultsOf({ name, ours, isRefused }: Verdict): string[] {
  const reason = reasons.get(name);
  if (ours === undefined) return reason === undefined ? [] : [`${name} passes: take it off the list`];
  if (reason === undefined) return [`${name} ${ours}`];
  return isRefused === (reason === REFUSED) ? [] : [`${name} is listed as "${reason}": ${ours}`];
}

function summary(all: readonly Verdict[]): string {
  const counts = Map.groupBy(
    all.filter(({ ours }) => ours !== undefined),
    ({ name }) => reasons.get(name) ?? "unlisted",
  );
  const differing = [...counts].map(([reason, { length }]) => `${length} ${reason}`).join("; ");
  const silent = all.filter(({ isSilent }) => isSilent).length;
  const passing = all.filter(({ ours }) => ours === undefined).length;
  return `OPA conformance: ${share(all, "ours").toFixed(1)} % (${passing} of ${all.length}), ${silent} silent, ` +
    `the SDK with the same functions ${share(all, "sdk").toFixed(1)} %; differ: ${differing}`;
}

function share(all: readonly Verdict[], side: "ours" | "sdk"): number {
  return 100 * all.filter((verdict) => verdict[side] === undefined).length / all.length;
}

function readReasons(): Map<string, string> {
  return new Map(readDifferences().flatMap(({ reason, cases }) => cases.map((name) => [name, reason] as const)));
}

function readDifferences(): { reason: string; cases: string[] }[] {
  return JSON.parse(Deno.readTextFileSync(new URL("conformance_differences.json", import.meta.url)));
}
