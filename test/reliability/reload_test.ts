import assert from "node:assert/strict";
import type { AdmissionResponse } from "../../src/core/answer.ts";
import { assertReview } from "../answer_assertions.ts";
import { type ServeProcess, serveProcess, until } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { post } from "../serve_fixture.ts";
import { denying, policyText } from "./policies.ts";

const apiVersion = "admission.k8s.io/v1";

async function answered(server: ServeProcess, uid = "1"): Promise<AdmissionResponse> {
  const request = requestOf(goodPod(), { uid });
  const answer = await post(server, JSON.stringify(reviewOf(request)));
  return assertReview(answer, { apiVersion, request, endpoint: "validating" });
}

async function reload({ operators }: ServeProcess): Promise<{ status: number; body: string }> {
  const response = await fetch(`${operators}/-/reload`, { method: "POST" });
  return { status: response.status, body: await response.text() };
}

async function text({ operators }: ServeProcess, path: string): Promise<string> {
  return await (await fetch(operators + path)).text();
}

async function isCurrent(server: ServeProcess): Promise<boolean> {
  return /^kube_policies_policy_set_current 1$/m.test(await text(server, "/metrics"));
}

/** A policy that denies every pod with that word. */
const saying = (word: string) => policyText("speaker", `return deny("${word}");`);

const GOOD = { "kp.yaml": denying(["./speaker.ts"]), "speaker.ts": saying("one") };

/** What is done to a folder with a good config, and what is told of it. */
const BROKEN: Record<string, { act: (folder: string) => Promise<void>; says: RegExp }> = {
  "invalid YAML": { act: write("kp.yaml", "policies: ["), says: /kp\.yaml:1:\d+: .*found/ },
  "a config that is half written": { act: write("kp.yaml", GOOD["kp.yaml"].slice(0, 40)), says: /kp\.yaml:2:/ },
  "an empty config": { act: write("kp.yaml", ""), says: /kp\.yaml: found an empty file/ },
  "a config that is not UTF-8": { act: write("kp.yaml", new Uint8Array([0xff, 0xfe])), says: /kp\.yaml/ },
  "a config with two mistakes": {
    act: write("kp.yaml", "environment: []\nstages: 5\n"),
    says: /kp\.yaml:1:\d+: environment: .*; .*kp\.yaml:2:\d+: stages: /,
  },
  "a missing config": { act: remove("kp.yaml"), says: /kp\.yaml: no such file/ },
  "a folder in the config's place": {
    act: async (folder) => {
      await Deno.remove(`${folder}/kp.yaml`);
      await Deno.mkdir(`${folder}/kp.yaml`);
    },
    says: /kp\.yaml: .*Is a directory/,
  },
  "a config that cannot be read": {
    act: async (folder) => {
      await Deno.remove(`${folder}/kp.yaml`);
      await Deno.symlink("kp.yaml", `${folder}/kp.yaml`); // to root, no mode is in the way
    },
    says: /kp\.yaml: .*symbolic links/,
  },
  "a policy that does not compile": {
    act: write("speaker.ts", "export default () => {"),
    says: /speaker\.ts, which does not load/,
  },
  "a policy that throws as it is built": {
    act: write("speaker.ts", "export default () => { throw new Error('not today') }"),
    says: /not today/,
  },
  "a policy that ends its process as it is built": {
    act: write("speaker.ts", "export default () => { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)) }"),
    says: /evaluators: it ended by /,
  },
  "a missing policy": { act: remove("speaker.ts"), says: /speaker\.ts, which does not load \(no such file\)/ },
  "an environment without stages": {
    act: write("kp.yaml", GOOD["kp.yaml"].replace("environment: prod", "environment: porduction")),
    says: /porduction/,
  },
  "an exception that is malformed": {
    act: async (folder) => {
      await write("exceptions.yaml", "prod: { speaker: { payments: 5 } }")(folder);
      await withExceptions(folder);
    },
    says: /exceptions\.yaml:1:\d+: prod\.speaker\.payments: found number 5/,
  },
  "missing exceptions": { act: withExceptions, says: /exceptions\.yaml.*no such file/ },
};

function write(name: string, content: string | Uint8Array): (folder: string) => Promise<void> {
  return async (folder) =>
    await (typeof content === "string" ? Deno.writeTextFile : Deno.writeFile)(`${folder}/${name}`, content as never);
}

function remove(name: string): (folder: string) => Promise<void> {
  return (folder) => Deno.remove(`${folder}/${name}`);
}

function withExceptions(folder: string): Promise<void> {
  const more = "allowlists: [{ use: file, options: { path: exceptions.yaml } }]";
  return Deno.writeTextFile(`${folder}/kp.yaml`, denying(["./speaker.ts"], more));
}

async function repair(folder: string, word: string): Promise<void> {
  await Deno.remove(`${folder}/kp.yaml`, { recursive: true }).catch(() => {});
  await Deno.remove(`${folder}/exceptions.yaml`).catch(() => {});
  await Deno.writeTextFile(`${folder}/kp.yaml`, GOOD["kp.yaml"]);
  await Deno.writeTextFile(`${folder}/speaker.ts`, saying(word));
}

const EVENT = "policies_not_replaced";

Deno.test("F08: what cannot be used changes nothing, is told everywhere, and is gone with the next that can", async (t) => {
  await withFiles(GOOD, async (folder) => {
    await using server = await serveProcess([
      ...["--insecure-http", "--config", `${folder}/kp.yaml`],
      ...["--evaluators", "1", "--evaluator-memory", "128"],
    ]);
    let word = "one";
    for (const [name, { act, says }] of Object.entries(BROKEN)) {
      await t.step(name, async () => {
        const before = await answered(server);
        assert.match(before.status!.message, new RegExp(word));
        await act(folder);
        const { status, body } = await reload(server);
        assert.equal(status, 500);
        assert.match(body, says);
        assert.match(body, /^Cannot reload: [^\n]+\n$/);
        const isTold = () => server.log().some(({ event, cause }) => event === EVENT && says.test(String(cause)));
        await until(isTold, "it is logged");
        assert.match(
          await text(server, "/readyz?verbose"),
          /^\[-\]reload failed, the policies before it are in use: /m,
        );
        assert.equal(await text(server, "/readyz"), "ok\n", "nobody goes out of service");
        assert.equal(await isCurrent(server), false);
        assert.deepEqual(await answered(server), before);
        word = `after ${name}`;
        await repair(folder, word);
        assert.equal((await reload(server)).status, 200);
        assert.ok(await isCurrent(server));
        assert.match(await text(server, "/readyz?verbose"), /^\[\+\]reload ok$/m);
        assert.match((await answered(server)).status!.message, new RegExp(word));
      });
    }
    assert.equal(await server.stop(), 0);
  });
});

Deno.test("F08: a mounted ConfigMap is swapped: the watch takes the new config over, and a bad one not", async () => {
  const files = {
    "v1/kp.yaml": GOOD["kp.yaml"],
    "v1/speaker.ts": saying("first"),
    "v2/kp.yaml": GOOD["kp.yaml"],
    "v2/speaker.ts": saying("second"),
    "v3/kp.yaml": "policies: [",
  };
  await withFiles(files, async (folder) => {
    await Deno.symlink("v1", `${folder}/..data`);
    for (const name of ["kp.yaml", "speaker.ts"]) await Deno.symlink(`..data/${name}`, `${folder}/${name}`);
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    await swap(folder, "v2");
    assert.equal((await server.logged("policies_replaced")).reason, "files");
    assert.match((await answered(server)).status!.message, /second/);
    await swap(folder, "v3");
    assert.match(String((await server.logged("policies_not_replaced")).cause), /kp\.yaml:1:/);
    assert.match((await answered(server)).status!.message, /second/);
    await swap(folder, "v1");
    await server.logged("policies_replaced", 2);
    assert.match((await answered(server)).status!.message, /first/);
    assert.ok(await isCurrent(server));
    assert.equal(await server.stop(), 0);
  });
});

/** As the kubelet does. */
async function swap(folder: string, version: string): Promise<void> {
  await Deno.symlink(version, `${folder}/..data_tmp`);
  await Deno.rename(`${folder}/..data_tmp`, `${folder}/..data`);
}

Deno.test("F08: under load, 12 reloads lose nothing, and each answer is one set's, whole", async () => {
  const config = denying(["./speaker.ts"], "serve: { limits: { requestsPerSecond: 0 } }");
  await withFiles({ ...GOOD, "kp.yaml": config }, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "2"]);
    const words = new Map<unknown, string>();
    const seen: AdmissionResponse[] = [];
    let isOver = false;
    const client = async (id: number) => {
      for (let i = 0; !isOver; i++) seen.push(await answered(server, `${id}-${i}`));
    };
    const clients = Promise.all(Array.from({ length: 8 }, (_, id) => client(id)));
    for (let round = 0; round < 12; round++) {
      const word = ["alpha", "beta"][round % 2];
      await Deno.writeTextFile(`${folder}/speaker.ts`, saying(word));
      const { status, body } = await reload(server);
      assert.equal(status, 200, body);
      words.set(/revision (\w+)/.exec(body)![1], word);
      const answers = seen.length;
      await until(() => seen.length > answers + 8, "the new set answers");
    }
    isOver = true;
    await clients;
    words.set(server.log()[0].policy_revision, "one");
    assert.equal(words.size, 3);
    const used = new Set(seen.map(({ auditAnnotations, status }) => {
      const word = words.get(auditAnnotations.policy_revision)!;
      assert.equal(auditAnnotations.denied, `deny_speaker: ${word}`);
      assert.match(status!.message, new RegExp(`deny_speaker: ${word}`));
      return word;
    }));
    assert.deepEqual([...used].toSorted(), ["alpha", "beta", "one"]);
    assert.deepEqual(server.log().filter(({ event }) => /lost|shed|failure|ended/.test(event)), []);
    assert.equal(await server.stop(), 0);
  });
});

const MIB = 1024 * 1024;

function resident(pid: number): number {
  return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4096 / MIB;
}

Deno.test("F08: 100 reloads leave as many evaluators as there were, and the front's memory flat", async () => {
  await withFiles(GOOD, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    await until(() => server.evaluators().length === 2, "one evaluates, one stands by");
    const sizes: number[] = [];
    for (let i = 0; i < 100; i++) {
      await Deno.writeTextFile(`${folder}/speaker.ts`, saying(`${i}`));
      const { status, body } = await reload(server);
      assert.equal(status, 200, body);
      assert.equal((await answered(server)).auditAnnotations.denied, `deny_speaker: ${i}`);
      assert.ok(server.evaluators().length <= 4, "two sets at most");
      sizes.push(resident(server.pid));
    }
    await until(() => server.evaluators().length === 2, "the old evaluators are gone");
    const growth = Math.min(...sizes.slice(-20)) - Math.min(...sizes.slice(20, 40));
    assert.ok(growth < 40, `${growth} MiB in 60 reloads: ${sizes.map(Math.round)}`);
    assert.equal(await server.stop(), 0);
  });
});
