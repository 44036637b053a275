import assert from "node:assert/strict";
import { childrenOf, type ServeProcess, serveProcess } from "../../test/process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { policyModule } from "../../test/evaluators/pool_fixture.ts";

/** What each does to the pod of its name. */
const ENDLESS: Record<string, string> = {
  loop: "for (;;) {}",
  regex: '/^(a+)+$/.test("a".repeat(40) + "b");',
  // (module (func (export "f") (loop (br 0))))
  wasm:
    `const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11];
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code))).exports.f();`,
  promise: "return new Promise(() => {});",
};

const FILES = {
  "kp.yaml": `environment: prod
policies: [{ use: host_network }${Object.keys(ENDLESS).map((name) => `, { use: ./${name}.ts }`).join("")}]
stages: { prod: { default: { validate: deny } } }
serve: { limits: { requestsPerSecond: 0 } }
`,
  ...Object.fromEntries(
    Object.entries(ENDLESS).map(([name, does]) => [
      `${name}.ts`,
      policyModule(`endless_${name}`, `if (object.metadata.name === "${name}") { ${does} }`),
    ]),
  ),
};

async function verdict({ webhook }: ServeProcess, name: string) {
  const started = performance.now();
  const request = requestOf(goodPod({}, { name }), { uid: crypto.randomUUID(), name });
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(reviewOf(request));
  const answer = await fetch(`${webhook}/validate?timeout=3s`, { method: "POST", headers, body });
  const { response } = await answer.json();
  assert.equal(response.uid, request.uid);
  return { allowed: response.allowed, message: response.status?.message, ms: performance.now() - started };
}

/** Asks for good pods 200 times a second until it is stopped; gives how long each took, in ms. */
function load(server: ServeProcess) {
  const taken: Promise<number>[] = [];
  const timer = setInterval(() => {
    taken.push(
      verdict(server, "good").then(({ allowed, ms }) => {
        assert.equal(allowed, true);
        return ms;
      }),
    );
  }, 5);
  return async () => {
    clearInterval(timer);
    return (await Promise.all(taken)).toSorted((a, b) => a - b);
  };
}

/** Seconds of processor time that a process and its evaluators took. */
function cpuSeconds(pid: number): number {
  const ticks = [pid, ...childrenOf(pid)].map((id) => {
    const stat = Deno.readTextFileSync(`/proc/${id}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / 100;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** All at once need as many evaluators: with fewer, one more starts first, which takes 100 ms. */
const WAYS: Record<string, { args: readonly string[]; apartMs: number }> = {
  "all at once, with as many evaluators": { args: ["--evaluators", "4"], apartMs: 0 },
  "one after another while the others run, with the usual evaluators": { args: [], apartMs: 300 },
};

for (const [way, { args, apartMs }] of Object.entries(WAYS)) {
  Deno.test(`F02: four endless requests, ${way}, are answered in time, and others are not kept waiting`, async () => {
    await withFiles(FILES, async (folder) => {
      await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, ...args]);
      await wait(500); // for the evaluator that stands by
      const stop = load(server);
      const endless = Object.keys(ENDLESS).map(async (name, i) => {
        await wait(i * apartMs);
        return await verdict(server, name);
      });
      for (const { allowed, message, ms } of await Promise.all(endless)) {
        assert.deepEqual([allowed, message], [false, "Failing closed"]);
        assert.ok(ms < 2700, `${ms} ms`);
      }
      const taken = await stop();
      const p99 = taken[Math.floor(taken.length * 0.99)];
      assert.ok(taken.length > 150 && p99 < 100, `p99 of ${taken.length} others: ${p99} ms`);
      await wait(4000);
      const before = cpuSeconds(server.pid);
      await wait(1000);
      const after = cpuSeconds(server.pid);
      assert.ok(after - before < 0.2, `${after - before} s of processor time in a second`);
    });
  });
}
