import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AllowlistContext, AllowlistDocument, AllowlistProvider } from "../../src/contract.ts";

/**
 * Reads exceptions from a file, or from every `.yaml` and `.yml` file in a folder and the folders in it.
 *
 * Names that begin with a dot are passed over: a mounted ConfigMap holds its files twice, as links at the top and
 * in `..data`. Links to files are followed, links to folders are not.
 */
export default function file(options: unknown, { v, folder }: AllowlistContext): AllowlistProvider {
  const accepted = "a path to a file or folder";
  const schema = v.strictObject({ path: v.pipe(v.string(accepted), v.nonEmpty(accepted)) }, "a map of path");
  const { path } = v.parse(schema, options);
  return {
    name: "file",
    async read() {
      const root = resolve(folder, path);
      const info = await attempt(stat(root), root);
      if (!info.isDirectory()) return [await readDocument(root, path)];
      const names = (await fileNames(root, "")).sort();
      return await Promise.all(names.map((name) => readDocument(join(root, name), join(path, name))));
    },
  };
}

/** Relative to `root`, at any depth. */
async function fileNames(root: string, folder: string): Promise<string[]> {
  const path = join(root, folder);
  const entries = await attempt(readdir(path, { withFileTypes: true }), path);
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const names = await Promise.all(visible.map(async (entry) => {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) return await fileNames(root, name);
    if (!/\.ya?ml$/.test(name)) return [];
    const info = await attempt(stat(join(root, name)), join(root, name));
    return info.isFile() ? [name] : [];
  }));
  return names.flat();
}

async function readDocument(path: string, source: string): Promise<AllowlistDocument> {
  const bytes = await attempt(readFile(path), path);
  try {
    return { source, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (cause) {
    throw new Error(`Cannot read the allowlist "${path}": not UTF-8`, { cause });
  }
}

async function attempt<Result>(promise: Promise<Result>, path: string): Promise<Result> {
  try {
    return await promise;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    const reason = code === "ENOENT" ? "no such file or folder" : message;
    throw new Error(`Cannot read the allowlist "${path}": ${reason}`, { cause });
  }
}
