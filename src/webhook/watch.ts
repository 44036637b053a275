import { readdir, stat } from "node:fs/promises";
import { isRemote } from "../bundles.ts";
import { type Config, pathFrom } from "../config/config.ts";
import { readAllowlists } from "../load.ts";
import { pause } from "./pause.ts";
import type { Reloader } from "./reload.ts";
import type { CurrentSet } from "./policy_sets.ts";

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
  const files = new Change(await stateOf(current.set.loaded.config));
  const allowlist = new Change(await allowlistText(current.set.loaded.config));
  while (await pause(everyMs, signal)) {
    const { config } = current.set.loaded;
    if (files.isSettled(await stateOf(config))) await reloader.reload({ reason: "files" });
    if (allowlist.isSettled(await allowlistText(config))) await reloader.reloadAllowlist();
  }
}

/** Tells a change from what is known, once it is seen twice. */
class Change {
  #known: string;
  #seen: string;

  constructor(known: string) {
    this.#known = this.#seen = known;
  }

  isSettled(state: string): boolean {
    const isSettled = state !== this.#known && state === this.#seen;
    this.#seen = state;
    if (isSettled) this.#known = state;
    return isSettled;
  }
}

/** Sizes and times of the config and of the policies that it names on disk. */
async function stateOf(config: Config): Promise<string> {
  const paths = config.policies.filter(({ use }) => !isRemote(use) && /[./]/.test(use)).map(({ use }) =>
    pathFrom(config, use)
  );
  const states = await Promise.all([config.file, ...paths].map(pathState));
  return JSON.stringify(states);
}

async function pathState(path: string): Promise<unknown> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) return [path, info.ino, info.size, info.mtimeMs];
    const names = await readdir(path);
    return await Promise.all(names.toSorted().map((name) => pathState(`${path}/${name}`)));
  } catch (error) {
    return [path, (error as { code?: string }).code];
  }
}

async function allowlistText(config: Config): Promise<string> {
  try {
    return JSON.stringify(await readAllowlists(config));
  } catch (error) {
    return `${error}`;
  }
}
