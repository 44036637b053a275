import { type BundleOptions, loadBundle } from "../plugins/policies/bundle.ts";
import { readArchive } from "../plugins/policies/rego/archive.ts";
import { readManifest } from "../plugins/policies/rego/manifest.ts";
import { Program } from "../plugins/policies/rego/program.ts";
import type { Context, Policy } from "../src/contract.ts";
import { readData } from "../plugins/policies/rego/manifest.ts";

export type BundleName = "config_staged" | "self_staged";

export const CONTEXT: Context = { environment: "bench", allowlist: {} };

/** The platform's policies in Rego, as they are committed. */
export function archiveOf(name: BundleName): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../test/fixtures/rego/platform/${name}.tar.gz`, import.meta.url));
}

export async function programOf(name: BundleName): Promise<Program> {
  const { wasm } = readManifest(await readArchive(await archiveOf(name)));
  const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
  return new Program(module, { builtins: {}, data: readData(new Map()), now: () => 0n });
}

/** What `kp` does with the bytes of an archive. */
export async function policyOf(archive: Uint8Array, fallbackName: string): Promise<Policy> {
  const options: BundleOptions = { builtinErrors: "undefined" };
  const { policy } = await loadBundle(await readArchive(archive), options, { fallbackName, now: () => 0n });
  return policy;
}
