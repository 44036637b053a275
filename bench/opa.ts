/** Real OPA: what KP_OPA names, else `opa` on PATH. */
export const OPA = Deno.env.get("KP_OPA") ?? "opa";

const ROOT = new URL("..", import.meta.url).pathname;

/** The Rego that the bundles are built of, without its tests. */
export const SOURCES = [
  "--ignore",
  "*_test.rego",
  ...["kube_policies", "validating", "mutating"].map((folder) => `${ROOT}policies/rego/${folder}`),
];

/** Ends the process where one of these commands is not there. */
export function need(commands: readonly string[]): void {
  const missing = commands.filter((command) => !isThere(command));
  if (missing.length === 0) return;
  console.error(
    `Cannot measure: ${missing.join(" and ")} not there (KP_OPA names another opa; wrk is a Debian package)`,
  );
  Deno.exit(1);
}

function isThere(command: string): boolean {
  try {
    new Deno.Command(command, { args: ["version"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
