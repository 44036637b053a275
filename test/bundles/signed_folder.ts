import { createHash } from "node:crypto";
import { CompactSign } from "jose";
import { readArchive } from "../../plugins/policies/rego/archive.ts";
import { canonicalJson, isStructured } from "../../plugins/policies/rego/structured_file.ts";

export const SECRET = "a secret of more than thirty-two bytes";

const BUNDLE = new URL("../fixtures/rego/forms/tutorial.tar.gz", import.meta.url);

/** Writes a bundle of that revision into a folder, signed as `opa sign` does with HS256. */
export async function writeSigned(folder: string, revision: string): Promise<void> {
  const files = new Map(await readArchive(await Deno.readFile(BUNDLE)));
  const manifest = JSON.parse(new TextDecoder().decode(files.get(".manifest")));
  files.set(".manifest", new TextEncoder().encode(JSON.stringify({ ...manifest, revision })));
  const signed = [...files].map(([name, bytes]) => ({
    name,
    hash: createHash("sha256").update(isStructured(name) ? canonicalJson(name, bytes) : bytes).digest("hex"),
    algorithm: "SHA-256",
  }));
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify({ files: signed })))
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
  files.set(".signatures.json", new TextEncoder().encode(JSON.stringify({ signatures: [jws] })));
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await Deno.writeFile(`${folder}/${name}`, bytes);
}
