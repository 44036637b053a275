import { Command, CommanderError } from "commander";
import type { CommandFactory } from "./commands/command.ts";
import { ConfigError, PluginError } from "./errors.ts";
import { Exit, type Io, UsageError } from "./io.ts";
import { VERSION } from "./version.ts";

/** Every verb. Its module is loaded only when it is called: `kp check` need not wait for an HTTP server. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<CommandFactory> }>> = {
  serve: {
    summary: "serve the validating and mutating admission webhooks",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
  check: {
    summary: "check manifests against the policies",
    load: async () => (await import("./commands/check.ts")).checkCommand,
  },
  replay: {
    summary: "review recorded AdmissionReviews again",
    load: async () => (await import("./commands/replay.ts")).replayCommand,
  },
  config: {
    summary: "show the effective configuration",
    load: async () => (await import("./commands/config.ts")).configCommand,
  },
  schema: {
    summary: "print the JSON Schema of the config file",
    load: async () => (await import("./commands/schema.ts")).schemaCommand,
  },
};

const EXIT_CODES = `
Exit codes: 0 clean, 1 violations or differences, 2 could not run, 3 nothing was checked.
Findings go to standard output, diagnostics to standard error.`;

/** Runs `kp` with the arguments after its name. Returns the exit code; never throws. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = Exit.clean;
  try {
    const program = await programFor(args, io, (value) => void (code = value));
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

async function programFor(args: readonly string[], io: Io, exit: (code: number) => void): Promise<Command> {
  const program = new Command("kp")
    .description("Guardrails instead of gates for Kubernetes.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .addHelpText("after", EXIT_CODES);
  const [verb] = args;
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === verb ? (await load())(io, exit) : new Command(name);
    program.addCommand(command.summary(summary).helpOption("-h, --help", "show help"));
  }
  return configured(program, io);
}

/** Errors are thrown to `run`, texts written through `io`, for the program and every command below it. */
function configured(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} });
  command.commands.forEach((child) => configured(child as Command, io));
  return command;
}

function exitCodeOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return Exit.clean;
    if (error.code !== "commander.help") io.err(`kp: ${error.message.replace(/^error: /, "").replaceAll("\n", " ")}\n`);
    return Exit.failed;
  }
  if (error instanceof ConfigError) io.err(`${error.message}\n`);
  else if (error instanceof UsageError || error instanceof PluginError) io.err(`kp: ${error.message}\n`);
  else io.err(`kp: ${error instanceof Error ? error.stack : error}\n`);
  return Exit.failed;
}
