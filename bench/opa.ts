import { missingTools } from "../e2e/tools.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** The Rego that the bundles are built of, without its tests. */
export const SOURCES = [
  "--ignore",
  "*_test.rego",
  ...["kube_policies", "validating", "mutating"].map((folder) => `${ROOT}policies/rego/${folder}`),
];

/** Ends the process where one of these commands is not there. */
export function need(commands: readonly string[]): void {
  const missing = missingTools(...commands);
  if (missing === undefined) return;
  console.error(`Cannot measure: ${missing} (KP_OPA names another opa; wrk is a Debian package)`);
  Deno.exit(1);
}
