import assert from "node:assert/strict";
import type { AdmissionResponse } from "../../src/core/answer.ts";
import { kpCommand, type ServeProcess, serveProcess } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { post } from "../serve_fixture.ts";
import { denying, policyText } from "./policies.ts";

const POD = JSON.stringify(reviewOf(requestOf(goodPod({ hostNetwork: true }))));

async function answered(server: ServeProcess): Promise<AdmissionResponse> {
  return JSON.parse((await post(server, POD)).body).response;
}

Deno.test("F13: without any network but its own ports it starts, is ready, and answers", async () => {
  const permissions = ["--allow-read", "--allow-env", "--allow-run", "--allow-sys", "--allow-net=127.0.0.1"];
  await using server = await serveProcess(["--insecure-http"], { permissions });
  assert.equal((await answered(server)).allowed, true);
  const readyz = await fetch(`${server.operators}/readyz`);
  assert.deepEqual([readyz.status, await readyz.text()], [200, "ok\n"]);
  server.hangup();
  await server.logged("policies_replaced");
  assert.equal(await server.stop(), 0);
});

Deno.test("F18: of 1,000 policies all that are broken are told, each in its line", async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `policy_${i}`);
  const texts: Record<string, string> = {
    policy_7: "export default () => {",
    policy_70: "throw new Error('not today');",
    policy_700: policyText("policy_700", "return [];").replace("rules:", "rulez:"),
  };
  const files = Object.fromEntries(names.map((name) => [`${name}.ts`, texts[name] ?? policyText(name, "return [];")]));
  const config = denying([...names.map((name) => `./${name}.ts`), "./missing.ts", "host_netwrok"]);
  await withFiles({ ...files, "kp.yaml": config }, async (folder) => {
    const command = kpCommand(["serve", "--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    const { code, stderr } = await command.output();
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    assert.equal(code, 2, lines.join("\n"));
    const told = lines.map((line) => /^.*kp\.yaml:2:\d+: (policies\[\d+\][^:]*): found /.exec(line)?.[1] ?? line);
    const broken = [7, 70, 700, 1000, 1001].map((index) => `policies[${index}].use`);
    assert.deepEqual(new Set(told), new Set(broken));
  });
});

const FLAGS = ["--evaluators", "--evaluator-memory", "--drain"];
const NO_NUMBERS = [
  "-1",
  "1.5",
  "1e3",
  "0x10",
  "99999999999999999999",
  "9".repeat(400),
  "NaN",
  "Infinity",
  "",
  " 1",
  "٣",
];

for (const flag of FLAGS) {
  Deno.test(`F19: ${flag} takes whole numbers within its bounds only: exit code 2, one line`, async () => {
    for (const value of NO_NUMBERS) {
      const { code, out, err } = await runKp(["serve", "--insecure-http", `${flag}=${value}`]);
      assert.deepEqual([code, out], [2, ""], `${value}: ${err}`);
      const accepted = new RegExp(`^kp: Cannot read ${flag}: found .*, accepted a whole number of \\d+ to \\d+\n$`);
      assert.match(err, accepted);
      assert.ok(err.length < 250, err);
    }
  });
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

type Path = readonly (string | number)[];

/** Where a config has numbers. */
function numberPaths({ type, properties = {}, items }: Schema, path: Path = []): Path[] {
  if (type === "integer" || type === "number") return [path];
  const inner = Object.entries(properties).flatMap(([key, schema]) => numberPaths(schema, [...path, key]));
  return items ? [...inner, ...numberPaths(items, [...path, 0])] : inner;
}

/** A config in which the value stands there, as YAML. A list is that of policies, of which one may be fetched. */
function configWith(path: Path, value: string): string {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "string") return `{ ${step}: ${configWith(rest, value)} }`;
  return `[{ use: "https://a.example/b.tar.gz", ${configWith(rest, value).slice(1, -1)} }]`;
}

Deno.test("F19: numbers of the config are taken within their bounds only: exit code 2, one line with the place", async () => {
  const paths = numberPaths(JSON.parse((await runKp(["schema"])).out));
  assert.ok(paths.length >= 13, `${paths.length} numbers`);
  for (const path of paths) {
    const shown = path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("").slice(1);
    for (const value of ["-1", "1e30", "-1e400", ".nan", ".inf", '"5"', "[5]", "null"]) {
      await withFiles({ "kp.yaml": configWith(path, value) }, async (folder) => {
        const { code, out, err } = await runKp(["serve", "--insecure-http", "--config", `${folder}/kp.yaml`]);
        assert.deepEqual([code, out], [2, ""], `${shown} ${value}: ${err}`);
        const line = err.slice(folder.length);
        assert.match(line, /^\/kp\.yaml:1:\d+: [^\n]*: found [^\n]*, accepted a (whole )?number of [\d.]+ to \d+\n$/);
        assert.ok(line.includes(`: ${shown}: `), line);
      });
    }
  }
});

Deno.test("F22: two servers with other policies name their own in each answer", async () => {
  const files = { "a.yaml": denying(["host_network"]), "b.yaml": denying(["host_network", "host_pid"]) };
  await withFiles(files, async (folder) => {
    await using a = await serveProcess(["--insecure-http", "--config", `${folder}/a.yaml`]);
    await using b = await serveProcess(["--insecure-http", "--config", `${folder}/b.yaml`]);
    const revisions: unknown[] = [];
    for (const server of [a, b, a]) {
      const { auditAnnotations } = await answered(server);
      const [{ policy_revision }] = server.log();
      assert.equal(auditAnnotations.policy_revision, policy_revision);
      assert.match(await (await fetch(`${server.operators}/readyz?verbose`)).text(), new RegExp(`${policy_revision}`));
      revisions.push(policy_revision);
    }
    assert.equal(revisions[0], revisions[2]);
    assert.notEqual(revisions[0], revisions[1]);
    assert.deepEqual([await a.stop(), await b.stop()], [0, 0]);
  });
});
