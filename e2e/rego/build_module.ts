import { readArchive } from "../../plugins/policies/rego/archive.ts";
import { OPA, output } from "../tools.ts";

/**
 * The module that `opa build -t wasm` makes of sources, with the entrypoint `package/rule`. Throws an Error with OPA's
 * words for what does not compile.
 */
export async function buildModule(sources: readonly string[], entrypoint: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  try {
    const files = sources.map((_, i) => `source_${i}.rego`);
    await Promise.all(files.map((file, i) => Deno.writeTextFile(`${folder}/${file}`, sources[i])));
    // The builds run side by side: one that takes every core only slows the others.
    const options = { cwd: folder, env: { GOMAXPROCS: "1" } };
    await output(OPA, ["build", "-t", "wasm", "-e", entrypoint, "-o", "bundle.tar.gz", ...files], options);
    const bundle = await readArchive(await Deno.readFile(`${folder}/bundle.tar.gz`));
    return new Uint8Array(bundle.get("policy.wasm")!);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
