import { BuiltinError, type Builtins, text } from "../builtin.ts";
import { readYaml } from "./yaml_read.ts";
import { writeYaml } from "./yaml_write.ts";

/** Source: v1/topdown/encoding.go and internal/yaml of OPA. */
export const yamlBuiltins: Builtins = {
  "yaml.is_valid": ([value]) => typeof value === "string" && isValid(value),
  "yaml.marshal": ([value]) => writeYaml(value),
  "yaml.unmarshal": ([value]) => readYaml(text(value, 1)),
};

function isValid(value: string): boolean {
  try {
    readYaml(value);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}
