import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { childrenOf, kpCommand, type ServeProcess, serveProcess, until } from "../process_fixture.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { pem, TLS_FOLDER } from "../tls_fixture.ts";
import { denying, slowText } from "./policies.ts";

const PLAIN = ["--insecure-http"];
const apiVersion = "admission.k8s.io/v1";
const PATH = "/validate?timeout=30s";

function review(uid: string) {
  const request = requestOf(goodPod(), { uid });
  return { request, http: postRequest(PATH, JSON.stringify(reviewOf(request))) };
}

async function readyz({ operators }: ServeProcess): Promise<number> {
  const response = await fetch(`${operators}/readyz`, { headers: { connection: "close" } });
  await response.body?.cancel();
  return response.status;
}

async function inFlight({ operators }: ServeProcess): Promise<number> {
  const text = await (await fetch(`${operators}/metrics`)).text();
  return Number(/^kube_policies_requests_in_flight (\d+)$/m.exec(text)![1]);
}

const SLOW = { "kp.yaml": denying(["./slow.ts"]), "slow.ts": slowText("slow", 15) };

const TRANSPORTS: Record<string, { args: string[]; ca?: string }> = {
  HTTP: { args: PLAIN },
  HTTPS: {
    args: ["--tls-cert", `${TLS_FOLDER}localhost.crt`, "--tls-key", `${TLS_FOLDER}localhost.key`],
    ca: pem("localhost.crt"),
  },
};

for (const [transport, { args, ca }] of Object.entries(TRANSPORTS)) {
  const title = "SIGTERM with 50 requests in flight: not ready, serves on, answers all of them, exit code 0";
  Deno.test(`F11: over ${transport}, ${title}`, async () => {
    await withFiles(SLOW, async (folder) => {
      await using server = await serveProcess([...args, "--config", `${folder}/kp.yaml`, "--drain", "3"]);
      const open = () => RawConnection.open(server.webhook, ca);
      await using kept = await open();
      await kept.send(review("kept-1").http);
      assert.equal((await kept.response()).headers.get("connection"), "keep-alive");
      const sent = await Promise.all(Array.from({ length: 50 }, async (_, i) => ({
        ...review(`in-flight-${i}`),
        connection: await open(),
      })));
      await Promise.all(sent.map(({ connection, http }) => connection.send(http.slice(0, -1))));
      await until(async () => await inFlight(server) === 50, "50 requests are in flight");
      await Promise.all(sent.map(({ connection, http }) => connection.send(http.slice(-1))));

      server.signal("SIGTERM");
      await server.logged("stopping");
      assert.equal(await readyz(server), 503);
      await using fresh = await open();
      for (const connection of [fresh, kept]) await assertSentAway(connection);
      for (const { connection, request } of sent) {
        await using held = connection;
        assertReview(await held.response(), { apiVersion, request, endpoint: "validating" });
      }
      assert.equal((await server.ended).code, 0);
      assert.deepEqual(server.log().map(({ event }) => event), ["serving", "stopping"]);
    });
  });
}

/** Answered, and told to go elsewhere. */
async function assertSentAway(connection: RawConnection): Promise<void> {
  const { request, http } = review("late");
  await connection.send(http);
  const answer = await connection.response();
  assertReview(answer, { apiVersion, request, endpoint: "validating" });
  assert.equal(answer.headers.get("connection"), "close");
  assert.ok(await connection.ended());
}

const ENDS: readonly { signals: Deno.Signal[]; drain: string; code: number }[] = [
  { signals: ["SIGTERM"], drain: "0", code: 0 },
  { signals: ["SIGINT"], drain: "0", code: 0 },
  { signals: ["SIGTERM", "SIGTERM"], drain: "60", code: 143 },
  { signals: ["SIGINT", "SIGINT"], drain: "60", code: 130 },
  { signals: ["SIGINT", "SIGTERM"], drain: "60", code: 143 },
];

for (const { signals, drain, code } of ENDS) {
  Deno.test(`F11: ${signals.join(", ")} with --drain ${drain} ends with exit code ${code}, and no evaluator stays`, async () => {
    await using server = await serveProcess([...PLAIN, "--drain", drain]);
    const evaluators = server.evaluators();
    assert.ok(evaluators.length > 0);
    for (const signal of signals) {
      server.signal(signal);
      await server.logged("stopping");
    }
    assert.equal((await server.ended).code, code);
    await until(() => !evaluators.some(isAlive), "the evaluators end");
  });
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("F11: SIGKILL leaves no evaluator behind", async () => {
  await using server = await serveProcess(PLAIN);
  const evaluators = server.evaluators();
  assert.ok(evaluators.length > 0);
  server.signal("SIGKILL");
  await server.ended;
  await until(() => !evaluators.some(isAlive), "the evaluators end");
});

Deno.test("F11: SIGHUP ends nothing: the files are read again", async () => {
  await using server = await serveProcess(PLAIN);
  server.signal("SIGHUP");
  assert.equal((await server.logged("policies_replaced")).reason, "SIGHUP");
  assert.equal(await readyz(server), 200);
  assert.equal(await server.stop(), 0);
});

Deno.test("F11: what a terminal sends to all processes in front leaves the evaluators to answer what is in flight", async () => {
  const files = { "kp.yaml": denying(["./slow.ts"]), "slow.ts": slowText("slow", 300) };
  await withFiles(files, async (folder) => {
    await using server = await serveProcess([...PLAIN, "--config", `${folder}/kp.yaml`]);
    const { request, http } = review("ctrl-c");
    await using connection = await RawConnection.open(server.webhook);
    await connection.send(http);
    await until(async () => await inFlight(server) === 1, "it is in flight");
    const group = (pid: number) => Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ")[2];
    const own = group(server.pid);
    assert.deepEqual(server.evaluators().filter((pid) => group(pid) === own), []);
    server.signal("SIGINT");
    assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
    assert.equal((await server.ended).code, 0);
  });
});

Deno.test("nothing listens before the policies are loaded, so nobody is told that it is ready", async () => {
  const [port, operators] = [freePort(), freePort()];
  const files = {
    "kp.yaml": denying(["./slow_start.ts"]),
    "slow_start.ts": `const end = Date.now() + 1500; while (Date.now() < end);${slowText("slow_start", 0)}`,
  };
  await withFiles(files, async (folder) => {
    const ports = ["--listen", `127.0.0.1:${port}`, "--metrics-listen", `127.0.0.1:${operators}`];
    const starting = serveProcess([...PLAIN, "--config", `${folder}/kp.yaml`, ...ports]);
    let refusals = 0;
    let isServing = false;
    void starting.then(() => isServing = true);
    while (!isServing) {
      for (const at of [port, operators]) {
        const connection = await Deno.connect({ port: at }).catch(() => null);
        if (connection === null) refusals++;
        connection?.close();
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await using server = await starting;
    assert.ok(refusals > 20, `${refusals} refusals`);
    assert.equal(await readyz(server), 200);
    assert.equal(await server.stop(), 0);
  });
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

Deno.test("SIGTERM while the policies are loaded ends it, and nothing was served", async () => {
  const files = {
    "kp.yaml": denying(["./slow_start.ts"]),
    "slow_start.ts": `const end = Date.now() + 1000; while (Date.now() < end);${slowText("slow_start", 0)}`,
  };
  await withFiles(files, async (folder) => {
    const args = ["serve", "--insecure-http", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    await using child = kpCommand([...args, "--config", `${folder}/kp.yaml`], { stderr: "null" }).spawn();
    await until(() => childrenOf(child.pid).length > 0, "evaluators start");
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
  });
});
