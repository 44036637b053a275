/** Says which suites `deno task test` leaves to other tasks: the slow ones, and those that need tools besides Deno. */
async function suitesBelow(folder: URL): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await suitesBelow(new URL(`${name}/`, folder)));
    else if (name.endsWith("_test.ts")) found.push(new URL(name, folder).pathname.slice(ROOT.pathname.length));
  }
  return found.sort();
}

const ROOT = new URL("../", import.meta.url);
const tools = "which need opa, regal, docker-registry, skopeo or denort, or minutes";
for (
  const [folder, why, task] of [["test/reliability/", "which take minutes", "reliability"], ["e2e/", tools, "e2e"]]
) {
  const suites = await suitesBelow(new URL(folder, ROOT));
  console.log(`${suites.length} suites skipped, ${why} (deno task ${task}):\n  ${suites.join("\n  ")}`);
}
