import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import { parseConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { urlOf } from "../../src/webhook/addresses.ts";
import { createMetrics } from "../../src/webhook/metrics.ts";
import { CurrentSet, type PolicySet } from "../../src/webhook/policy_sets.ts";
import { type Outcome, Reloader, type ReloadOptions } from "../../src/webhook/reload.ts";
import { type Operations, operatorListener } from "../../src/webhook/server.ts";
import type { LogLine } from "../serve_fixture.ts";

/** A set that ends when the test says so. */
function set(revision: string, text = "") {
  const closed = Promise.withResolvers<void>();
  let isClosing = false;
  const loaded = { config: parseConfig(text, "kp.yaml"), policies: [], settings: { revision, environment: "" } };
  const close = () => {
    isClosing = true;
    return closed.promise;
  };
  return { set: { loaded, close } as unknown as PolicySet, closed, isClosing: () => isClosing };
}

/** A reloader whose sets come one by one, or do not. */
function reloading() {
  const first = set("first");
  const current = new CurrentSet(first.set);
  const starts: PromiseWithResolvers<PolicySet>[] = [];
  const log: LogLine[] = [];
  const metrics = createMetrics();
  const reloader = new Reloader(current, {
    bundles: { accept() {} } as unknown as ReloadOptions["bundles"],
    metrics,
    log: (event, fields) => void log.push({ event, ...fields }),
    start() {
      const start = Promise.withResolvers<PolicySet>();
      starts.push(start);
      return start.promise;
    },
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const isCurrent = async () => /policy_set_current 1$/m.test(await metrics.registry.metrics());
  return { first, current, starts, log, reloader, turn, isCurrent };
}

Deno.test("changes are made one at a time, and one that waits stands for all that are asked for meanwhile", async () => {
  const { first, current, starts, reloader, turn } = reloading();
  first.closed.resolve();
  const one = reloader.reload({ reason: "one" });
  await turn();
  const [two, three] = [reloader.reload({ reason: "two" }), reloader.reload({ reason: "three" })];
  await turn();
  assert.equal(starts.length, 1);
  const second = set("second");
  second.closed.resolve();
  starts[0].resolve(second.set);
  assert.deepEqual(await one, { success: true, revision: "second" });
  assert.equal(current.set, second.set);
  await turn();
  assert.equal(starts.length, 2);
  starts[1].resolve(set("third").set);
  assert.deepEqual([await two, await three], Array(2).fill({ success: true, revision: "third" }));
  await reloader.settled();
  assert.equal(starts.length, 2);
});

Deno.test("a set is closed when another is in use, and the next is started when it is gone", async () => {
  const { first, current, starts, reloader, turn } = reloading();
  const one = reloader.reload({});
  await turn();
  assert.equal(first.isClosing(), false);
  const second = set("second");
  starts[0].resolve(second.set);
  await one;
  assert.ok(first.isClosing());
  assert.equal(current.set, second.set);
  const two = reloader.reload({});
  await turn();
  assert.equal(starts.length, 1, "the first set still has processes");
  first.closed.resolve();
  await turn();
  starts[1].resolve(set("third").set);
  assert.deepEqual(await two, { success: true, revision: "third" });
});

const FAULTS: Record<string, [Error, string]> = {
  "a mistake in the config": [
    new ConfigError("kp.yaml", [
      { path: "a", line: 1, column: 2, found: "b", accepted: "c" },
      { path: "d", line: 3, column: 4, found: "e", accepted: "f" },
    ]),
    "kp.yaml:1:2: a: found b, accepted c; kp.yaml:3:4: d: found e, accepted f",
  ],
  "a self-test that fails": [
    new Error("Cannot use the policies:\nhost_network, case 3"),
    "Cannot use the policies:; host_network, case 3",
  ],
  "a bug": [new TypeError("x is undefined"), "TypeError: x is undefined"],
};

for (const [name, [error, cause]] of Object.entries(FAULTS)) {
  Deno.test(`the old set stays, and one line says why, for ${name}`, async () => {
    const { first, current, starts, log, reloader, turn, isCurrent } = reloading();
    const outcome = reloader.reload({ reason: "files" });
    await turn();
    starts[0].reject(error);
    assert.deepEqual(await outcome, { success: false, cause });
    assert.deepEqual(log, [{ event: "policies_not_replaced", reason: "files", cause }]);
    assert.equal(reloader.refused, cause);
    assert.equal(current.set, first.set);
    assert.equal(first.isClosing(), false);
    assert.equal(await isCurrent(), false);
    const next = reloader.reload({ reason: "SIGHUP" });
    await turn();
    starts[1].resolve(set("second").set);
    await next;
    assert.equal(reloader.refused, null);
    assert.ok(await isCurrent());
  });
}

Deno.test("what counts from the next start on is told", async () => {
  const { starts, log, reloader, turn } = reloading();
  const outcome = reloader.reload({ reason: "files" });
  await turn();
  starts[0].resolve(set("second", "serve: { listen: '0.0.0.0:9443' }").set);
  await outcome;
  assert.deepEqual(log.map(({ event }) => event), ["notice", "policies_replaced"]);
  assert.match(String(log[0].notice), /^serve\.listen has changed/);
});

interface Peer {
  readonly address: string;
  readonly outcome?: Outcome;
  readonly method?: string;
  readonly status: number;
  readonly says: RegExp;
}

const DONE: Outcome = { success: true, revision: "0123456789ab" };

const PEERS: readonly Peer[] = [
  { address: "127.0.0.1", outcome: DONE, status: 200, says: /^reloaded, policy revision 0123456789ab\n$/ },
  { address: "::1", outcome: DONE, status: 200, says: /^reloaded/ },
  { address: "::ffff:127.0.0.1", outcome: DONE, status: 200, says: /^reloaded/ },
  { address: "127.8.8.8", outcome: { success: false, cause: "x" }, status: 500, says: /^Cannot reload: x\n$/ },
  { address: "10.0.0.7", status: 403, says: /^Cannot reload: accepted requests from this host only\n$/ },
  { address: "::ffff:10.0.0.7", status: 403, says: /^Cannot reload: / },
  { address: "fe80::1", status: 403, says: /^Cannot reload: / },
  { address: "127.0.0.1.example.com", status: 403, says: /^Cannot reload: / },
  { address: "", status: 403, says: /^Cannot reload: / },
  { address: "127.0.0.1", method: "GET", status: 404, says: /./ },
  { address: "127.0.0.1", method: "PUT", status: 404, says: /./ },
];

for (const { address, outcome, method = "POST", status, says } of PEERS) {
  Deno.test(`${method} /-/reload from "${address}" ${outcome ? "reloads" : "does nothing"}, with ${status}`, async () => {
    let reloads = 0;
    const reload = () => {
      reloads++;
      return Promise.resolve(outcome!);
    };
    const listener: RequestListener = operatorListener({ metrics: createMetrics(), reload } as unknown as Operations);
    const server = createServer((request, response) => {
      Object.defineProperty(request.socket, "remoteAddress", { value: address });
      listener(request, response);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const headers = { connection: "close", "x-forwarded-for": "127.0.0.1" };
    const response = await fetch(`${urlOf(server, "http")}/-/reload`, { method, headers });
    assert.deepEqual([response.status, reloads], [status, outcome ? 1 : 0]);
    assert.match(await response.text(), says);
    server.close();
    await once(server, "close");
  });
}
