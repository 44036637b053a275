/** Runs every benchmark, one after another, each in a process of its own. docs/performance.md says how to read them. */
for (const name of ["review", "match", "check"]) {
  const file = new URL(`${name}.ts`, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", "--allow-all", file], stdin: "null" });
  const { code } = await command.spawn().status;
  if (code !== 0) Deno.exit(code);
}
