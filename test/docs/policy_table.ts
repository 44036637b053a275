import { toJsonSchema } from "@valibot/to-json-schema";
import { shippedPolicies } from "../../policies/mod.ts";
import { platformPolicies } from "../../policies/platform.ts";
import { podSecurityControls } from "../../policies/pod_security.ts";
import type { Policy } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { tableOf } from "./markdown.ts";

/** The tables of docs/policies.md, by the name that their markers have, from the policies' own metadata. */
export const POLICY_TABLES: Readonly<Record<string, string>> = {
  platform: tableOf(
    ["Policy", "Rules", "What it does", "Severity", "Controls", "Options", "Supersedes"],
    platformPolicies.map((name) => {
      const policy = shippedPolicies[name](kit);
      const supersedes = codes(policy.metadata.supersedes ?? []);
      return [...described(policy), optionsOf(policy), supersedes];
    }),
  ),
  "pod-security": tableOf(
    ["Policy", "Rules", "What it does", "Severity", "Controls", "Level", "Since", "Supersedes"],
    podSecurityControls.map(({ name, level, since }) => {
      const policy = shippedPolicies[name](kit);
      const supersedes = codes(policy.metadata.supersedes ?? []);
      return [...described(policy), level, `v1.${since}`, supersedes];
    }),
  ),
};

const MARKED = /<!-- table: ([\w-]+) -->\n[\s\S]*?<!-- end of table -->/g;

/** The page with every marked table as it is today. */
export function withTables(page: string): string {
  return page.replace(MARKED, (_, name) => markedTable(name));
}

/** A table between its markers. */
export function markedTable(name: string): string {
  return `<!-- table: ${name} -->\n\n${POLICY_TABLES[name]}\n<!-- end of table -->`;
}

function described({ name, rules, metadata: { description, severity, controls } }: Policy): string[] {
  return [`\`${name}\``, codes(rules), description, severity, controls.join(", ") || "none"];
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ") || "none";
}

/** The keys of a policy's options, with their defaults. */
function optionsOf({ options }: Policy): string {
  if (!options) return "none";
  const { properties = {}, required = [] } = toJsonSchema(options, { typeMode: "input", errorMode: "ignore" });
  return Object.entries(properties).map(([key, schema]) => {
    const value = typeof schema === "object" ? schema.default : undefined;
    return `\`${key}\` (${required.includes(key) ? "required" : `default \`${JSON.stringify(value)}\``})`;
  }).join(", ");
}
