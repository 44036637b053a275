import { libraries } from "../policies/libraries.ts";
import { shippedPolicies } from "../policies/mod.ts";
import { type Bundles, isBundle, isRemote, shownUse } from "./bundles.ts";
import { type Config, pathFrom, type PolicyUse } from "./config/config.ts";
import type { Misfit } from "./config/issues.ts";
import { sourceKind } from "./config/policy_schema.ts";
import { causeOf } from "./core/text.ts";
import type { PolicyEntry, PolicySource } from "./policy_resolver.ts";

/** Reads what the entries of a config name: bytes, of which nothing is run. Collects what cannot be read. */
export async function readPolicies(
  config: Config,
  bundles: Bundles,
): Promise<{ entries: readonly PolicyEntry[]; issues: readonly Misfit[] }> {
  const issues: Misfit[] = [];
  const entries = await Promise.all(config.policies.map(async (entry, index) => {
    const { use, options } = entry;
    issues.push(...bundleKeys(entry, index));
    if (isShipped(use)) return { use, options, source: { kind: "shipped" } as const };
    const source = await read(entry, config, bundles).catch((error): PolicySource => {
      const why = error instanceof Deno.errors.NotFound ? "no such file" : causeOf(error);
      const accepted = isBundle(use) ? "an OPA bundle" : "a policy module";
      const found = `${shownUse(use)}, which does not load (${why})`;
      issues.push({ path: ["policies", index, "use"], found, accepted });
      return { kind: "lost" };
    });
    return { use: shownUse(use), options, source };
  }));
  return { entries, issues };
}

function isShipped(use: string): boolean {
  return Object.hasOwn(libraries, use) || Object.hasOwn(shippedPolicies, use) || sourceKind(use) === null;
}

async function read(entry: PolicyUse, config: Config, bundles: Bundles): Promise<PolicySource> {
  if (isBundle(entry.use)) return { kind: "bundle", ...await bundles.read(entry, config) };
  const { readPolicyModule } = await import("../plugins/policies/module.ts");
  return { kind: "module", ...await readPolicyModule(await Deno.readFile(pathFrom(config, entry.use))) };
}

function bundleKeys(entry: PolicyUse, index: number): Misfit[] {
  const { use } = entry;
  return ([["verify", isBundle, "is no bundle"], ["fetch", isRemote, "is at no address"]] as const)
    .filter(([key, isFor]) => entry[key] && !isFor(use))
    .map(([key, _isFor, what]) => ({
      path: ["policies", index, key],
      part: "key",
      found: `${key} of ${use}, which ${what}`,
      accepted: "entries without it",
    }));
}
