import * as v from "valibot";
import type { BundleFiles } from "./bundle_files.ts";
import type { DataPart } from "./wasm.ts";

export const bundleName = v.pipe(
  v.string("a name in snake_case"),
  v.regex(/^[a-z][a-z0-9_]{0,39}$/, "a name in snake_case of up to 40 characters"),
  v.notValue("default", "any other name: default is that of the stages"),
);

/** The entrypoints that count. */
export const entrypointsSchema = v.pipe(
  v.array(v.string("a text"), "a list of entrypoints"),
  v.nonEmpty("at least one entrypoint"),
);

/** Which requests a bundle wants, as a policy module says it. */
export const matchSchema = v.pipe(
  v.array(
    v.strictObject({
      group: v.string("an API group, empty for the core group"),
      kinds: v.pipe(v.array(v.string(), "a list of kinds"), v.nonEmpty("at least one kind")),
      operations: v.optional(
        v.pipe(
          v.array(v.picklist(["CREATE", "UPDATE", "DELETE", "CONNECT"]), "a list of operations"),
          v.nonEmpty("at least one operation"),
        ),
      ),
      subresources: v.optional(
        v.pipe(v.array(v.string(), "a list of subresources"), v.nonEmpty("at least one subresource")),
      ),
    }, "a map of group, kinds, operations, subresources"),
    "a list of matches",
  ),
  v.nonEmpty("at least one match"),
);

/** What a bundle's author tells kube-policies: `metadata.kube_policies` of the manifest. */
const ownMetadata = v.strictObject({
  name: v.optional(bundleName),
  match: v.optional(matchSchema),
  entrypoints: v.optional(entrypointsSchema),
  remediation: v.optional(v.string("a text")),
  judges: v.optional(v.strictObject({
    annotations: v.optional(v.array(v.string())),
    fields: v.optional(v.array(v.pipe(v.string(), v.regex(/^(\/([^~]|~[01])*)+$/, "JSON Pointers")))),
  })),
  policies: v.optional(
    v.pipe(
      v.record(bundleName, v.strictObject({ remediation: v.optional(v.string("a text")) })),
      v.check((policies) => Object.keys(policies).length > 0, "at least one policy"),
    ),
  ),
}, "a map of name, match, entrypoints, remediation, judges, policies");

const WASM = "a list of entrypoints, as opa build -t wasm writes it";

const manifestSchema = v.looseObject({
  revision: v.optional(v.string("a text"), ""),
  wasm: v.pipe(
    v.array(v.looseObject({ entrypoint: v.string("a text"), module: v.string("a text") }), WASM),
    v.nonEmpty("at least one entrypoint"),
  ),
  metadata: v.optional(v.looseObject({ kube_policies: v.optional(ownMetadata, {}) }), {}),
}, ({ expected }) => expected === '"wasm"' ? WASM : "an object");

export interface Manifest {
  /** Empty where the bundle names none. */
  readonly revision: string;
  readonly entrypoints: readonly string[];
  readonly own: v.InferOutput<typeof ownMetadata>;
  /** The module that holds the entrypoints. */
  readonly wasm: Uint8Array;
}

/** Reads `.manifest` and finds the module it names. Throws an Error that says what is found and what is accepted. */
export function readManifest(files: BundleFiles): Manifest {
  const manifests = [...files.keys()].filter((name) => name === ".manifest" || name.endsWith("/.manifest"));
  if (manifests.length === 0) throw new Error("found no .manifest, accepted what opa build -t wasm writes");
  if (manifests.length > 1) throw new Error(`found ${manifests.join(" and ")}, accepted one .manifest`);
  if (files.has("patch.json")) throw new Error("found patch.json of a delta bundle, accepted whole bundles");
  const { revision, wasm, metadata } = checked(readJson(files, manifests[0]));
  const modules = [...new Set(wasm.map(({ module }) => module.replace(/^\//, "")))];
  const bytes = modules.map((name) => files.get(name));
  if (modules.length > 1) throw new Error(`found entrypoints in ${modules.join(" and ")}, accepted one module`);
  if (bytes[0] === undefined) throw new Error(`.manifest: found no ${modules[0]}, which has the entrypoints`);
  const entrypoints = [...new Set(wasm.map(({ entrypoint }) => entrypoint))];
  return { revision, entrypoints, own: metadata.kube_policies, wasm: bytes[0] };
}

function checked(value: unknown): v.InferOutput<typeof manifestSchema> {
  const result = v.safeParse(manifestSchema, value);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = v.getDotPath(issue) ?? "the file";
    return `${path}: found ${issue.received}, accepted ${issue.message}`;
  });
  throw new Error(`.manifest: ${faults.join("; ")}`);
}

/** A bundle's own data. */
export interface BundleData {
  /** The text of `data.json`. */
  readonly json: string;
  /** Those of `data.json` in folders, which name their place. */
  readonly parts: readonly DataPart[];
  /** The same as a value, for what looks into it. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** Reads the bundle's `data.json` files, each of which has the place that its folder names. */
export function readData(files: BundleFiles): BundleData {
  const yaml = [...files.keys()].find((name) => /(^|\/)data\.ya?ml$/.test(name));
  if (yaml !== undefined) throw new Error(`found ${yaml}, accepted data.json, as opa build writes it`);
  const names = [...files.keys()].filter((name) => /(^|\/)data\.json$/.test(name)).toSorted(byDepth);
  const value: Record<string, unknown> = Object.create(null);
  const documents = names.map((name) => {
    const own = readJson(files, name);
    if (!isObject(own)) throw new Error(`${name}: found ${shapeOf(own)}, accepted an object`);
    const path = name.split("/").slice(0, -1);
    place(value, { path, own, file: name });
    return { path, json: new TextDecoder().decode(files.get(name)) };
  });
  const [root, parts] = [
    documents.filter(({ path }) => path.length === 0),
    documents.filter(({ path }) => path.length > 0),
  ];
  return { json: root[0]?.json ?? "{}", parts, value };
}

function byDepth(a: string, b: string): number {
  return a.split("/").length - b.split("/").length || (a < b ? -1 : 1);
}

interface Placed {
  readonly path: readonly string[];
  readonly own: Record<string, unknown>;
  readonly file: string;
}

function place(into: Record<string, unknown>, { path, own, file }: Placed): void {
  const last = path.at(-1);
  if (last === undefined) return void Object.assign(into, own);
  let object = into;
  for (const key of path.slice(0, -1)) {
    const inner = Object.hasOwn(object, key) ? object[key] : object[key] = Object.create(null);
    if (!isObject(inner)) {
      throw new Error(`${file}: found ${JSON.stringify(key)}, which another data.json holds already`);
    }
    object = inner;
  }
  if (Object.hasOwn(object, last)) {
    throw new Error(`${file}: found ${JSON.stringify(last)}, which another data.json holds already`);
  }
  object[last] = own;
}

function readJson(files: BundleFiles, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(files.get(name)!));
  } catch (error) {
    throw new Error(`${name}: found ${(error as Error).message}, accepted one JSON document in UTF-8`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shapeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
