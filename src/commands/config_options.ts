import type { Command } from "commander";
import { Bundles } from "../bundles.ts";
import type { Stage } from "../core/engine.ts";
import type { Io } from "../io.ts";
import { load, type Loaded } from "../load.ts";

/** The flags that every command with policies has. */
export interface ConfigOptions {
  readonly config?: string;
  readonly env?: string;
}

/** What a webhook does where no stage is written: it watches. */
export const WATCH: Stage = { validate: "monitor", mutate: "dryrun" };

/** What a check does: it fails, and shows what would be patched. */
export const FAIL: Stage = { validate: "deny", mutate: "dryrun" };

/** Adds the flags; `fallback` is the stage of policies that no stage is written for. */
export function withConfigOptions(command: Command, fallback: Stage): Command {
  return command
    .option("-c, --config <file>", `config file (default: the shipped policies, at stage ${fallback.validate})`)
    .option(
      "-e, --env <name>",
      "environment whose stages and exceptions count (default: KP_ENVIRONMENT, then the config's)",
    );
}

interface LoadForOptions {
  readonly fallback: Stage;
  readonly tell?: (notice: string) => void;
  readonly bundles?: Bundles;
}

/** Loads what the flags name, and tells the notices: by default as lines on standard error. */
export async function loadFor({ config: file, env }: ConfigOptions, io: Io, options: LoadForOptions): Promise<Loaded> {
  const { fallback, tell = (notice) => io.err(`kp: ${notice}\n`), bundles = new Bundles(io.env) } = options;
  const loaded = await load({ file, environment: env ?? io.env("KP_ENVIRONMENT"), fallback, bundles });
  loaded.notices.forEach(tell);
  return loaded;
}
