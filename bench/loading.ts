/** One process that loads a bundle so many times, under a name each time, and holds all of them. */
import type { Policy } from "../src/contract.ts";
import { subjectOf } from "../src/core/subject.ts";
import { parseReview } from "../src/core/wire.ts";
import { archiveOf, CONTEXT, policyOf } from "./bundles.ts";
import { capturedPod } from "./captured.ts";
import { quantile } from "./rounds.ts";

export interface Loading {
  /** Milliseconds of the first load. */
  readonly first: number;
  /** Median of the others. */
  readonly later: number;
  /** Bytes of resident memory for each but the first: when all were loaded and asked once, and after 1,000 reviews. */
  readonly loaded: number;
  readonly used: number;
}

const REVIEWS = 1000;

if (import.meta.main) console.log(JSON.stringify(await measure(Number(Deno.args[0]))));

async function measure(bundles: number): Promise<Loading> {
  const archive = await archiveOf("self_staged");
  const { bytes } = await capturedPod("every-violation", "validating");
  const policies: Policy[] = [];
  const load = async () => {
    const started = performance.now();
    const policy = await policyOf(archive, `bundle_${policies.length}`);
    judge(policy, bytes);
    const elapsed = performance.now() - started;
    policies.push(policy);
    return elapsed;
  };
  const first = await load();
  const before = resident();
  const times: number[] = [];
  for (let i = 0; i < bundles; i++) times.push(await load());
  const loaded = resident() - before;
  for (let i = 0; i < REVIEWS; i++) for (const policy of policies) judge(policy, bytes);
  const used = resident() - before;
  return { first, later: quantile(times, 0.5), loaded: loaded / bundles, used: used / bundles };
}

function judge(policy: Policy, bytes: Uint8Array): void {
  const parsed = parseReview(bytes.slice());
  if (!parsed.success) throw new Error(parsed.message);
  policy.validate!(subjectOf(parsed.request), {}, CONTEXT);
}

function resident(): number {
  const { gc } = globalThis as unknown as { gc: () => void };
  gc();
  return Deno.memoryUsage().rss;
}
