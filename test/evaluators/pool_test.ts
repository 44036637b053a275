import assert from "node:assert/strict";
import { childrenOf, until } from "../process_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { policyModule, withPool } from "./pool_fixture.ts";

const ENDLESS: Record<string, string> = {
  "a loop": `if (object.metadata.name === "bad") for (;;) {}`,
  "a regular expression": `if (object.metadata.name === "bad") /^(a+)+$/.test("a".repeat(40) + "b");`,
  // (module (func (export "f") (loop (br 0))))
  "a loop in WebAssembly": `if (object.metadata.name === "bad") {
    const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11];
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code))).exports.f();
  }`,
};

const CONFIG = `environment: prod
policies: [{ use: host_network }, { use: ./endless.ts }]
stages: { prod: { default: { validate: deny } } }
`;

const pod = (name: string, spec = {}, namespace = "payments") =>
  requestOf(goodPod(spec, { name, namespace }), { uid: crypto.randomUUID(), name, namespace });

for (const [what, validate] of Object.entries(ENDLESS)) {
  Deno.test(`${what} without end is answered in time, closed, and what others deny counts`, async () => {
    await withPool({ "kp.yaml": CONFIG, "endless.ts": policyModule("endless", validate) }, async ({ ask, told }) => {
      const [bad, worse, good] = await Promise.all([
        ask(pod("bad")),
        ask(pod("bad", { hostNetwork: true })),
        ask(pod("a")),
      ]);
      assert.equal(good.response.allowed, true);
      assert.deepEqual([bad.response.allowed, bad.response.status?.message], [false, "Failing closed"]);
      assert.match(worse.response.auditAnnotations.denied, /^deny_host_network: /);
      assert.equal(worse.response.auditAnnotations["failing-closed"], undefined);
      for (const { ms } of [bad, worse, good]) assert.ok(ms < 2000, `${ms}`);
      const [failure] = bad.summary.failures;
      assert.deepEqual([failure.policy, /^it did not answer within [\d.]+ s$/.test(failure.cause)], ["endless", true]);
      assert.equal(told.filter(({ event }) => event === "evaluator_ended").length, 2);
    });
  });
}

const STAGES: Record<string, { config: string; allowed: boolean; annotation?: string }> = {
  "at stage monitor": { config: "stages: { prod: { endless: monitor } }", allowed: true },
  "at stage warn": { config: "stages: { prod: { endless: warn } }", allowed: true },
  "at stage deny": { config: "stages: { prod: { endless: deny } }", allowed: false, annotation: "failing-closed" },
  "that is to fail open": {
    config: "stages: { prod: { endless: deny } }\nfailure: { validate: closed }",
    allowed: true,
    annotation: "failing-open",
  },
  "in a namespace that is to fail open": {
    config: "stages: { prod: { endless: deny } }\nfailure: { namespaces: { payments: open } }",
    allowed: true,
    annotation: "failing-open",
  },
};

for (const [what, { config, allowed, annotation }] of Object.entries(STAGES)) {
  Deno.test(`a policy ${what} that does not end within its own time is answered so`, async () => {
    const own = what.includes("that is to fail open") ? ", failure: open" : "";
    const text = `environment: prod\npolicies: [{ use: ./endless.ts, timeoutSeconds: 0.1${own} }]\n${config}\n`;
    const files = { "kp.yaml": text, "endless.ts": policyModule("endless", ENDLESS["a loop"]) };
    await withPool(files, async ({ ask }) => {
      const { response, ms } = await ask(pod("bad"), { timeoutMs: 5000 });
      assert.equal(response.allowed, allowed);
      for (const key of ["failing-closed", "failing-open"]) {
        assert.equal(response.auditAnnotations[key] !== undefined, key === annotation, key);
      }
      assert.ok(ms < 2500, `${ms}: half of the time to the deadline, which its own time is below`);
    });
  });
}

Deno.test("a policy that evaluators are ended for again and again is not asked any more, and the others are", async () => {
  const files = { "kp.yaml": CONFIG, "endless.ts": policyModule("endless", ENDLESS["a loop"]) };
  await withPool(files, async ({ ask, told, pool }) => {
    for (let i = 0; i < 2; i++) await ask(pod("bad"), { timeoutMs: 600 });
    await until(() => pool.quarantined.size === 1, "the policy in quarantine");
    const { response, summary, ms } = await ask(pod("bad"));
    assert.deepEqual([response.allowed, ms < 250], [false, true]);
    assert.match(summary.failures[0].cause, /^quarantined: 2 evaluators were ended for it within 600 s$/);
    const denied = await ask(pod("a", { hostNetwork: true }));
    assert.match(denied.response.auditAnnotations.denied, /^deny_host_network: /);
    assert.equal(told.filter(({ event }) => event === "policy_quarantined").length, 1);
  }, { quarantineAfter: 2 });
});

Deno.test("a policy that takes memory without end fails alone, and evaluators are there again", async () => {
  const take =
    `if (object.metadata.name === "bad") { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }`;
  const buffers =
    `if (object.metadata.name === "bad") { const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1)); }`;
  for (const validate of [take, buffers]) {
    const files = { "kp.yaml": CONFIG, "endless.ts": policyModule("endless", validate) };
    await withPool(files, async ({ ask }) => {
      const [bad, good] = await Promise.all([ask(pod("bad"), { timeoutMs: 4000 }), ask(pod("a"), { timeoutMs: 4000 })]);
      assert.deepEqual([bad.response.allowed, good.response.allowed], [false, true]);
      assert.deepEqual(bad.summary.failures.map(({ policy }) => policy), ["endless"]);
      assert.equal((await ask(pod("a"))).response.allowed, true);
    }, { memory: 160 });
  }
});

Deno.test("reviews whose evaluators are killed from outside are answered by others, each with its own verdict", async () => {
  const files = { "kp.yaml": CONFIG, "endless.ts": policyModule("endless", "") };
  await withPool(files, async ({ ask }) => {
    let killed = 0;
    const end = performance.now() + 3000;
    const killing = (async () => {
      while (performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        const [pid] = childrenOf(Deno.pid);
        if (pid !== undefined) Deno.kill(pid, "SIGKILL");
        killed++;
      }
    })();
    let asked = 0;
    while (performance.now() < end) {
      const requests = Array.from({ length: 8 }, (_, i) => pod(`p${asked++}`, { hostNetwork: i % 2 === 0 }));
      const answers = await Promise.all(requests.map((request) => ask(request)));
      answers.forEach(({ response }, i) => {
        assert.equal(response.uid, requests[i].uid);
        assert.equal(response.allowed, i % 2 === 1);
        assert.equal(response.auditAnnotations["failing-closed"], undefined);
      });
    }
    await killing;
    assert.ok(killed > 5 && asked > 200, `${killed} killed, ${asked} asked`);
  });
});

Deno.test("where no evaluator answers, critical, breakglass, unchanged pods and open namespaces pass, and no other", async () => {
  const config = `${CONFIG}breakglass: { users: [ops@acme.example] }
critical: [{ namespace: ingress, kind: Pod, name: proxy }]
`;
  const endless = `if (object.metadata.name !== "self-test") for (;;) {}`;
  await withPool({ "kp.yaml": config, "endless.ts": policyModule("endless", endless) }, async ({ ask }) => {
    const verdict = async (request: ReturnType<typeof pod>, endpoint?: "mutating") =>
      (await ask(request, { timeoutMs: 300, endpoint })).response;
    const bad = pod("a", { hostNetwork: true });
    const [plain, critical, breakglass, unchanged, system, patched] = await Promise.all([
      verdict(bad),
      verdict(pod("proxy", { hostNetwork: true }, "ingress")),
      verdict({ ...bad, userInfo: { username: "ops@acme.example" } }),
      verdict({ ...bad, operation: "UPDATE", oldObject: structuredClone(bad.object) }),
      verdict(pod("a", {}, "kube-system")),
      verdict(pod("a"), "mutating"),
    ]);
    assert.deepEqual([plain.allowed, critical.allowed, breakglass.allowed], [false, true, true]);
    assert.deepEqual([unchanged.allowed, system.allowed, patched.allowed], [true, true, true]);
    assert.equal(critical.auditAnnotations.critical_allowlisted, "Pod/ingress/proxy");
    assert.equal(breakglass.auditAnnotations.breakglass_authorized, "users.");
    assert.equal(system.auditAnnotations["failing-open"], "Error, failing open");
  }, { count: 1 });
});

Deno.test("a pool that is closed answers what it was given before", async () => {
  const slow = `const end = Date.now() + 300; while (Date.now() < end) {}`;
  await withPool({ "kp.yaml": CONFIG, "endless.ts": policyModule("endless", slow) }, async ({ ask, pool }) => {
    const asked = [ask(pod("a")), ask(pod("b")), ask(pod("c"))];
    await pool.close();
    for (const { response } of await Promise.all(asked)) assert.equal(response.allowed, true);
  });
});
