import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import type { CheckReport, CheckViolation } from "../../src/report/check_report.ts";
import { requestFor } from "../../src/requests.ts";
import { applied } from "../answer_assertions.ts";
import { captures } from "../captures.ts";
import { runKp } from "../run_fixture.ts";
import { reviewed, SERVE_CONFIG, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

for (const endpoint of ["validating", "mutating"] as const) {
  test(`the ${endpoint} webhook answers every captured review by the rules, and as kp replay does`, async () => {
    const reviews = captures(endpoint);
    const answers = [];
    for (const { request } of reviews) answers.push(await reviewed(server, request, { endpoint }));
    assert.ok(answers.some(({ allowed }) => !allowed) === (endpoint === "validating"));
    assert.ok(answers.some(({ patch }) => patch !== undefined) === (endpoint === "mutating"));
  });
}

const caller = { operation: "CREATE", username: "alice", groups: ["dev"] } as const;
const FOLDER = new URL("../fixtures/manifests/", import.meta.url).pathname;

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  test(`kp check says of ${name} what the two webhooks do`, async () => {
    const object: Fields = JSON.parse(Deno.readTextFileSync(FOLDER + name));
    const args = ["check", FOLDER + name, "-o", "json", "-c", SERVE_CONFIG, "--as", "alice", "--as-group", "dev"];
    const { code, out } = await runKp(args);
    const { results: [result], errors } = JSON.parse(out) as CheckReport;
    assert.deepEqual(errors, []);

    const request = { ...requestFor(object, caller), uid: "same-verdict" };
    const mutating = await reviewed(server, request, { endpoint: "mutating" });
    const patched = mutating.patch ? applied(object, mutating.patch) : object;
    const validating = await reviewed(server, { ...request, object: patched });

    const { denied, warned, monitored } = validating.auditAnnotations;
    assert.deepEqual(
      result.violations.map(textOf).sort(),
      [
        ...entries("deny", denied),
        ...entries("warn", warned),
        ...entries("monitor", monitored),
      ].sort(),
    );
    assert.equal(code, validating.allowed ? 0 : 1);
    const { patches, dryrun } = mutating.auditAnnotations;
    assert.deepEqual(rulesOf(result, "patch"), rulesIn(patches));
    assert.deepEqual(rulesOf(result, "dryrun"), rulesIn(dryrun));
  });
}

function textOf({ stage, rule, message }: CheckViolation): string {
  return `${stage} ${rule}: ${message}`.replaceAll(", ", "; ");
}

function entries(stage: string, list: string | undefined): string[] {
  return list === undefined ? [] : list.split(", ").map((entry) => `${stage} ${entry}`);
}

function rulesOf({ patches }: CheckReport["results"][number], stage: "patch" | "dryrun"): string[] {
  return [...new Set(patches.filter((patch) => patch.stage === stage).map(({ rule }) => rule))].sort();
}

function rulesIn(annotation = ""): string[] {
  return [...annotation.matchAll(/(?:^|\], )(\w+): \[/g)].map(([, rule]) => rule).sort();
}
