import { constants } from "node:fs";
import { open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { BUNDLE_LIMITS, BundleBuilder, type BundleFiles, type BundleLimits, wrong } from "./bundle_files.ts";

/**
 * Reads a bundle that is a folder, at any depth, with the names and limits of an archive. Links to files are followed.
 * Names that begin with `..` are passed over: a mounted ConfigMap holds its files in `..data`, with links at the top.
 * Throws an Error that names the file.
 */
export async function readFolder(path: string, limits: BundleLimits = BUNDLE_LIMITS): Promise<BundleFiles> {
  const builder = new BundleBuilder(limits);
  const version = await mountedVersion(path);
  for await (const name of fileNames(path, { prefix: "", builder })) {
    const { size } = await attempt(name, stat(join(path, name)));
    builder.files.set(builder.file(name, size), await readWhole(path, { name, size }));
  }
  if (version === await mountedVersion(path)) return builder.files;
  throw new Error("the mounted folder was replaced while it was read");
}

/** Where a mounted ConfigMap or Secret has its files: another folder after every update. */
async function mountedVersion(path: string): Promise<string> {
  return await readlink(join(path, "..data")).catch(() => "");
}

interface Walk {
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  readonly builder: BundleBuilder;
}

async function* fileNames(path: string, { prefix, builder }: Walk): AsyncGenerator<string> {
  const entries = await attempt(prefix || path, readdir(join(path, prefix), { withFileTypes: true }));
  const names = entries.map(({ name }) => name).filter((name) => !name.startsWith("..")).sort();
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  for (const name of names.map((name) => prefix + name)) {
    if (folders.has(name.slice(prefix.length))) {
      builder.folder(name);
      yield* fileNames(path, { prefix: `${name}/`, builder });
    } else if ((await attempt(name, stat(join(path, name)))).isFile()) {
      yield name;
    } else {
      throw wrong(name, "neither a file nor a folder", "files, folders and links to files");
    }
  }
}

/** Never waits for a writer, should the file have become a fifo since it was looked at. */
async function readWhole(path: string, { name, size }: { name: string; size: number }): Promise<Uint8Array> {
  const file = await attempt(name, open(join(path, name), constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const bytes = new Uint8Array(size + 1);
    let length = 0;
    for (let read = 1; read > 0 && length <= size; length += read) {
      read = (await file.read(bytes, length, bytes.length - length)).bytesRead;
    }
    if (length !== size) throw wrong(name, "another size than a moment ago", "a file that stays as it is");
    return bytes.slice(0, size);
  } finally {
    await file.close();
  }
}

async function attempt<Result>(name: string, promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    throw new Error(`${JSON.stringify(name)}: ${code === "ENOENT" ? "no such file or folder" : message}`, { cause });
  }
}
