import { Command } from "commander";
import { stringify } from "yaml";
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

function effective({ config, engine, environment, policies }: Loaded) {
  const { allowlists, exceptions, breakglass, critical, failure, serve } = config;
  return {
    environment: environment || null,
    policyRevision: engine.revision,
    policies: policies.map(({ policy, written, origin, stage, namespaces }) => ({
      name: policy.name,
      origin,
      ...(written !== undefined && { options: written }),
      ...stagesOf(policy, stage),
      ...(namespaces.size > 0 && {
        namespaces: Object.fromEntries([...namespaces].map(([name, own]) => [name, stagesOf(policy, own)])),
      }),
    })),
    allowlists,
    exceptions,
    breakglass,
    critical,
    failure,
    serve,
  };
}

/** The halves that a policy has. */
function stagesOf(
  policy: Loaded["policies"][number]["policy"],
  { validate, mutate }: { validate: string; mutate: string },
) {
  return { ...(policy.validate && { validate }), ...(policy.mutate && { mutate }) };
}
