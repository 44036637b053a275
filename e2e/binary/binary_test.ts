/** The compiled `kp`: the same commands with the same outcome as from source, and `kp serve` as in a cluster. */
import assert from "node:assert/strict";
import type { Endpoint } from "../../src/core/decision.ts";
import { VERSION } from "../../src/version.ts";
import { assertReview } from "../../test/answer_assertions.ts";
import { captures } from "../../test/captures.ts";
import { type ServeProcess, serveProcess } from "../../test/process_fixture.ts";
import { assertSameReplay } from "../../test/replay_assertions.ts";
import { goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { testRequiring } from "../../test/requiring.ts";
import { runKp, withFiles } from "../../test/run_fixture.ts";
import { post } from "../../test/serve_fixture.ts";
import { TLS_FOLDER } from "../../test/tls_fixture.ts";
import { binary, missingBinary } from "./binary.ts";

const FIXTURES = new URL("../../test/fixtures/", import.meta.url).pathname;

/** TypeScript, of which the binary strips the types itself. */
const DISK_POLICY = `import type { PolicyFactory } from "kube-policies/contract";

interface Named { readonly metadata?: { readonly name?: string } }

const policy: PolicyFactory = (kit) => ({
  name: "disk",
  metadata: { title: "t", description: "d", severity: "low", controls: [], remediation: "r" },
  match: kit.pods,
  rules: ["deny_by_name"],
  validate({ object }) {
    const { name } = (object as Named).metadata ?? {};
    if (name === "greedy") { const all: number[][] = []; for (;;) all.push(new Array<number>(1e5).fill(all.length)); }
    return name === "bad" ? [{ rule: "deny_by_name", message: \`no \${name satisfies string}\` }] : [];
  },
});

export default policy;
`;

const CONFIG = `environment: prod
policies:
  - use: platform
  - use: pod-security
    options: { level: restricted }
  - use: ./disk.ts
  - use: ${FIXTURES}rego/forms/tutorial.tar.gz
stages: { prod: { default: { validate: deny, mutate: patch } } }
serve: { drainSeconds: 0 }
`;

const FILES = { "kp.yaml": CONFIG, "disk.ts": DISK_POLICY };

const COMMANDS: Record<string, { args: readonly string[]; code: number }> = {
  "--version": { args: ["--version"], code: 0 },
  "--help": { args: ["--help"], code: 0 },
  "schema": { args: ["schema"], code: 0 },
  "config print": { args: ["config", "print", "--config", "$FOLDER/kp.yaml"], code: 0 },
  "check of a pod that is denied": {
    args: ["check", "--config", "$FOLDER/kp.yaml", `${FIXTURES}manifests/pod-every-violation.json`],
    code: 1,
  },
  "check of a pod that complies": { args: ["check", `${FIXTURES}manifests/pod-compliant.json`], code: 0 },
  "check of a folder, as JSON": {
    args: ["check", "--config", "$FOLDER/kp.yaml", "--output", "json", `${FIXTURES}manifests`],
    code: 1,
  },
  "check of nothing": { args: ["check", "$FOLDER/missing.yaml"], code: 2 },
  "replay of captures": {
    args: ["replay", "--config", "$FOLDER/kp.yaml", `${FIXTURES}captures/validating.jsonl`],
    code: 0,
  },
  "replay of captures of the mutating webhook": {
    args: ["replay", "--config", "$FOLDER/kp.yaml", "--endpoint", "mutating", `${FIXTURES}captures/mutating.jsonl`],
    code: 0,
  },
  "a command that there is not": { args: ["chekc"], code: 2 },
};

for (const [name, { args, code }] of Object.entries(COMMANDS)) {
  testRequiring(`the compiled binary gives what the source does: ${name}`, {
    missing: missingBinary,
    run: () =>
      withFiles(FILES, async (folder) => {
        const own = args.map((arg) => arg.replace("$FOLDER", folder));
        const output = await new Deno.Command(await binary(), { args: own, stdin: "null" }).output();
        const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
        const expected = await runKp(own);
        assert.deepEqual({ code: output.code, out, err }, expected);
        assert.equal(code, expected.code);
        assert.notEqual(out + err, "");
      }),
  });
}

testRequiring("the compiled binary tells the version of the package", {
  missing: missingBinary,
  async run() {
    const { stdout } = await new Deno.Command(await binary(), { args: ["--version"] }).output();
    assert.equal(new TextDecoder().decode(stdout), `${VERSION}\n`);
  },
});

/** `kp serve` of the binary over HTTPS, with two evaluators. */
async function withServer(use: (server: ServeProcess, config: string) => Promise<void>, args: readonly string[] = []) {
  await withFiles(FILES, async (folder) => {
    const config = `${folder}/kp.yaml`;
    const tls = ["--tls-cert", `${TLS_FOLDER}localhost.crt`, "--tls-key", `${TLS_FOLDER}localhost.key`];
    const own = ["--config", config, "--evaluators", "2", ...tls, ...args];
    await using server = await serveProcess(own, { binary: await binary() });
    await use(server, config);
    assert.equal(await server.stop(), 0, server.text());
  });
}

/** The audit annotation `denied` of a pod by that name, whose image the bundle trusts. */
async function denied(server: ServeProcess, name: string, image = "registry.acme.example/app:1"): Promise<string> {
  const { containers: [container], ...spec } = goodPod().spec as { containers: Record<string, unknown>[] };
  const object = goodPod({ ...spec, containers: [{ ...container, image }] }, { name });
  const request = requestOf(object, { uid: crypto.randomUUID(), name });
  const answered = await post(server, JSON.stringify(reviewOf(request)));
  const { allowed, uid, auditAnnotations } = JSON.parse(answered.body).response;
  assert.equal(uid, request.uid);
  assert.equal(allowed, auditAnnotations.denied === undefined && auditAnnotations["failing-closed"] === undefined);
  return auditAnnotations.denied ?? auditAnnotations["failing-closed"] ?? "";
}

testRequiring("the compiled binary serves HTTPS with evaluators that are itself, TypeScript from disk and Rego", {
  missing: missingBinary,
  run: () =>
    withServer(async (server) => {
      const path = await binary();
      const evaluators = server.evaluators();
      assert.equal(evaluators.length, 2);
      for (const pid of evaluators) assert.equal(Deno.readLinkSync(`/proc/${pid}/exe`), Deno.realPathSync(path));
      assert.equal(await denied(server, "good"), "");
      assert.match(await denied(server, "bad"), /^deny_by_name: no bad/);
      assert.match(
        await denied(server, "good", "other.example/app:1"),
        /image 'other.example\/app:1' comes from untrusted/,
      );
    }),
});

for (const endpoint of ["validating", "mutating"] as const satisfies Endpoint[]) {
  testRequiring(`the compiled binary answers what a real API server sent as the source does: ${endpoint}`, {
    missing: missingBinary,
    run: () =>
      withServer(async (server, config) => {
        const path = endpoint === "validating" ? "/validate" : "/mutate";
        await Promise.all(
          captures(endpoint).map(async ({ apiVersion, request }) => {
            const review = JSON.stringify(reviewOf(request, apiVersion));
            const answered = await post(server, review, { path });
            assertReview(answered, { apiVersion, request, endpoint });
            await assertSameReplay(review, { answer: answered.body, endpoint, config });
          }),
        );
      }),
  });
}

testRequiring("in the compiled binary a policy that takes memory without end ends its evaluator and nothing else", {
  missing: missingBinary,
  run: () =>
    withServer(async (server) => {
      const before = server.evaluators();
      const [greedy, ...others] = await Promise.all(
        ["greedy", ...Array(20).fill("bad")].map((name) => denied(server, name)),
      );
      assert.match(greedy, /failing closed/i);
      for (const other of others) assert.match(other, /^deny_by_name: no bad/);
      const { last_words, policy } = await server.logged("evaluator_ended");
      assert.deepEqual({ last_words, policy }, { last_words: "out of memory", policy: "disk" });
      assert.equal(server.evaluators().filter((pid) => before.includes(pid)).length, 1);
      assert.match(await denied(server, "bad"), /^deny_by_name: no bad/);
    }, ["--evaluator-memory", "160"]),
});
