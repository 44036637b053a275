import { readdir, stat } from "node:fs/promises";
import { type Config, pathFrom, type PolicyUse } from "../config/config.ts";
import { sourceKind } from "../config/policy_schema.ts";
import { readAllowlists } from "../load.ts";
import { pause } from "./pause.ts";
import type { CurrentSet } from "./policy_sets.ts";
import type { Reloader } from "./reload.ts";

/** What a config names on disk, as it was seen at a time: two that are equal are of the same files. */
export interface Seen {
  readonly files: string;
  readonly exceptions: string;
}

export interface WatchOptions {
  readonly current: CurrentSet;
  readonly reloader: Reloader;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

/**
 * Looks every so often whether the config, what it names on disk, or the exceptions are others, until the signal
 * aborts. A change counts once it is the same twice: a file may be half written. A look, and no notice of the file
 * system's: those get lost on mounted ConfigMaps, on some network file systems, and with the folder that was replaced.
 */
export async function watchFiles({ current, reloader, signal, everyMs }: WatchOptions): Promise<void> {
  let { set } = current;
  let [files, exceptions] = [new Change(set.seen.files), new Change(set.seen.exceptions)];
  while (await pause(everyMs, signal)) {
    if (set !== current.set) {
      set = current.set;
      [files, exceptions] = [new Change(set.seen.files), new Change(set.seen.exceptions)];
    }
    const { config } = set.loaded;
    if (files.isSettled(await filesOf(config))) await reloader.reload({ reason: "files" });
    else if (exceptions.isSettled(await exceptionsOf(config))) await reloader.reloadAllowlist();
  }
}

/** To be asked before the files are read, so that no change is missed. */
export async function seenNow(config: Config): Promise<Seen> {
  const [files, exceptions] = await Promise.all([filesOf(config), exceptionsOf(config)]);
  return { files, exceptions };
}

/** Tells a change from what is known, once it is seen twice. From then on it is known. */
export class Change {
  #known: string;
  #last: string;

  constructor(known: string) {
    this.#known = this.#last = known;
  }

  isSettled(state: string): boolean {
    const isSettled = state !== this.#known && state === this.#last;
    this.#last = state;
    if (isSettled) this.#known = state;
    return isSettled;
  }
}

/** Identities, sizes and times of the config and of the files that its policies name. */
async function filesOf(config: Config): Promise<string> {
  const paths = config.policies.flatMap(pathsOf).map((path) => pathFrom(config, path));
  return JSON.stringify(await Promise.all([config.file, ...paths].map((path) => stateOf(path))));
}

function pathsOf({ use, verify, fetch }: PolicyUse): string[] {
  const named = [sourceKind(use) === "path" ? use : undefined, verify?.key, fetch?.ca];
  return named.filter((path) => typeof path === "string");
}

/** Links are followed, but in folders not those to folders: they may lead back. */
async function stateOf(path: string, isLink = false): Promise<unknown> {
  try {
    const info = await stat(path);
    const state = [path, info.ino, info.size, info.mtimeMs];
    if (!info.isDirectory() || isLink) return state;
    const entries = (await readdir(path, { withFileTypes: true })).toSorted((a, b) => a.name < b.name ? -1 : 1);
    return await Promise.all(entries.map((entry) => stateOf(`${path}/${entry.name}`, entry.isSymbolicLink())));
  } catch (error) {
    return [path, (error as { code?: string }).code];
  }
}

async function exceptionsOf(config: Config): Promise<string> {
  try {
    return JSON.stringify(await readAllowlists(config));
  } catch (error) {
    return String(error);
  }
}
