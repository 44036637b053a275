import assert from "node:assert/strict";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { kpCommand, type KpOptions, serveProcess } from "../process_fixture.ts";
import { HOLES } from "./holes.ts";

const SHAPE = `metadata: { title: "t", description: "d", severity: "low", controls: [], remediation: "r" },
  match: [{ group: "", kinds: ["Pod"] }],`;

/** Tries every hole when it is imported, when it is built and when it is asked, and reports those that are open. */
const HOSTILE = `const attempts = {
${
  Object.entries(HOLES).map(([name, { attempt }]) =>
    `  ${JSON.stringify(name)}: (kit, subject, context) => (${attempt}),`
  ).join("\n")
}
};
const open = [];
function orThrow(done) {
  if (!done) throw new Error("refused");
}
function attack(moment, ...given) {
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      open.push(moment + ": " + name + " gave " + String(attempt(...given)));
    } catch {}
  }
}
attack("import");
export default (kit) => {
  attack("build", kit);
  return {
    name: "hostile",
    ${SHAPE}
    rules: ["ensure_nothing_open"],
    validate(subject, options, context) {
      attack("review", kit, subject, context);
      const tried = [{ rule: "ensure_nothing_open", message: "tried " + Object.keys(attempts).length }];
      return [...tried, ...open.map((message) => ({ rule: "ensure_nothing_open", message }))];
    },
  };
};
`;

/** Leaves work behind for after its review, and tells what of it was done. */
const LATER = `let done = 0;
export default () => ({
  name: "later",
  ${SHAPE}
  rules: ["ensure_nothing_later"],
  validate() {
    Promise.resolve().then(() => { done++; });
    (async () => { await null; done++; })();
    return [{ rule: "ensure_nothing_later", message: "done " + done }];
  },
});
`;

/** Says what it sees after the others. */
const HONEST = `export default (kit) => ({
  name: "honest",
  ${SHAPE}
  rules: ["ensure_sane"],
  validate(subject, options, context) {
    const sane = [JSON.parse("[1]")[0] === 1, [1].every((x) => x === 1), "ab".startsWith("a"), /b/.exec("ab") !== null,
      !("polluted" in {}), kit.parseImage("a/b:1") !== null, subject.request.namespace, subject.object.metadata.name,
      subject.object.spec.containers.length, context.environment];
    return [{ rule: "ensure_sane", message: sane.join(" ") }];
  },
});
`;

const CONFIG = `environment: prod
policies: [{ use: ./hostile.ts }, { use: ./later.ts }, { use: ./honest.ts }]
stages: { prod: { default: { validate: warn } } }
`;

const BODY = JSON.stringify(reviewOf(requestOf(goodPod({}, { name: "web" }), { namespace: "payments" })));

/** Either the source or a binary: the same holds for both. */
type Kp = Pick<KpOptions, "binary">;

/** The warnings of so many reviews, one after another. */
async function warnings(count: number, { binary, args }: Kp & { args: readonly string[] }): Promise<string[][]> {
  const files = { "kp.yaml": CONFIG, "hostile.ts": HOSTILE, "later.ts": LATER, "honest.ts": HONEST };
  return await withFiles(files, async (folder) => {
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, ...args], { binary });
    const given: string[][] = [];
    for (let i = 0; i < count; i++) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.webhook}/validate`, { method: "POST", headers, body: BODY });
      given.push((await answer.json()).response.warnings);
    }
    return given;
  });
}

const IN_EVALUATOR = ["--evaluators", "1"];

/** What holds for an evaluator process, by the name of its test. */
export const LOCKDOWN: Readonly<Record<string, (kp: Kp) => Promise<void>>> = {
  async "a policy in an evaluator finds every hole closed, at import, when it is built and when it is asked"(kp) {
    const [first] = await warnings(1, { ...kp, args: IN_EVALUATOR });
    const told = first.filter((text) => text.startsWith("ensure_nothing_open"));
    assert.deepEqual(told, [`ensure_nothing_open: tried ${Object.keys(HOLES).length}`]);
  },

  async "nothing that a policy leaves to be done later is done, and the next policy sees the world as it was"(kp) {
    for (const given of await warnings(3, { ...kp, args: IN_EVALUATOR })) {
      assert.ok(given.includes("ensure_nothing_later: done 0"), given.join());
      assert.ok(given.includes("ensure_sane: true true true true true true payments web 1 prod"), given.join());
    }
  },

  async "the same policy in the server's own process ends it: nothing is closed there"(kp) {
    const args = ["--evaluators", "0", "--trust-policies"];
    await assert.rejects(warnings(1, { ...kp, args }), /ended before 1 of serving/);
  },

  async "an evaluator ends quietly with its input"(kp) {
    const { code, stderr } = await kpCommand(["evaluator"], kp).output();
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
};
