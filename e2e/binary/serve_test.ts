/** `kp serve` as a binary and as in a cluster: HTTPS, and evaluators that are the same binary. */
import assert from "node:assert/strict";
import type { Endpoint } from "../../src/core/decision.ts";
import { assertReview } from "../../test/answer_assertions.ts";
import { captures } from "../../test/captures.ts";
import { kpCommand, type ServeProcess, serveProcess, until } from "../../test/process_fixture.ts";
import { assertSameReplay } from "../../test/replay_assertions.ts";
import { goodContainer, goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { testRequiring } from "../../test/requiring.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { post } from "../../test/serve_fixture.ts";
import { TLS_FOLDER } from "../../test/tls_fixture.ts";
import { binary, missingBinary } from "./binary.ts";
import { FILES } from "./config.ts";

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

/** Why a pod by that name is denied; empty where it is not. */
async function denied(server: ServeProcess, name: string, image = "registry.example.com/app:1"): Promise<string> {
  const object = goodPod({ containers: [goodContainer({ image })] }, { name });
  const request = requestOf(object, { uid: crypto.randomUUID(), name });
  const answered = await post(server, JSON.stringify(reviewOf(request)));
  const { allowed, uid, auditAnnotations } = JSON.parse(answered.body).response;
  assert.equal(uid, request.uid);
  assert.equal(allowed, auditAnnotations.denied === undefined && auditAnnotations["failing-closed"] === undefined);
  return auditAnnotations.denied ?? auditAnnotations["failing-closed"] ?? "";
}

/** By then the server has seen whether connections still come in. */
const LOOKED_AT_MS = 5000;

testRequiring("the compiled binary serves HTTPS with evaluators that are itself, TypeScript from disk and Rego", {
  missing: missingBinary,
  run: () =>
    withServer(async (server) => {
      const path = await binary();
      await until(() => server.evaluators().length === 3, "two evaluators, and one that stands by");
      for (const pid of server.evaluators()) {
        assert.equal(Deno.readLinkSync(`/proc/${pid}/exe`), Deno.realPathSync(path));
      }
      assert.equal(await denied(server, "good"), "");
      assert.match(await denied(server, "bad"), /^deny_by_name: no bad/);
      const latest = "registry.example.com/app:latest";
      assert.match(await denied(server, "good", latest), /^deny_floating_image: Container app runs registry/);
    }),
});

testRequiring("the compiled binary serves on, its operators too, and takes over changed policies", {
  missing: missingBinary,
  run: () =>
    withServer(async (server, config) => {
      assert.match(await denied(server, "bad"), /^deny_by_name: no bad/);
      await Deno.writeTextFile(config, FILES["kp.yaml"].replace("  - use: ./disk.ts\n", ""));
      server.hangup();
      await server.logged("policies_replaced");
      await new Promise((resolve) => setTimeout(resolve, LOOKED_AT_MS));
      assert.equal(await denied(server, "bad"), "");
      assert.equal(await (await fetch(`${server.operators}/readyz`)).text(), "ok\n");
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
      await until(() => server.evaluators().length === 3, "two evaluators, and one that stands by");
      const before = server.evaluators();
      const names = ["greedy", ...Array<string>(20).fill("bad")];
      const [greedy, ...others] = await Promise.all(names.map((name) => denied(server, name)));
      assert.match(greedy, /failing closed/i);
      for (const other of others) assert.match(other, /^deny_by_name: no bad/);
      const { policy, cause } = await server.logged("evaluator_ended");
      assert.deepEqual({ policy, cause }, { policy: "disk", cause: "it took more than 160 MiB" });
      const left = new Set(before).intersection(new Set(server.evaluators()));
      assert.equal(left.size, 2);
      assert.match(await denied(server, "bad"), /^deny_by_name: no bad/);
    }, ["--evaluator-memory", "160"]),
});

const GREEDY = `const all: unknown[] = [];
for (;;) all.push(new Array(1e5).fill(all.length));
export default () => all;
`;

const REFUSED: Record<string, { args: readonly string[]; says: RegExp }> = {
  "policies that take memory without end when they are loaded": {
    args: ["--insecure-http", "--config", "$FOLDER/greedy.yaml", "--evaluator-memory", "160"],
    says: /^kp: evaluators: it took more than 672 MiB$/m,
  },
  // Deno 2.6 heeds neither that it should ask for certificates nor that it should refuse who has none.
  "CAs of clients, of whom it could not ask a certificate": {
    args: [
      ...["--tls-cert", `${TLS_FOLDER}localhost.crt`, "--tls-key", `${TLS_FOLDER}localhost.key`],
      ...["--tls-client-ca", `${TLS_FOLDER}client_ca.crt`],
    ],
    says: /^kp: Cannot use the certificate .*: with client CAs, this version of Deno would serve clients without/m,
  },
};

for (const [name, { args, says }] of Object.entries(REFUSED)) {
  testRequiring(`the compiled binary does not serve with ${name}`, {
    missing: missingBinary,
    run: () =>
      withFiles({ "greedy.ts": GREEDY, "greedy.yaml": "policies: [{ use: ./greedy.ts }]\n" }, async (folder) => {
        const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--evaluators", "1"];
        const own = ["serve", ...ports, ...args.map((arg) => arg.replace("$FOLDER", folder))];
        const { code, stderr } = await kpCommand(own, { binary: await binary() }).output();
        assert.equal(code, 2);
        assert.match(new TextDecoder().decode(stderr), says);
      }),
  });
}
