import { Command, Option } from "commander";
import type { Operation } from "../contract.ts";
import type { Engine } from "../core/engine.ts";
import { review } from "../core/review.ts";
import { causeOf } from "../core/text.ts";
import { inputsOf, textOf } from "../inputs.ts";
import { Exit, type Io } from "../io.ts";
import { type FileError, type Manifest, type Manifests, readManifests } from "../manifests.ts";
import type { CheckReport, CheckResult } from "../report/check_report.ts";
import { checkResultOf, summaryOf } from "../report/check_report.ts";
import { jsonReport } from "../report/json.ts";
import { textReport } from "../report/text.ts";
import { type Caller, requestFor } from "../requests.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, FAIL, loadFor, withConfigOptions } from "./config_options.ts";

const REPORTS = { text: textReport, json: jsonReport };

/** The stages that make a run fail, by what `--fail-on` says. */
const FAILING = {
  deny: ["deny"],
  warn: ["deny", "warn"],
  monitor: ["deny", "warn", "monitor"],
  never: [],
} as const satisfies Record<string, readonly string[]>;

interface CheckOptions extends ConfigOptions {
  readonly recursive: boolean;
  readonly output: keyof typeof REPORTS;
  readonly failOn: keyof typeof FAILING;
  readonly operation: Operation;
  readonly as: string;
  readonly asGroup?: readonly string[];
}

export const checkCommand: CommandFactory = (io, exit) =>
  withConfigOptions(new Command("check"), FAIL)
    .description(
      "Check manifests against the policies: what an admission webhook with this config would say of them. Policies are " +
        "shipped, TypeScript, or OPA bundles from paths and addresses.",
    )
    .argument("<path...>", "files, folders, or - for standard input")
    .option("-R, --recursive", "read folders with the folders in them", false)
    .addOption(new Option("-o, --output <format>", "report format").choices(Object.keys(REPORTS)).default("text"))
    .addOption(new Option("--fail-on <stage>", "lowest stage that fails").choices(Object.keys(FAILING)).default("deny"))
    .addOption(
      new Option("--operation <operation>", "as if it were asked for").choices(["CREATE", "UPDATE", "DELETE"])
        .default("CREATE"),
    )
    .option("--as <user>", "user name to judge as", "kubernetes-admin")
    .option("--as-group <group>", "group to judge as; may be repeated (default: system:authenticated)", appended)
    .action(async (paths: string[], options: CheckOptions) => exit(await check(paths, options, io)));

function appended(group: string, groups: readonly string[] = []): readonly string[] {
  return [...groups, group];
}

async function check(paths: readonly string[], options: CheckOptions, io: Io): Promise<number> {
  const { engine } = await loadFor(options, io, { fallback: FAIL });
  const { manifests, errors } = await manifestsIn(paths, options, io);
  const { operation, as: username, asGroup: groups = ["system:authenticated"] } = options;
  const caller = { operation, username, groups };
  const results = manifests.map((manifest) => checkResultOf(manifest, reviewsOf(manifest, caller, engine)));
  const report = { results, errors, summary: summaryOf(results, errors) };
  io.out(REPORTS[options.output](report));
  if (results.length + errors.length === 0) {
    io.err(`kp: Nothing was checked: no object in ${paths.join(", ")} (folders in folders need -R)\n`);
  }
  return exitCode(report, options);
}

async function manifestsIn(paths: readonly string[], { recursive }: CheckOptions, io: Io): Promise<Manifests> {
  const manifests: Manifest[] = [];
  const errors: FileError[] = [];
  const extensions = [".yaml", ".yml", ".json"];
  for (const input of await inputsOf(paths, { recursive, extensions, stdin: io.stdin })) {
    try {
      const read = readManifests(await textOf(input), input.name);
      manifests.push(...read.manifests);
      errors.push(...read.errors);
    } catch (error) {
      errors.push({ file: input.name, message: causeOf(error) });
    }
  }
  return { manifests, errors };
}

/** As in a cluster: the mutating webhook first, then the validating one on what it made. */
function reviewsOf({ object }: Manifest, caller: Caller, engine: Engine) {
  const request = requestFor(object, caller);
  const mutating = review(request, "mutating", engine);
  const patched = mutating.patched === null ? request : { ...request, object: mutating.patched };
  return [mutating, review(patched, "validating", engine)];
}

function exitCode({ results, errors, summary }: CheckReport, { failOn }: CheckOptions): number {
  if (errors.length > 0 || summary.failures > 0) return Exit.failed;
  if (results.length === 0) return Exit.nothing;
  return results.some((result) => fails(result, FAILING[failOn])) ? Exit.found : Exit.clean;
}

function fails({ violations }: CheckResult, stages: readonly string[]): boolean {
  return violations.some(({ stage }) => stages.includes(stage));
}
