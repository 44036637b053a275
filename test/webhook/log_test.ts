import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { captures } from "../captures.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { reviewed, serve, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

/** What the log says after a review, but for the time. */
async function logged(act: () => Promise<unknown>) {
  const before = server.log().length;
  await act();
  return server.log().slice(before).map(({ time, ...line }) => {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    return line;
  });
}

const REQUEST = { endpoint: "validating", object: "Pod/payments/web", operation: "CREATE" };

test("a denial is one line, with the policies that denied", async () => {
  const request = requestOf(goodPod({ hostNetwork: true, volumes: [{ name: "v", hostPath: { path: "/" } }] }), {
    uid: "denied-1",
  });
  assert.deepEqual(await logged(() => reviewed(server, request)), [{
    event: "denied",
    uid: "denied-1",
    ...REQUEST,
    failing: null,
    policies: ["host_network", "host_path_volumes"],
  }]);
});

test("a failure is one line with its policy and cause, and one for the denial that it brings", async () => {
  const request = requestOf(goodPod({}, { labels: { "break-down": "validate" } }), { uid: "failed-1" });
  assert.deepEqual(await logged(() => reviewed(server, request, { failing: "closed" })), [
    {
      event: "failure",
      uid: "failed-1",
      ...REQUEST,
      policy: "breaks_down",
      cause: "TypeError: told to break down in validate",
    },
    { event: "denied", uid: "failed-1", ...REQUEST, failing: "closed", policies: [] },
  ]);
});

test("breakglass and critical are one line each", async () => {
  const bypassing = requestOf(goodPod({ hostNetwork: true }), {
    uid: "breakglass-1",
    userInfo: { username: "alice", groups: ["sre-oncall"] },
  });
  assert.deepEqual(await logged(() => reviewed(server, bypassing)), [
    { event: "breakglass", uid: "breakglass-1", ...REQUEST, user: "alice", identities: ["groups"] },
  ]);
  const critical =
    captures("validating").find(({ request }) =>
      request.kind.kind === "DaemonSet" && request.namespace === "kube-system" && request.name === "kube-proxy"
    )!.request;
  const [line, ...more] = await logged(() => reviewed(server, critical));
  const name = "DaemonSet/kube-system/kube-proxy";
  assert.deepEqual([line.event, line.object, line.entry, more], ["critical", name, name, []]);
});

test("what is allowed, warned, monitored or patched is not logged", async () => {
  const lines = await logged(async () => {
    await reviewed(server, requestOf(goodPod()));
    await reviewed(server, requestOf(goodPod({ hostPID: true, hostIPC: true })));
    await reviewed(server, requestOf(goodPod({ containers: [{ name: "a", image: "a" }] })), { endpoint: "mutating" });
  });
  assert.deepEqual(lines, []);
});

const CANARY = "c4n4ry-7f3a9";

test("no content of an object is in logs or metrics: annotations, env, Secret data", async () => {
  const pod = goodPod({
    hostNetwork: true,
    containers: [goodContainer({ env: [{ name: "TOKEN", value: CANARY }], args: [CANARY] })],
  }, {
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": CANARY },
    labels: { "break-down": "validate", note: CANARY },
  });
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "watched" },
    data: { k: CANARY },
  };
  const malformed = goodPod({ containers: { [CANARY]: CANARY } });
  const lines = await logged(async () => {
    for (const endpoint of ["validating", "mutating"] as const) {
      await reviewed(server, requestOf(pod), { endpoint });
      await reviewed(server, requestOf(secret as Fields), { endpoint });
      await reviewed(server, requestOf(pod, { oldObject: goodPod({ x: CANARY }), operation: "UPDATE" }), { endpoint });
      await reviewed(server, requestOf(malformed), { endpoint });
    }
  });
  assert.deepEqual(lines.map(({ event }) => event), ["failure", "denied", "failure", "denied", "denied"]);
  const metrics = await (await fetch(`${server.operators}/metrics`)).text();
  assert.ok(!(server.text() + metrics).includes(CANARY));
});

const HOSTILE = {
  "line breaks": 'web\r\n{"event":"denied","uid":"forged"}\n',
  "ANSI escapes": "\u001b[2J\u001b[31mweb\u009b31m\u007f",
  "line separators": "web\u2028\u2029\u0085web",
  "a name of 1 MB": "x".repeat(1_000_000),
};

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`a hostile name, namespace or user stays inside one short line: ${name}`, async () => {
    const before = server.text().length;
    const request = requestOf(goodPod({ hostNetwork: true }, { name: text, namespace: text }), {
      userInfo: { username: text, groups: [text] },
    });
    await reviewed(server, request);
    const written = server.text().slice(before);
    assert.equal(written.split("\n").length, 2, "one line");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(written.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    assert.ok(written.length < 3000, `${written.length} characters`);
    assert.equal(JSON.parse(written).event, "denied");
  });
}

test("start and stop are logged, and notices of the config", async () => {
  const other = await serve(["--insecure-http"]);
  assert.equal(await other.stop(), 0);
  assert.deepEqual(other.log().map(({ event }) => event), ["serving", "stopping"]);
});
