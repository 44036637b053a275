import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { configSchema } from "./schema.ts";

/** JSON Schema (draft-07) of the config file, for editors. */
export function configJsonSchema() {
  return toJsonSchema(configSchema, {
    typeMode: "input",
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      const isClosed = "rest" in valibotSchema && (valibotSchema.rest as v.GenericSchema).type === "never";
      return isClosed ? { ...jsonSchema, additionalProperties: false } : undefined;
    },
  });
}
