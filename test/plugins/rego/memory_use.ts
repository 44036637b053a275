/** Run as a process of its own (`deno run --v8-flags=--expose-gc`), for the memory of a process is of all its tests. */
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import { readManifest } from "../../../plugins/policies/rego/manifest.ts";
import { Program } from "../../../plugins/policies/rego/program.ts";
import { toJson } from "../../../plugins/policies/rego/value.ts";
import { WasmInstance } from "../../../plugins/policies/rego/wasm.ts";
import { captures } from "../../captures.ts";
import { goodPod, requestOf, reviewOf } from "../../request_fixture.ts";
import { readData } from "../../../plugins/policies/rego/manifest.ts";

/** Bytes. */
export interface MemoryUse {
  /** Of the instance and of the process, when every input was evaluated once, and after all evaluations. */
  readonly before: { readonly instance: number; readonly process: number };
  readonly after: { readonly instance: number; readonly process: number };
  /** Of the process: before a request of 5 MB, when it was evaluated, and after one more that is small. */
  readonly large: { readonly before: number; readonly during: number; readonly after: number };
}

const BUNDLE = new URL("../../fixtures/rego/platform/config_staged.tar.gz", import.meta.url);
const ENTRYPOINTS = ["kube_policies/violations", "kube_policies/patches"];

if (import.meta.main) console.log(JSON.stringify(await measure(Number(Deno.args[0]))));

/** What that many evaluations, of all entrypoints in turn, do to the memory of a process of its own. */
export async function memoryUse(evaluations: number): Promise<MemoryUse> {
  const args = ["run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", import.meta.filename!, String(evaluations)];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new Error("Cannot measure the memory of evaluations");
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function measure(evaluations: number): Promise<MemoryUse> {
  const { wasm } = readManifest(await readArchive(await Deno.readFile(BUNDLE)));
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  return { ...repeated(module, evaluations), large: withLargeRequest(module) };
}

function repeated(module: WebAssembly.Module, evaluations: number): Pick<MemoryUse, "before" | "after"> {
  const instance = new WasmInstance(module, { builtins: {} });
  const ids = ENTRYPOINTS.map((entrypoint) => instance.entrypoints.get(entrypoint)!);
  const inputs = [...captures("validating"), podOf(1), podOf(10), podOf(100)].map(bytesOf);
  const evaluate = (i: number) => {
    const input = inputs[Math.floor(i / ids.length) % inputs.length];
    toJson(instance.evaluate(ids[i % ids.length], input, { now: 0n })!);
  };
  const memory = () => ({ instance: instance.memorySize, process: resident() });
  const all = inputs.length * ids.length;
  for (let i = 0; i < all; i++) evaluate(i);
  const before = memory();
  for (let i = 0; i < evaluations; i++) evaluate(i);
  return { before, after: memory() };
}

function withLargeRequest(module: WebAssembly.Module): MemoryUse["large"] {
  const program = new Program(module, { builtins: {}, data: readData(new Map()), now: () => 0n });
  const context = { environment: "test", allowlist: {} };
  const evaluate = (input: Uint8Array) => program.evaluate(ENTRYPOINTS[0], input, context);
  const [small, large] = [bytesOf(podOf(1)), bytesOf(podOf(5500, 900))];
  if (large.length < 5_000_000) throw new Error(`the large request has ${large.length} bytes`);
  evaluate(small);
  const before = resident();
  evaluate(large);
  const { rss: during } = Deno.memoryUsage();
  evaluate(small);
  return { before, during, after: resident() };
}

/** A review of a pod whose every container has violations. */
function podOf(containers: number, length = 10): unknown {
  const image = "x".repeat(length);
  const list = Array.from({ length: containers }, (_, i) => ({ name: `c${i}`, image }));
  return reviewOf(requestOf(goodPod({ containers: list })));
}

function bytesOf(review: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(review));
}

/** What is no longer reached is freed first: twice, as a memory of Wasm is let go after what held it. */
function resident(): number {
  const { gc } = globalThis as unknown as { gc: () => void };
  gc();
  gc();
  return Deno.memoryUsage().rss;
}
