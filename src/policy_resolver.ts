import * as v from "valibot";
import { importPolicy } from "../plugins/policies/module_import.ts";
import type { BundleFiles } from "../plugins/policies/rego/bundle_files.ts";
import { libraries } from "../policies/libraries.ts";
import { shippedPolicies } from "../policies/mod.ts";
import { type Misfit, misfits } from "./config/issues.ts";
import type { YamlPath } from "./config/yaml_source.ts";
import type { Policy, PolicyFactory } from "./contract.ts";
import type { BuiltPolicy } from "./core/engine.ts";
import { kit } from "./core/kit.ts";
import { causeOf } from "./core/text.ts";
import { policyFaults, readOptions } from "./policy_shape.ts";
import { VERSION } from "./version.ts";

/** An entry of the config's `policies`, with what was read for it. */
export interface PolicyEntry {
  /** Of what is not shipped: as it may be shown. */
  readonly use: string;
  readonly options?: unknown;
  readonly source: PolicySource;
}

/** What stands behind a `use`. */
export type PolicySource =
  | { readonly kind: "shipped" }
  | { readonly kind: "module"; readonly code: string; readonly digest: string }
  | {
    readonly kind: "bundle";
    readonly files: BundleFiles;
    readonly digest: string;
    /** The policy's, where the bundle has none. */
    readonly name: string;
  }
  /** It could not be read, which is reported already. */
  | { readonly kind: "lost" };

/** A policy that the config names, built, with its options read. */
export interface ResolvedPolicy extends BuiltPolicy {
  /** The options as they were written. */
  readonly written: unknown;
  /** `kube-policies@<version>` for a shipped policy, else `sha256:<hex>` of what was read. */
  readonly origin: string;
  /** The place of its entry in the config's `policies`. */
  readonly entry: number;
  /** Of a bundle: what its author calls this version of it. */
  readonly bundleRevision?: string;
}

/** The policies of a config, and what is wrong with any. */
export interface ResolvedPolicies {
  readonly policies: readonly ResolvedPolicy[];
  readonly issues: readonly Misfit[];
  /** A module did not load: nobody knows the name of its policy. */
  readonly isPartial: boolean;
}

export const shippedNames: readonly string[] = [...Object.keys(libraries), ...Object.keys(shippedPolicies)];

export const SHIPPED = `kube-policies@${VERSION}`;

/** Builds every policy of a config: the code of third parties runs here. Collects what is wrong with any. */
export async function resolvePolicies(entries: readonly PolicyEntry[]): Promise<ResolvedPolicies> {
  const resolver = new Resolver();
  for (const [index, entry] of entries.entries()) await resolver.add(entry, index);
  const { policies, issues, isPartial } = resolver;
  return { policies: [...policies.values()], issues: [...issues, ...cycles(policies)], isPartial };
}

/** Every shipped policy, whatever the config loads. */
export function builtShipped(): Policy[] {
  return Object.values(shippedPolicies).map((factory) => factory(kit));
}

/** Policies that supersede themselves, by way of others too, would silence each other. */
function cycles(policies: ReadonlyMap<string, ResolvedPolicy>): Misfit[] {
  const below = (name: string) =>
    (policies.get(name)?.policy.metadata.supersedes ?? []).map((fact) => fact.split("/")[0]);
  return [...policies.keys()].flatMap((name) => {
    const reached = new Set(below(name));
    for (const next of reached) below(next).forEach((superseded) => reached.add(superseded));
    const found = `policy ${name}, which supersedes itself`;
    return reached.has(name) ? [{ path: ["policies"], found, accepted: "policies without a circle" }] : [];
  });
}

interface Addition {
  readonly origin: string;
  readonly entry: number;
  readonly written: unknown;
  /** Below the entry. */
  readonly optionsPath?: YamlPath;
}

class Resolver {
  readonly policies = new Map<string, ResolvedPolicy>();
  readonly issues: Misfit[] = [];
  isPartial = false;

  async add({ use, options, source }: PolicyEntry, entry: number): Promise<void> {
    if (source.kind === "lost") this.isPartial = true;
    else if (source.kind === "module") await this.#addModule(source, { use, written: options, entry });
    else if (source.kind === "bundle") await this.#addBundle(source, { use, written: options, entry });
    else if (Object.hasOwn(libraries, use)) this.#addLibrary(use, options, entry);
    else if (Object.hasOwn(shippedPolicies, use)) {
      this.#addPolicy(shippedPolicies[use], { origin: SHIPPED, entry, written: options });
    }
  }

  async #addModule(
    { code, digest }: PolicySource & { kind: "module" },
    { use, ...place }: { use: string; written: unknown; entry: number },
  ): Promise<void> {
    try {
      this.#addPolicy(await importPolicy(code), { origin: digest, ...place });
    } catch (error) {
      this.#lose(place.entry, { use, error, accepted: "a policy module" });
    }
  }

  /** What only bundles need is loaded here: a run without any need not pay for it. */
  async #addBundle(
    { files, digest, name }: PolicySource & { kind: "bundle" },
    { use, written, entry }: { use: string; written: unknown; entry: number },
  ): Promise<void> {
    try {
      const { bundleOptions, loadBundle } = await import("../plugins/policies/bundle.ts");
      const { policy, revision } = await loadBundle(files, v.parse(bundleOptions, written), {
        fallbackName: name,
        now,
      });
      this.#claim({ policy, options: undefined, written, origin: digest, entry, bundleRevision: revision });
    } catch (error) {
      if (!v.isValiError(error)) return this.#lose(entry, { use, error, accepted: "an OPA bundle" });
      this.issues.push(...misfits(error.issues, ["policies", entry, "options"]));
    }
  }

  #addLibrary(use: string, options: unknown, entry: number): void {
    const library = libraries[use];
    const result = v.safeParse(library.options, options);
    if (!result.success) return void this.issues.push(...misfits(result.issues, ["policies", entry, "options"]));
    for (const { name, options: written, path } of library.policies(result.output as never)) {
      this.#addPolicy(shippedPolicies[name], { origin: SHIPPED, entry, written, optionsPath: path });
    }
  }

  #addPolicy(factory: PolicyFactory, { optionsPath = [], ...place }: Addition): void {
    const policy = this.#build(factory, place.entry);
    if (!policy) return;
    const options = readOptions(policy, place.written);
    if (options.success) this.#claim({ policy, options: options.output, ...place });
    else this.issues.push(...misfits(options.issues, ["policies", place.entry, "options", ...optionsPath]));
  }

  /** A name is of one policy, whoever speaks for it. */
  #claim(resolved: ResolvedPolicy): void {
    const names = namesOf(resolved.policy);
    const claimed = new Set([...this.policies.values()].flatMap(({ policy }) => namesOf(policy)));
    const again = names.filter((name) => claimed.has(name));
    if (again.length === 0) return void this.policies.set(resolved.policy.name, resolved);
    const path = ["policies", resolved.entry, "use"];
    this.issues.push({ path, found: `policy ${again.join(", ")} again`, accepted: "each policy once" });
  }

  /** Undefined for a module that is no policy's. */
  #build(factory: PolicyFactory, entry: number): Policy | undefined {
    try {
      const policy = factory(kit);
      const faults = policyFaults(policy);
      if (faults.length === 0) return policy;
      const found = (fault: string) => `a module whose policy is none (${fault})`;
      this.#refuse(entry, faults.map((fault) => ({ found: found(fault), accepted: "a policy" })));
    } catch (error) {
      const found = `a module that cannot be built (${causeOf(error)})`;
      this.#refuse(entry, [{ found, accepted: "a policy module" }]);
    }
  }

  #lose(entry: number, { use, error, accepted }: { use: string; error: unknown; accepted: string }): void {
    this.isPartial = true;
    const path = ["policies", entry, "use"];
    this.issues.push({ path, found: `${use}, which does not load (${causeOf(error)})`, accepted });
  }

  #refuse(entry: number, reasons: readonly Omit<Misfit, "path">[]): void {
    this.isPartial = true;
    for (const reason of reasons) this.issues.push({ path: ["policies", entry, "use"], ...reason });
  }
}

function namesOf({ name, members }: Policy): string[] {
  return [name, ...(typeof members === "object" ? members.map((member) => member.name) : [])];
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
