import type { PolicyCase } from "./contract.ts";
import type { Engine } from "./core/engine.ts";
import { reviewBytes } from "./core/wire.ts";
import { evaluate } from "./evaluators/evaluation.ts";
import { caseFault } from "./policy_case.ts";
import { type ResolvedPolicy, SHIPPED } from "./policy_resolver.ts";

export type CasesByPolicy = Readonly<Record<string, readonly PolicyCase[]>>;

/** Cases of the shipped policies, by name: some of policies/<name>/cases, as data that is part of the program. */
export async function shippedCases(): Promise<CasesByPolicy> {
  const { default: cases } = await import("../policies/cases.json", { with: { type: "json" } });
  return cases as unknown as CasesByPolicy;
}

/**
 * What is wrong with policies before anybody is answered by them: each has to say of its own cases what they say, and
 * all of them together to get through reviews of ordinary objects, with the config's options and stages. As far as
 * `shipped` has cases, those of the shipped policies; others bring their own.
 */
export function selfTest(
  policies: readonly ResolvedPolicy[],
  { engine, shipped }: { engine: Engine; shipped: CasesByPolicy },
): string[] {
  const own = policies.flatMap(({ policy, origin }) => {
    const cases = origin === SHIPPED ? shipped[policy.name] ?? [] : policy.cases ?? [];
    return cases.flatMap((example) => {
      const fault = caseFault(policy, example);
      return fault === null ? [] : [`policy ${policy.name}, case ${JSON.stringify(example.name)}: ${fault}`];
    });
  });
  return [...own, ...warmUp(engine)];
}

const POD = {
  metadata: { name: "self-test", labels: { app: "self-test" } },
  spec: { containers: [{ name: "app", image: "registry.example.com/app:1" }] },
};

const OBJECTS = [
  { apiVersion: "v1", kind: "Pod", ...POD },
  { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "self-test" }, spec: { template: POD } },
] as const;

/** Policies that break down on an ordinary object would on most. */
function warmUp(engine: Engine): string[] {
  return OBJECTS.flatMap((object) =>
    (["mutating", "validating"] as const).flatMap((endpoint) => {
      const [version, group = ""] = object.apiVersion.split("/").reverse();
      const request = {
        uid: "self-test",
        kind: { group, version, kind: object.kind },
        resource: { group, version, resource: `${object.kind.toLowerCase()}s` },
        namespace: "self-test",
        operation: "CREATE",
        object,
        dryRun: true,
      } as const;
      const evaluation = evaluate(reviewBytes(request), endpoint, engine);
      if (!evaluation.success) return [evaluation.message];
      return evaluation.summary.failures.map(({ policy, cause }) =>
        `policy ${policy}, an ordinary ${object.kind}: found ${cause}`
      );
    })
  );
}
