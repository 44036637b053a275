import assert from "node:assert/strict";
import { Bundles } from "../../src/bundles.ts";
import { build, readConfig } from "../../src/load.ts";
import { readPolicies } from "../../src/policy_sources.ts";
import { resolvePolicies } from "../../src/policy_resolver.ts";
import { policyModule } from "../evaluators/pool_fixture.ts";
import { serveProcess } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { post } from "../serve_fixture.ts";

const CONFIG = `environment: prod
policies: [{ use: ./labels.ts }]
stages: { prod: { default: { validate: deny } } }
`;
const DENIES = policyModule("labels", `return [{ rule: "deny_it", message: "denied" }];`);
const ALLOWS = policyModule("labels", "");

const SWAPS: Record<string, (path: string) => Promise<void>> = {
  "is written over": (path) => Deno.writeTextFile(path, ALLOWS),
  "is replaced by a link": async (path) => {
    await Deno.writeTextFile(`${path}.other`, ALLOWS);
    await Deno.remove(path);
    await Deno.symlink(`${path}.other`, path);
  },
  "is gone": (path) => Deno.remove(path),
};

for (const [what, swap] of Object.entries(SWAPS)) {
  Deno.test(`A12: what was read and digested is what runs, also when the file ${what} meanwhile`, () =>
    withFiles({ "kp.yaml": CONFIG, "labels.ts": DENIES }, async (folder) => {
      const config = await readConfig(`${folder}/kp.yaml`);
      const { entries, issues } = await readPolicies(config, new Bundles(() => undefined));
      await swap(`${folder}/labels.ts`);
      const { policies: [{ policy, origin }] } = await resolvePolicies(entries);
      const subject = { object: goodPod() } as unknown as Parameters<NonNullable<typeof policy.validate>>[0];
      const found = policy.validate!(subject, undefined, {} as never);
      assert.deepEqual([issues.length, JSON.stringify(found)], [
        0,
        JSON.stringify([{ rule: "deny_it", message: "denied" }]),
      ]);
      const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(DENIES)));
      assert.equal(origin, `sha256:${bytes.toHex()}`);
    }));
}

Deno.test("A12: an evaluator that is started anew runs what was read at the start, not what the file has since", () =>
  withFiles({ "kp.yaml": CONFIG, "labels.ts": DENIES }, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--evaluators", "1", "--config", `${folder}/kp.yaml`]);
    const allowed = async () => {
      const { body } = await post(server, JSON.stringify(reviewOf(requestOf(goodPod()))));
      return JSON.parse(body).response.allowed;
    };
    assert.equal(await allowed(), false);
    // Of the same length and time, as who tampers would have it: no reload is asked for.
    const { mtime } = await Deno.stat(`${folder}/labels.ts`);
    await Deno.writeTextFile(`${folder}/labels.ts`, ALLOWS.padEnd(DENIES.length));
    await Deno.utime(`${folder}/labels.ts`, mtime!, mtime!);
    for (const pid of server.evaluators()) Deno.kill(pid, "SIGKILL");
    assert.equal(await allowed(), false);
  }));

Deno.test("A12: a module does not pass for a shipped policy", () =>
  withFiles({
    "kp.yaml": "policies: [{ use: host_network }, { use: ./other.ts }]",
    "other.ts": policyModule("host_network", ""),
  }, async (folder) => {
    const options = { environment: undefined, fallback: { validate: "monitor", mutate: "dryrun" } } as const;
    await assert.rejects(async () => build(await readConfig(`${folder}/kp.yaml`), options), /host_network/);
  }));
