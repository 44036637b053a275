/** What policies cost that do not want the request: nothing, however many are loaded. */
import type { AdmissionRequest, Match, Policy } from "../src/contract.ts";
import type { Engine, LoadedPolicy } from "../src/core/engine.ts";
import { indexPolicies } from "../src/core/match.ts";
import { review } from "../src/core/review.ts";
import { capturedPod, loaded } from "./captured.ts";
import { interleave, table } from "./rounds.ts";

const CALLS = 50;
const ROUNDS = { rounds: 200, warmup: 100 };

const OTHERS: Readonly<Record<string, (i: number) => Match>> = {
  "for other kinds": (i) => ({ group: "example.com", kinds: [`Kind${i}`] }),
  "for the deletion of the same kind": () => ({ group: "", kinds: ["Pod"], operations: ["DELETE"] }),
  "for any kind of other groups": (i) => ({ group: `${i}.example.com`, kinds: ["*"] }),
};

const { engine } = await loaded("restricted.yaml");
const { text } = await capturedPod("compliant", "validating");

for (const [name, match] of Object.entries(OTHERS)) {
  const candidates = [0, 20, 200, 1000].map((count) => {
    const crowded = withOthers(Array.from({ length: count }, (_, i) => other(i, match(i))));
    return { name: `${count} policies`, sample: () => microseconds(crowded) };
  });
  const series = await interleave(candidates, ROUNDS);
  console.log(table(`review of a pod with policies ${name}, against none`, { unit: "us", series }));
}

function withOthers(others: readonly LoadedPolicy[]): Engine {
  return { ...engine, policies: indexPolicies([...others, ...engine.policies.all]) };
}

function other(i: number, match: Match): LoadedPolicy {
  const metadata = {
    title: "Other",
    description: "Other.",
    severity: "low",
    controls: [],
    remediation: "None.",
  } as const;
  const policy: Policy = { name: `other_${i}`, metadata, match: [match], rules: ["deny_other"], validate: () => [] };
  return { policy, options: undefined, stage: { validate: "deny", mutate: "off" }, namespaces: new Map() };
}

function microseconds(engine: Engine): number {
  const requests = Array.from({ length: CALLS }, (): AdmissionRequest => JSON.parse(text).request);
  const started = performance.now();
  for (const request of requests) review(request, "validating", engine);
  return (performance.now() - started) * 1000 / CALLS;
}
