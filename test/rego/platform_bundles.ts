/** The platform's policies in Rego, as entrypoints answer of them without a host in between. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { templateOf } from "../../src/core/pods.ts";
import { toJson } from "../../plugins/policies/rego/value.ts";
import { WasmInstance } from "../../plugins/policies/rego/wasm.ts";
import { readBytes, type SelfStaged, sorted, valueAt, type Verdict } from "./verdicts.ts";

/** `policy -> namespace -> container -> container` of the environment `test`. */
export type Allowlist = Record<string, Record<string, Record<string, string>>>;

export type Bundles = Readonly<Record<"config_staged" | "self_staged", WasmInstance>>;

/** The committed bundles, which policies/rego/build.ts makes. They need no built-in function of a host. */
export async function readBundles(): Promise<Bundles> {
  return { config_staged: await instantiate("config_staged"), self_staged: await instantiate("self_staged") };
}

async function instantiate(name: keyof Bundles): Promise<WasmInstance> {
  const bundle = new URL(`../fixtures/rego/platform/${name}.tar.gz`, import.meta.url);
  const archive = await readBytes((await Deno.open(bundle)).readable.pipeThrough(new DecompressionStream("gzip")));
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const content = await readBytes(entry);
    if (entry.header.name !== "/policy.wasm") continue;
    const instance = new WasmInstance(new WebAssembly.Module(content), { builtins: {} });
    assert.deepEqual(instance.builtinNames, []);
    return instance;
  }
  throw new Error(`Cannot find policy.wasm in ${bundle.pathname}`);
}

export function configStaged({ config_staged: instance }: Bundles, request: AdmissionRequest): Verdict {
  return {
    violations: sorted(resultsOf(instance, "kube_policies/violations", request)),
    patches: sorted(patchesOf(instance, "kube_policies/patches", request)),
  };
}

export function selfStaged(
  { self_staged: instance }: Bundles,
  request: AdmissionRequest,
  { allowlist }: { allowlist: Allowlist },
): SelfStaged {
  instance.setData(JSON.stringify({ environment: "test", allowlist: { test: allowlist } }));
  const messages = (stage: string) => sorted(resultsOf(instance, `validating/${stage}`, request));
  const operations = (stage: string) => sorted(patchesOf(instance, `mutating/${stage}`, request));
  return {
    ...{ monitor: messages("monitor"), warn: messages("warn"), deny: messages("deny") },
    ...{ dryrun: operations("dryrun"), patch: operations("patch") },
  };
}

const POD = { group: "", version: "v1", kind: "Pod" };

/** Of a template they are asked for as if its pod were created. */
function patchesOf(instance: WasmInstance, entrypoint: string, request: AdmissionRequest): unknown[] {
  const template = templateOf(request.kind);
  if (template === null) return resultsOf(instance, entrypoint, request);
  const object = valueAt(request.object, template);
  if (!isJudged(request) || object === undefined) return [];
  const creation = { ...request, kind: POD, operation: "CREATE" as const, subResource: undefined, object };
  return (resultsOf(instance, entrypoint, creation) as Fields[])
    .map((operation) => ({ ...operation, path: template + operation.path }));
}

function isJudged({ operation, subResource }: AdmissionRequest): boolean {
  return ["CREATE", "UPDATE"].includes(operation) && !subResource;
}

function resultsOf(instance: WasmInstance, entrypoint: string, request: AdmissionRequest): unknown[] {
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
  const input = new TextEncoder().encode(JSON.stringify(review));
  const value = instance.evaluate(instance.entrypoints.get(entrypoint)!, input, { now: 0n });
  assert.notEqual(value, undefined, `${entrypoint} is undefined`);
  return toJson(value!) as unknown[];
}
