import { type MemberStages, type PolicyStages, type Stage, stageOf, STRENGTH } from "../core/engine.ts";

/** The stages of a policy that speaks for others: the strongest that any of them has, in every namespace. */
export function speakingFor(
  named: ReadonlyMap<string, PolicyStages>,
  others: PolicyStages | null,
): PolicyStages & { readonly members: MemberStages } {
  const all = [...named.values(), ...(others ? [others] : [])];
  const namespaces = new Set(all.flatMap((stages) => [...stages.namespaces.keys()]));
  return {
    stage: strongest(all.map(({ stage }) => stage)),
    namespaces: new Map([...namespaces].map((name) => [name, strongest(all.map((stages) => stageOf(stages, name)))])),
    members: { named, others },
  };
}

function strongest(stages: readonly Stage[]): Stage {
  const most = <Word extends keyof typeof STRENGTH>(a: Word, b: Word) => STRENGTH[b] > STRENGTH[a] ? b : a;
  return stages.reduce(
    (all, { validate, mutate }) => ({ validate: most(all.validate, validate), mutate: most(all.mutate, mutate) }),
    { validate: "off", mutate: "off" },
  );
}
