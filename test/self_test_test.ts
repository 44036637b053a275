import assert from "node:assert/strict";
import { SERVE_CONFIG } from "./serve_fixture.ts";
import { runKp, withFiles } from "./run_fixture.ts";
import { CASES, chosenCases } from "./policies/write_cases.ts";
import { serveProcess } from "./process_fixture.ts";

Deno.test("policies/cases.json holds the cases of the case files (test/policies/write_cases.ts writes it)", () => {
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(CASES)), chosenCases());
});

/** A module with one case: what `validate` does, and what the case says of it. */
function moduleWith(validate: string, violations: string): string {
  return `export default () => ({
  name: "labels",
  metadata: { title: "Labels", description: "d", severity: "low", controls: [], remediation: "r" },
  match: [{ group: "", kinds: ["Pod"] }],
  rules: ["ensure_labels"],
  cases: [{ name: "a bare pod", object: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }, violations: ${violations} }],
  validate: ({ object }) => { ${validate} },
});
`;
}

const REPORTS = 'return object.metadata.labels ? [] : [{ rule: "ensure_labels", message: "none" }];';

const REFUSED: Record<string, { module: string; cause: RegExp }> = {
  "says something else": {
    module: moduleWith(REPORTS, "[]"),
    cause: /policy labels, case "a bare pod": found the violations \["ensure_labels: none"\], accepted \[\]/,
  },
  "throws": {
    module: moduleWith('throw new Error("boom");', "[]"),
    cause: /policy labels, case "a bare pod": found boom/,
  },
  "never ends": {
    module: moduleWith("for (;;) {}", "[]"),
    cause: /policy labels: it did not end the self-test within 10 s/,
  },
  "breaks down on an ordinary pod": {
    module: moduleWith('if (object.spec) throw new Error("boom"); return [];', "[]"),
    cause: /policy labels, an ordinary Pod: found boom/,
  },
};

const CONFIG = "policies: [{ use: ./labels.ts }]";

for (const [name, { module, cause }] of Object.entries(REFUSED)) {
  Deno.test(`kp serve does not start with a policy that ${name} in its self-test`, async () => {
    await withFiles({ "kp.yaml": CONFIG, "labels.ts": module }, async (folder) => {
      const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
      const { code, err } = await runKp(["serve", "--insecure-http", ...ports, "-c", `${folder}/kp.yaml`]);
      assert.equal(code, 2);
      assert.match(err, cause);
      assert.equal(err.trim().split("\n").filter((line) => !line.startsWith("{")).length, 1);
    });
  });
}

Deno.test("a policy whose cases hold serves, and one whose cases fail is not taken over", async () => {
  const good = moduleWith(REPORTS, '["ensure_labels: none"]');
  await withFiles({ "kp.yaml": CONFIG, "labels.ts": good }, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`]);
    await Deno.writeTextFile(`${folder}/labels.ts`, moduleWith(REPORTS, "[]"));
    const answer = await fetch(`${server.operators}/-/reload`, { method: "POST" });
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /policy labels, case "a bare pod": found the violations/);
    const ready = await fetch(`${server.operators}/readyz?verbose`);
    assert.equal(ready.status, 200);
    assert.match(await ready.text(), /\[-\]reload failed/);
  });
});

Deno.test("the policies of the tests' own config hold", async () => {
  await using server = await serveProcess(["--insecure-http", "--config", SERVE_CONFIG]);
  assert.equal((await fetch(`${server.operators}/readyz`)).status, 200);
});
