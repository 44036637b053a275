import type { BundleFiles } from "../plugins/policies/rego/bundle_files.ts";
import { type Config, type FetchSettings, pathFrom, type PolicyUse, type Variable } from "./config/config.ts";
import { DEFAULT_FETCH, sourceKind } from "./config/policy_schema.ts";
import { shownAddress } from "./fetch/fetch_error.ts";
import { type Fetched, fetchHttps, type FetchOptions } from "./fetch/https.ts";
import { fetchOci } from "./fetch/oci.ts";

/** Whether a policy's `use` is of a bundle: an address, or a path that is not a module's. */
export function isBundle(use: string): boolean {
  return isRemote(use) || (sourceKind(use) === "path" && !/\.(ts|js|mjs)$/.test(use));
}

export function isRemote(use: string): boolean {
  return ["https", "oci"].includes(sourceKind(use) ?? "");
}

/** A `use` for messages and logs: of an address without what may be secret. */
export function shownUse(use: string): string {
  return isRemote(use) ? shownAddress(use) : use;
}

interface Accepted {
  readonly config: Config;
  readonly policies: readonly { readonly entry: number; readonly bundleRevision?: string }[];
}

interface ChangedOptions {
  readonly lost: (use: string, error: unknown) => void;
  /** Ends all of it. */
  readonly signal: AbortSignal;
}

interface Opened {
  readonly files: BundleFiles;
  /** `sha256:<hex>` of what was read. */
  readonly digest: string;
}

export interface ReadBundle extends Opened {
  /** What it is called where its author says nothing. */
  readonly name: string;
}

/**
 * Loads bundles, and remembers those from addresses: one is fetched once, and again only when {@link changed} asks and
 * its server has another.
 */
export class Bundles {
  readonly #env: (name: string) => string | undefined;
  readonly #fetched = new Map<string, Fetched>();
  /** The revisions that were in use. */
  readonly #revisions = new Map<string, ReadonlySet<string>>();

  constructor(env: (name: string) => string | undefined) {
    this.#env = env;
  }

  /**
   * Reads a bundle's files, and runs none. Throws an Error that says why the bundle cannot be had or may not be trusted.
   */
  async read(entry: PolicyUse, config: Config): Promise<ReadBundle> {
    const { files, digest } = await this.#open(entry, config);
    await this.#verify(files, entry, config);
    await this.#refuseOlder(files, entry);
    return { files, digest, name: nameOf(entry.use) };
  }

  /** Notes what is in use now: a verified bundle is from here on replaced by newer ones only. */
  accept({ config, policies }: Accepted): void {
    for (const { entry, bundleRevision } of policies) {
      if (bundleRevision === undefined) continue;
      const { use } = config.policies[entry];
      this.#revisions.set(use, new Set([...this.#used(use), bundleRevision]));
    }
  }

  /** Asks every address whether there is another bundle; says which have one. A server that fails is told to `lost`. */
  async changed(config: Config, { lost, signal }: ChangedOptions): Promise<string[]> {
    const remote = config.policies.filter(({ use }) => isRemote(use));
    const changes = await Promise.all(remote.map(async (entry) => {
      try {
        return await this.#fetch(entry, config, signal) ? [shownUse(entry.use)] : [];
      } catch (error) {
        lost(shownUse(entry.use), error);
        return [];
      }
    }));
    return changes.flat();
  }

  async #open(entry: PolicyUse, config: Config): Promise<Opened> {
    const { use } = entry;
    if (!isRemote(use)) return await readPath(pathFrom(config, use));
    if (!this.#fetched.has(use)) await this.#fetch(entry, config);
    return await openArchive(this.#fetched.get(use)!.bytes);
  }

  /** Whether there was another than is known. */
  async #fetch({ use, fetch = DEFAULT_FETCH }: PolicyUse, config: Config, signal?: AbortSignal): Promise<boolean> {
    const { etag } = this.#fetched.get(use) ?? {};
    const known = etag === undefined ? undefined : { etag };
    const options = { ...await this.#options(fetch, config), signal };
    const fetched = await (sourceKind(use) === "oci" ? fetchOci : fetchHttps)(use, options, known);
    if (fetched === "unchanged") return false;
    const before = this.#fetched.get(use);
    this.#fetched.set(use, fetched);
    return before === undefined || !isEqual(before.bytes, fetched.bytes);
  }

  async #options({ timeoutSeconds, maxBytes, hosts, ca, ...auth }: FetchSettings, config: Config) {
    const { username, password, token } = auth;
    const options: FetchOptions = { timeoutMs: timeoutSeconds * 1000, maxBytes, hosts };
    return {
      ...options,
      ...(token && { auth: { bearer: this.#valueOf(token) } }),
      ...(username !== undefined && { auth: { username, password: password ? this.#valueOf(password) : "" } }),
      ...(ca !== undefined && { ca: await readText("fetch.ca", pathFrom(config, ca)) }),
    };
  }

  async #verify(files: BundleFiles, { verify }: PolicyUse, config: Config): Promise<void> {
    if (!verify) {
      if (!files.has(".signatures.json")) return;
      throw new Error("found a signed bundle and no verify, accepted verify with the key of its signature");
    }
    const { key: written, keyId, scope } = verify;
    const key = typeof written === "string"
      ? await readText("verify.key", pathFrom(config, written))
      : this.#valueOf(written);
    const { verifySignatures } = await import("../plugins/policies/rego/signatures.ts");
    await verifySignatures(files, { key, keyId, scope });
  }

  /** A replayed bundle is well signed, and old. */
  async #refuseOlder(files: BundleFiles, { use, verify }: PolicyUse): Promise<void> {
    if (!verify) return;
    const { compareRevisions } = await import("../plugins/policies/rego/revision.ts");
    const { readManifest } = await import("../plugins/policies/rego/manifest.ts");
    const { revision } = readManifest(files);
    for (const least of [verify.minRevision, ...this.#used(use)]) {
      if (least === undefined || least === revision) continue;
      const order = compareRevisions(revision, least);
      const found = `found revision ${JSON.stringify(revision)}`;
      if (order === null && least === verify.minRevision) {
        throw new Error(`${found}, which cannot be compared with minRevision ${JSON.stringify(least)}`);
      }
      if (order !== null && order < 0) throw new Error(`${found}, accepted ${JSON.stringify(least)} and later`);
    }
  }

  #used(use: string): ReadonlySet<string> {
    return this.#revisions.get(use) ?? new Set();
  }

  #valueOf({ env }: Variable): string {
    const value = this.#env(env);
    if (value) return value;
    throw new Error(`found no value in the environment variable ${env}`);
  }
}

/** `./acme/image-safety.tar.gz`, `oci://host/acme/image-safety:v1` -> `image_safety`. */
function nameOf(use: string): string {
  const last = use.replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").at(-1)!;
  return last.replace(/@.*$/, "").replace(/:.*$/, "").replace(/\.tar\.gz$|\.tgz$/, "").toLowerCase().replace(
    /\W/g,
    "_",
  );
}

async function readText(what: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${what}: found no file ${path}`);
  }
}

async function readPath(path: string): Promise<Opened> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return await openArchive(await Deno.readFile(path));
  const { readFolder } = await import("../plugins/policies/rego/folder.ts");
  const files = await readFolder(path);
  const parts = await Promise.all([...files].map(async ([name, bytes]) => [name, await digestOf(bytes)]));
  return { files, digest: await digestOf(new TextEncoder().encode(JSON.stringify(parts.toSorted()))) };
}

async function openArchive(bytes: Uint8Array): Promise<Opened> {
  const { readArchive } = await import("../plugins/policies/rego/archive.ts");
  return { files: await readArchive(bytes), digest: await digestOf(bytes) };
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return `sha256:${new Uint8Array(digest).toHex()}`;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
