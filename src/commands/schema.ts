import { Command } from "commander";
import { configJsonSchema } from "../config/json_schema.ts";
import { Exit } from "../io.ts";
import type { CommandFactory } from "./command.ts";

export const schemaCommand: CommandFactory = (io, exit) =>
  new Command("schema")
    .description("Print the JSON Schema (draft-07) of the config file, for editors and CI.")
    .action(() => {
      io.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      exit(Exit.clean);
    });
