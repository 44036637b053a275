import { importPolicyModule } from "../plugins/policies/module.ts";
import { libraries } from "../policies/libraries.ts";
import { shippedPolicies } from "../policies/mod.ts";
import * as v from "valibot";
import { type Bundles, isBundle, isRemote, shownUse } from "./bundles.ts";
import { type Config, pathFrom, type PolicyUse } from "./config/config.ts";
import { configIssues } from "./config/issues.ts";
import { sourceKind } from "./config/policy_schema.ts";
import type { Policy, PolicyFactory } from "./contract.ts";
import { kit } from "./core/kit.ts";
import { causeOf } from "./core/text.ts";
import { type ConfigIssue, pathText } from "./errors.ts";
import { policyFaults, readOptions } from "./policy_shape.ts";
import { VERSION } from "./version.ts";
import type { YamlPath } from "./config/yaml_source.ts";

/** A policy that the config names, built, with its options read. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** What the policy's schema made of the options. */
  readonly options: unknown;
  /** The options as they were written. */
  readonly written: unknown;
  /** `kube-policies@<version>` for a shipped policy, else `sha256:<hex>` of what was read. */
  readonly origin: string;
  /** Of a bundle: the `use` that named it, and what its author calls this version of it. */
  readonly bundle?: { readonly use: string; readonly revision: string };
}

export const shippedNames: readonly string[] = [...Object.keys(libraries), ...Object.keys(shippedPolicies)];

const SHIPPED = `kube-policies@${VERSION}`;

/** The policies of a config, and what is wrong with any. */
export interface ResolvedPolicies {
  readonly policies: readonly ResolvedPolicy[];
  readonly issues: readonly ConfigIssue[];
  /** A module did not load: nobody knows the name of its policy. */
  readonly isPartial: boolean;
}

/** Builds every policy of a config, and collects what is wrong with any. */
export async function resolvePolicies(config: Config, bundles: Bundles): Promise<ResolvedPolicies> {
  const resolver = new Resolver(config, bundles);
  for (const [index, use] of config.policies.entries()) await resolver.add(use, ["policies", index]);
  const { policies, issues, isPartial } = resolver;
  return { policies: [...policies.values()], issues: [...issues, ...cycles(policies, config)], isPartial };
}

/** Every shipped policy, whatever the config loads. */
export function builtShipped(): Policy[] {
  return Object.values(shippedPolicies).map((factory) => factory(kit));
}

/** Policies that supersede themselves, by way of others too, would silence each other. */
function cycles(policies: ReadonlyMap<string, ResolvedPolicy>, { locate }: Config): ConfigIssue[] {
  const below = (name: string) =>
    (policies.get(name)?.policy.metadata.supersedes ?? []).map((fact) => fact.split("/")[0]);
  return [...policies.keys()].flatMap((name) => {
    const reached = new Set(below(name));
    for (const next of reached) below(next).forEach((superseded) => reached.add(superseded));
    const found = `policy ${name}, which supersedes itself`;
    return reached.has(name)
      ? [{ path: "policies", ...locate(["policies"]), found, accepted: "policies without a circle" }]
      : [];
  });
}

class Resolver {
  readonly policies = new Map<string, ResolvedPolicy>();
  readonly issues: ConfigIssue[] = [];
  isPartial = false;
  readonly #config: Config;
  readonly #bundles: Bundles;

  constructor(config: Config, bundles: Bundles) {
    this.#config = config;
    this.#bundles = bundles;
  }

  async add(entry: PolicyUse, path: YamlPath): Promise<void> {
    const { use, options } = entry;
    const place = { path, written: options, optionsPath: [...path, "options"] };
    this.#refuseBundleKeys(entry, path);
    if (Object.hasOwn(libraries, use)) this.#addLibrary(use, options, path);
    else if (Object.hasOwn(shippedPolicies, use)) this.#addPolicy(shippedPolicies[use], { origin: SHIPPED, ...place });
    else if (isBundle(use)) await this.#addBundle(entry, path);
    else if (sourceKind(use) !== null) {
      const module = await this.#import(use, path);
      if (module) this.#addPolicy(module.factory, { origin: module.digest, ...place });
    }
  }

  async #addBundle(entry: PolicyUse, path: YamlPath): Promise<void> {
    try {
      const { policy, revision, origin } = await this.#bundles.load(entry, this.#config);
      const bundle = { use: entry.use, revision };
      this.#claim({ policy, options: undefined, written: entry.options, origin, bundle }, path);
    } catch (error) {
      if (!v.isValiError(error)) return this.#lose(path, { use: entry.use, error, accepted: "an OPA bundle" });
      const at = [...path, "options"];
      this.issues.push(...configIssues(error.issues, { locate: this.#config.locate, at }));
    }
  }

  #refuseBundleKeys(entry: PolicyUse, path: YamlPath): void {
    const { use } = entry;
    for (const [key, isFor] of [["verify", isBundle], ["fetch", isRemote]] as const) {
      if (!entry[key] || isFor(use)) continue;
      const what = key === "verify" ? "is no bundle" : "is at no address";
      const issue = { found: `${key} of ${use}, which ${what}`, accepted: "entries without it" };
      this.issues.push({ path: pathText([...path, key]), ...this.#config.locate([...path, key], "key"), ...issue });
    }
  }

  #addLibrary(use: string, options: unknown, path: YamlPath): void {
    const library = libraries[use];
    const result = v.safeParse(library.options, options);
    if (!result.success) {
      const at = [...path, "options"];
      this.issues.push(...configIssues(result.issues, { locate: this.#config.locate, at }));
      return;
    }
    for (const { name, options: written, path: inner } of library.policies(result.output as never)) {
      const optionsPath = [...path, "options", ...inner];
      this.#addPolicy(shippedPolicies[name], { origin: SHIPPED, path, written, optionsPath });
    }
  }

  async #import(use: string, path: YamlPath) {
    try {
      return await importPolicyModule(await Deno.readFile(pathFrom(this.#config, use)));
    } catch (error) {
      this.#lose(path, { use, error, accepted: "a policy module" });
    }
  }

  #lose(path: YamlPath, { use, error, accepted }: { use: string; error: unknown; accepted: string }): void {
    this.isPartial = true;
    const why = error instanceof Deno.errors.NotFound ? "no such file" : causeOf(error);
    this.#report([...path, "use"], { found: `${shownUse(use)}, which does not load (${why})`, accepted });
  }

  #addPolicy(factory: PolicyFactory, { origin, path, written, optionsPath }: Addition): void {
    const policy = this.#build(factory, [...path, "use"]);
    if (!policy) return;
    const options = readOptions(policy, written);
    if (options.success) this.#claim({ policy, options: options.output, written, origin }, path);
    else this.issues.push(...configIssues(options.issues, { locate: this.#config.locate, at: optionsPath }));
  }

  /** A name is of one policy, whoever speaks for it. */
  #claim(resolved: ResolvedPolicy, path: YamlPath): void {
    const names = namesOf(resolved.policy);
    const claimed = new Set([...this.policies.values()].flatMap(({ policy }) => namesOf(policy)));
    const again = names.filter((name) => claimed.has(name));
    if (again.length === 0) this.policies.set(resolved.policy.name, resolved);
    else this.#report([...path, "use"], { found: `policy ${again.join(", ")} again`, accepted: "each policy once" });
  }

  /** Undefined for a module that is no policy's. */
  #build(factory: PolicyFactory, path: YamlPath): Policy | undefined {
    try {
      const policy = factory(kit);
      const faults = policyFaults(policy);
      if (faults.length === 0) return policy;
      this.isPartial = true;
      for (const fault of faults) {
        this.#report(path, { found: `a module whose policy is none (${fault})`, accepted: "a policy" });
      }
    } catch (error) {
      this.isPartial = true;
      this.#report(path, { found: `a module that cannot be built (${causeOf(error)})`, accepted: "a policy module" });
    }
  }

  #report(path: YamlPath, { found, accepted }: { found: string; accepted: string }): void {
    this.issues.push({ path: pathText(path), ...this.#config.locate(path), found, accepted });
  }
}

function namesOf({ name, members }: Policy): string[] {
  return [name, ...(typeof members === "object" ? members.map((member) => member.name) : [])];
}

interface Addition {
  readonly origin: string;
  readonly path: YamlPath;
  readonly written: unknown;
  readonly optionsPath: YamlPath;
}
