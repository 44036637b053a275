/** Says which suites `deno task test` leaves to `deno task e2e`: those that need tools besides Deno. */
const suites: string[] = [];
for await (const { name, isDirectory } of Deno.readDir(new URL(".", import.meta.url))) {
  if (!isDirectory) continue;
  for await (const file of Deno.readDir(new URL(name, import.meta.url))) {
    if (file.name.endsWith("_test.ts")) suites.push(`e2e/${name}/${file.name}`);
  }
}
const tools = "opa, regal, docker-registry or skopeo";
console.log(`${suites.length} suites skipped, which need ${tools} (deno task e2e):\n  ${suites.sort().join("\n  ")}`);
