/** The Rego under policies/rego as its own tools see it. */
import assert from "node:assert/strict";
import { testRequiring } from "../../test/requiring.ts";
import { missingTools, OPA, output, REGAL } from "../tools.ts";

const SOURCES = new URL("../../policies/rego/", import.meta.url).pathname;

const RUNS: Record<string, readonly [string, ...string[]]> = {
  "the Rego is formatted": [OPA, "fmt", "--list", "--fail", "."],
  "the Rego passes opa's strict check": [OPA, "check", "--strict", "."],
  "the Rego's own tests pass": [OPA, "test", "."],
  "the Rego has nothing that regal finds": [REGAL, "lint", "."],
};

for (const [name, [tool, ...args]] of Object.entries(RUNS)) {
  testRequiring(name, { missing: missingTools(tool), run: () => succeeds(tool, args) });
}

testRequiring("every package of the Rego has tests", {
  missing: missingTools(OPA),
  async run() {
    const verbose = await output(OPA, ["test", "--verbose", "."], { cwd: SOURCES });
    const tested = new Set([...verbose.matchAll(/^data\.(\S+)_test\.test_\S+: PASS/gm)].map(([, name]) => name));
    const folders = Array.from(Deno.readDirSync(`${SOURCES}kube_policies`)).filter(({ isDirectory }) => isDirectory);
    const untested = folders.map(({ name }) => `kube_policies.${name}`)
      .concat("kube_policies", "validating", "mutating").filter((name) => !tested.has(name));
    assert.deepEqual(
      untested.sort(),
      ["kube_policies.rules", "kube_policies.stages"],
      "tables, which main_test.rego reads",
    );
  },
});

testRequiring("the committed bundles are what the Rego is built to", {
  missing: missingTools(OPA),
  run: () =>
    succeeds(Deno.execPath(), [
      ...["run", "--quiet", "--allow-all"],
      new URL("build.ts", import.meta.url).pathname,
      "--check",
    ]),
});

async function succeeds(tool: string, args: readonly string[]): Promise<void> {
  await output(tool, args, { cwd: SOURCES });
}
