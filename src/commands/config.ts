import { Command } from "commander";
import { stringify } from "yaml";
import type { Policy } from "../contract.ts";
import type { MemberStages, PolicyStages, Stage } from "../core/engine.ts";
import { Exit, type Io } from "../io.ts";
import type { Loaded } from "../load.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, loadFor, WATCH, withConfigOptions } from "./config_options.ts";

export const configCommand: CommandFactory = (io, exit) => {
  const print = withConfigOptions(new Command("print"), WATCH)
    .description("Print the effective config of kp serve: defaults filled in, the stage of every policy resolved.")
    .action(async (options: ConfigOptions) => exit(await printConfig(options, io)));
  return new Command("config").description("Show the effective configuration.").addCommand(print);
};

async function printConfig(options: ConfigOptions, io: Io): Promise<number> {
  io.out(stringify(effective(await loadFor(options, io, { fallback: WATCH })), { lineWidth: 0 }));
  return Exit.clean;
}

function effective({ config, settings, policies }: Loaded) {
  const { environment, revision } = settings;
  const { allowlists, exceptions, breakglass, critical, failure, serve } = config;
  return {
    environment: environment || null,
    policyRevision: revision,
    policies: policies.map(({ policy, written, origin, bundleRevision, failure: mode, members, ...stages }) => ({
      name: policy.name,
      origin,
      ...(bundleRevision && { revision: bundleRevision }),
      ...(written !== undefined && { options: written }),
      ...(mode && { failure: mode }),
      ...(members ? { members: membersOf(policy, members) } : shown(policy, stages)),
    })),
    allowlists,
    exceptions,
    breakglass,
    critical,
    failure,
    serve,
  };
}

function shown(policy: Policy, { stage, namespaces }: PolicyStages) {
  const own = Object.fromEntries([...namespaces].map(([name, stage]) => [name, stagesOf(policy, stage)]));
  return { ...stagesOf(policy, stage), ...(namespaces.size > 0 && { namespaces: own }) };
}

/** By name; `*` is any other. */
function membersOf(policy: Policy, { named, others }: MemberStages) {
  return Object.fromEntries(
    [...named, ...(others ? [["*", others] as const] : [])].map(([name, stages]) => [name, shown(policy, stages)]),
  );
}

/** The halves that a policy has. */
function stagesOf(policy: Policy, { validate, mutate }: Stage) {
  return { ...((policy.validate || policy.refuses) && { validate }), ...(policy.mutate && { mutate }) };
}
