import * as v from "valibot";
import type { Match, Policy } from "../../src/contract.ts";
import type { BundleFiles } from "./rego/bundle_files.ts";
import type { Builtins } from "./rego/builtin.ts";
import { builtinsFor } from "./rego/builtins/mod.ts";
import { configStaged } from "./rego/forms/config_staged.ts";
import type { Form } from "./rego/forms/form.ts";
import { selfStaged } from "./rego/forms/self_staged.ts";
import { tutorial } from "./rego/forms/tutorial.ts";
import { wholeAnswer } from "./rego/forms/whole_answer.ts";
import { bundleName, entrypointsSchema, type Manifest, matchSchema, readData, readManifest } from "./rego/manifest.ts";
import { Program } from "./rego/program.ts";
import { builtinFaults } from "./rego/refused.ts";
import { withStrictBuiltins } from "./rego/strict.ts";
import { WasmInstance } from "./rego/wasm.ts";

const FORMS: readonly Form[] = [configStaged, selfStaged, tutorial, wholeAnswer];

/** What a config may say of a bundle. */
export const bundleOptions = v.optional(
  v.strictObject({
    name: v.optional(bundleName),
    match: v.optional(matchSchema),
    entrypoints: v.optional(entrypointsSchema),
    builtinErrors: v.optional(v.picklist(["undefined", "fail"], "undefined, fail"), "undefined"),
  }, "a map of name, match, entrypoints, builtinErrors"),
  {},
);

export type BundleOptions = v.InferOutput<typeof bundleOptions>;

export interface LoadedBundle {
  readonly policy: Policy;
  /** What the bundle's author calls this version of it; may be empty. */
  readonly revision: string;
}

/**
 * Makes a policy of an OPA bundle (`opa build -t wasm`). Everything that can be wrong with it is wrong here: throws an
 * Error that says what is found and what is accepted.
 */
export async function loadBundle(
  files: BundleFiles,
  options: BundleOptions,
  { fallbackName, now }: { fallbackName: string; now: () => bigint },
): Promise<LoadedBundle> {
  const manifest = readManifest(files);
  const entrypoints = options.entrypoints ?? manifest.own.entrypoints ?? manifest.entrypoints;
  const form = formOf(entrypoints);
  const strict = options.builtinErrors === "fail";
  const { wasm, functions } = strict ? withStrictBuiltins(manifest.wasm) : { wasm: manifest.wasm, functions: [] };
  const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
  const builtins = await builtinsOf(module, entrypoints, files);
  const program = new Program(module, { builtins, strict, functions, data: readData(files), now });
  const name = options.name ?? manifest.own.name ?? fallbackName;
  const has = (entrypoint: string) => entrypoints.includes(entrypoint);
  const { speaksForOthers = false, ...judging } = form.build(program, { name, has });
  const policy = { ...describe(name, manifest, options), ...judging, ...membersOf(manifest, speaksForOthers) };
  return { policy, revision: manifest.revision };
}

function formOf(entrypoints: readonly string[]): Form {
  const form = FORMS.find((form) => entrypoints.every((entrypoint) => form.entrypoints.includes(entrypoint)));
  if (form) return form;
  const accepted = FORMS.map((form) => form.entrypoints.join(" ")).join(", or of ");
  throw new Error(
    `found the entrypoints ${entrypoints.join(" ")}, accepted any of ${accepted}; options.entrypoints says which count`,
  );
}

/** What the module asks of its host. Throws where it cannot have it, or has no such entrypoints. */
async function builtinsOf(
  module: WebAssembly.Module,
  entrypoints: readonly string[],
  files: BundleFiles,
): Promise<Builtins> {
  const instance = new WasmInstance(module, { builtins: {} });
  const missing = entrypoints.filter((entrypoint) => !instance.entrypoints.has(entrypoint));
  if (missing.length > 0) {
    const has = [...instance.entrypoints.keys()].join(" ");
    throw new Error(`found the entrypoints ${missing.join(" ")}, accepted those of the module: ${has}`);
  }
  const builtins = await builtinsFor(instance.builtinNames);
  const faults = builtinFaults(instance.builtinNames, { builtins, files, entrypoints });
  if (faults.length > 0) throw new Error(faults.join("; "));
  return builtins;
}

/** Nobody knows what Rego reads: without a word of its author or the operator it is asked about everything. */
const EVERYTHING: readonly Match[] = [{ group: "*", kinds: ["*"] }];

function describe(name: string, { own, revision }: Manifest, { match }: BundleOptions) {
  return {
    name,
    metadata: {
      title: `Rego bundle ${name}`,
      description: revision === "" ? "Compiled Rego." : `Compiled Rego, revision ${revision}.`,
      severity: "medium" as const,
      controls: [],
      remediation: own.remediation ?? "",
    },
    match: match ?? own.match ?? EVERYTHING,
    rules: [],
    judges: own.judges,
  };
}

/** Of the other forms `policies` says nothing: one manifest may be of bundles of several forms. */
function membersOf({ own }: Manifest, speaksForOthers: boolean): Pick<Policy, "members"> {
  if (!speaksForOthers) return {};
  if (own.policies === undefined) return { members: "any" };
  return { members: Object.entries(own.policies).map(([name, member]) => ({ name, ...member })) };
}
