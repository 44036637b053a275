/** How fast bundles of Rego are, next to OPA with the same Rego: everything that docs/performance.md says of them. */
for (const name of ["rego_server", "rego_evaluation", "rego_review", "rego_load"]) {
  const file = new URL(`${name}.ts`, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", "--allow-all", file], stdin: "null" });
  const { code } = await command.spawn().status;
  if (code !== 0) Deno.exitCode = code;
}
