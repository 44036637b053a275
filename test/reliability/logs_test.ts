import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { kpCommand, type ServeProcess, serveProcess, until } from "../process_fixture.ts";
import { goodContainer, goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { type LogLine, post, type Serving } from "../serve_fixture.ts";
import { denying, policyText } from "./policies.ts";

const CONFIG = denying(["host_network"], "serve: { limits: { requestsPerSecond: 0 } }");

/** `kp serve` with its standard error in the test's hands. */
async function spawned(folder: string) {
  const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const child = kpCommand(["serve", "--insecure-http", ...ports, "--config", `${folder}/kp.yaml`]).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return { child, reader, server: JSON.parse(value!) as Serving };
}

async function lost({ operators }: Pick<Serving, "operators">): Promise<number> {
  const text = await (await fetch(`${operators}/metrics`)).text();
  return Number(/^kube_policies_log_lines_lost_total (\d+)$/m.exec(text)![1]);
}

/** Has that many requests denied, with a log line of about 2 KB each. */
async function deny(server: Serving, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const request = requestOf(goodPod({ hostNetwork: true }, { name: "n".repeat(1900) }), { uid: `denied-${i}` });
    const { status, body } = await post(server, JSON.stringify(reviewOf(request)));
    assert.equal(status, 200);
    assert.deepEqual([JSON.parse(body).response.uid, JSON.parse(body).response.allowed], [request.uid, false]);
  }
}

Deno.test("F15: with the log's pipe closed, requests are answered, and the lost lines are counted", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const { child, reader, server } = await spawned(folder);
    await using _ = child;
    await reader.cancel();
    await deny(server, 20);
    await until(async () => await lost(server) === 20, "20 lines are counted as lost");
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
  });
});

Deno.test("F15: with the log's reader stuck, requests are answered; what it gets later are whole lines", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const { child, reader, server } = await spawned(folder);
    await using _ = child;
    while (await lost(server) === 0) await deny(server, 100);
    let text = "";
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    })();
    await until(() => text.split("\n").length > 500, "the queue is written");
    await deny(server, 1);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
    await reading;
    const lines = text.trim().split("\n").map((line): LogLine => JSON.parse(line));
    assert.deepEqual(lines.slice(-2).map(({ event }) => event), ["denied", "stopping"]);
  });
});

Deno.test("F15: a log that nobody reads any more does not keep the process from ending", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const { child, reader, server } = await spawned(folder);
    await using _ = child;
    while (await lost(server) === 0) await deny(server, 100);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
    await reader.cancel();
  });
});

const CANARY = "c4n4ry-7f3a9";

const POLICIES: Record<string, string> = {
  finds: `return JSON.stringify(object).includes("nobody") ? [] : deny("found");`,
  warns: `return deny("warned");`,
  loops: `if (object.metadata.name === "loop") for (;;); return [];`,
  fills:
    `if (object.metadata.name === "fill") { const all = []; for (;;) all.push({ ...object, all: [...all] }); } return [];`,
  rejects: `if (object.metadata.name === "reject") Promise.reject(new Error(JSON.stringify(object))); return [];`,
  parses: `JSON.parse(object.metadata.annotations?.note ?? "{}"); return [];`,
  breaks: `if (object.metadata.name === "break") object.spec.no.such; return [];`,
};

/** Pods, Secrets and their likes with the canary wherever content may be. */
function objects(): Fields[] {
  const spec = {
    containers: [goodContainer({ env: [{ name: "TOKEN", value: CANARY }], args: [CANARY], command: [CANARY] })],
  };
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": CANARY, note: CANARY };
  const labels = { note: CANARY };
  const pods = ["web", "loop", "fill", "reject", "break"].map((name) => goodPod(spec, { name, annotations, labels }));
  const malformed = goodPod({ containers: { [CANARY]: CANARY } });
  const metadata = { name: "s", namespace: "payments", annotations };
  const encoded = btoa(CANARY);
  const secret = { apiVersion: "v1", kind: "Secret", metadata, data: { k: encoded }, stringData: { k: CANARY } };
  return [...pods, malformed, secret];
}

async function provoke(server: ServeProcess): Promise<void> {
  for (const object of objects()) {
    for (const path of ["/validate", "/mutate"]) {
      const asked = [requestOf(object), requestOf(object, { operation: "UPDATE", oldObject: object })];
      for (const request of asked) {
        const { status } = await post(server, JSON.stringify(reviewOf(request)), { path: `${path}?timeout=1s` });
        assert.equal(status, 200);
      }
    }
  }
  for (const body of [`{"${CANARY}`, `"${CANARY}"`, JSON.stringify({ kind: CANARY, request: CANARY })]) {
    assert.equal((await post(server, body)).status, 400);
  }
  assert.equal((await post(server, "{}", { path: `/${CANARY}?${CANARY}=1` })).status, 404);
  assert.equal((await post(server, "{}", { headers: { "content-type": CANARY } })).status, 415);
}

Deno.test("A10: no content of an object, and no secret of the config, is in the log, metrics, readiness or a reload's answer", async () => {
  const uses = Object.keys(POLICIES).map((name) => `./${name}.ts`);
  const stages = `stages: { prod: { default: { validate: deny, mutate: patch }, warns: warn } }`;
  const config = denying([...uses, "platform"]).replace(/stages: .*/, stages);
  const modules = Object.entries(POLICIES).map(([name, body]) => [`${name}.ts`, policyText(name, body)]);
  await withFiles({ ...Object.fromEntries(modules), "kp.yaml": config }, async (folder) => {
    const args = ["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1", "--evaluator-memory", "128"];
    await using server = await serveProcess(args, { env: { KP_TOKEN: CANARY } });
    await provoke(server);
    const answers: string[] = [];
    const secrets = [
      `fetch: { token: ${CANARY} }`,
      `fetch: { username: a, password: ${CANARY} }`,
      `fetch: { token: { env: "${CANARY} =" } }`,
      `verify: { key: { env: KP_TOKEN } }`,
    ];
    for (const secret of secrets) {
      const use = `{ use: "https://${CANARY}:${CANARY}@127.0.0.1:9/b.tar.gz?token=${CANARY}", ${secret} }`;
      await Deno.writeTextFile(`${folder}/kp.yaml`, `policies: [${use}]`);
      answers.push(await (await fetch(`${server.operators}/-/reload`, { method: "POST" })).text());
    }
    for (const path of ["/metrics", "/readyz?verbose", `/${CANARY}`]) {
      answers.push(await (await fetch(server.operators + path)).text());
    }
    assert.equal(await server.stop(), 0);
    const events = new Set(server.log().map(({ event }) => event));
    for (const event of ["denied", "failure", "evaluator_ended", "policies_not_replaced"]) {
      assert.ok(events.has(event), `no ${event} in ${[...events]}`);
    }
    for (const output of [...server.lines(), ...answers]) {
      assert.ok(!output.includes(CANARY) && !output.includes(btoa(CANARY).slice(0, 12)), output);
    }
  });
});

Deno.test("A09: hostile names, users, uids, messages and addresses stay inside one short line each", async () => {
  const policy = policyText("speaks", `return deny(object.metadata.name);`);
  await withFiles({ "kp.yaml": denying(["./speaks.ts"]), "speaks.ts": policy }, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    const texts = ['\r\n{"event":"forged"}\n', "\u001b[2J\u009b31m\u007f", "\u2028\u2029\u0085", "\0", "x".repeat(1e6)];
    for (const text of texts) {
      const request = requestOf(goodPod({}, { name: text, namespace: text }), {
        userInfo: { username: text, groups: [text] },
        uid: `uid-${text.slice(0, 100)}`,
      });
      await post(server, JSON.stringify(reviewOf(request)), {
        path: `/validate?${encodeURIComponent(text.slice(0, 99))}`,
      });
    }
    assert.equal(await server.stop(), 0);
    for (const line of server.lines()) {
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      assert.ok(line.length < 8192, `${line.length} characters`);
      assert.notEqual(JSON.parse(line).event, "forged");
    }
  });
});

Deno.test("a dry run has no effect but the metrics' dry_run label", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    const results: { answer: string; line: LogLine; grown: string[] }[] = [];
    const files = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
    const before = files();
    for (const dryRun of [false, true]) {
      const metrics = await samples(server);
      const request = requestOf(goodPod({ hostNetwork: true }), { dryRun });
      const { body } = await post(server, JSON.stringify(reviewOf(request)));
      const { time: _, ...line } = await server.logged("denied", results.length + 1);
      const grown = [...await samples(server)].filter((sample) => !metrics.has(sample));
      results.push({ answer: body, line, grown });
    }
    const [real, dry] = results;
    assert.equal(dry.answer, real.answer);
    assert.deepEqual(dry.line, real.line);
    const named = ({ grown }: typeof real) => grown.map((sample) => sample.replace(/ \S+$/, "")).toSorted();
    assert.deepEqual(named(dry), named(real).map((name) => name.replace('dry_run="false"', 'dry_run="true"')));
    assert.deepEqual(files(), before);
    assert.equal(await server.stop(), 0);
  });
});

/** Of counters; durations fall into any bucket. */
async function samples({ operators }: Serving): Promise<Set<string>> {
  const text = await (await fetch(`${operators}/metrics`)).text();
  return new Set(text.split("\n").filter((line) => /_total\{/.test(line)));
}
