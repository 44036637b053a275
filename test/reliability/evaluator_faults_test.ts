import assert from "node:assert/strict";
import { evaluatorCommand } from "../../src/evaluators/command.ts";
import { until } from "../process_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { withPool } from "../evaluators/pool_fixture.ts";

const CONFIG = `environment: prod
policies: [{ use: host_network }]
stages: { prod: { default: { validate: deny } } }
`;

const TAMPERING = new URL("../evaluators/tampering.ts", import.meta.url).pathname;

/** The real evaluator behind one that tampers with its answers in some way. */
function tampering(way: string): typeof evaluatorCommand {
  return (evaluating) => {
    const { command, args, env } = evaluatorCommand(evaluating);
    const own = ["run", "--quiet", "--allow-all", "--no-prompt", "--cached-only", TAMPERING];
    return { command: Deno.execPath(), args: [...own, way, command, ...args], env };
  };
}

const pod = (name: string, spec = {}) => requestOf(goodPod(spec, { name }), { uid: crypto.randomUUID(), name });

/** How the process that does so is said to have ended. */
const WAYS: Record<string, RegExp> = {
  garbage: /^it wrote what is no frame/,
  half: /^it ended by exit code 1$/,
  exit: /^it ended by exit code 3$/,
  silence: /^it did not answer in time$/,
  "another nonce": /^it answered what it was not asked$/,
  "another kind": /^it answered a review by "using"$/,
  twice: /^it answered what it was not asked$/,
  "not JSON": /^it wrote what is no frame/,
  "a length of 4 GiB": /^it wrote what is no frame/,
};

for (const [way, how] of Object.entries(WAYS)) {
  Deno.test(`F05: an evaluator that answers by ${way} fails that review alone, and is replaced`, async () => {
    await withPool({ "kp.yaml": CONFIG }, async ({ ask, told }) => {
      const names = ["a", "b", "c", "BAD", "d", "e", "f", "g"];
      const answers = await Promise.all(names.map((name) => ask(pod(name, { hostNetwork: name === "a" }))));
      for (const [i, { response, ms }] of answers.entries()) {
        assert.equal(response.allowed, ![0, ...way === "twice" ? [] : [3]].includes(i), `${names[i]}: ${ms}`);
        assert.ok(ms < 2100, `${ms} ms`);
      }
      assert.match(answers[0].response.auditAnnotations.denied, /^deny_host_network: /);
      if (way !== "twice") assert.ok("failing-closed" in answers[3].response.auditAnnotations);
      assert.equal((await ask(pod("later"))).response.allowed, true);
      await until(() => told.some(({ fields: { cause } }) => how.test(String(cause))), `${how} of ${told.length}`);
    }, { commandFor: tampering(way) });
  });
}
