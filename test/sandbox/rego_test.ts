/** Built-in functions of Rego in an evaluator, whose intrinsics are frozen and tamed, give what they give elsewhere. */
import assert from "node:assert/strict";
import { everyBuiltin } from "../../plugins/policies/rego/builtins/mod.ts";
import { withPool } from "../evaluators/pool_fixture.ts";
import { answerTo, engineFrom } from "../plugins/rego/bundle_engine.ts";
import { BUILTIN_CALLS, BUILTINS_CONFIG, requestFor } from "./builtin_calls.ts";

/** These two are OPA's own means of tests and of debugging, which no bundle that is built for use calls. */
const INTERNAL = ["internal.print", "internal.test_case"];

Deno.test("the bundle of the built-in functions calls each of them", async () => {
  const called = new Set(BUILTIN_CALLS.map((call) => call.split(" ")[0]));
  assert.deepEqual(Object.keys(await everyBuiltin()).filter((name) => !called.has(name)), INTERNAL);
});

Deno.test("each built-in function gives in an evaluator process what it gives in this one", async () => {
  const engine = await engineFrom(BUILTINS_CONFIG);
  await withPool({ "kp.yaml": BUILTINS_CONFIG }, async ({ ask }) => {
    for (const call of BUILTIN_CALLS) {
      const request = requestFor(call);
      const expected = answerTo(request, "validating", engine);
      assert.match(expected.status?.message ?? "", /^builtins: [0-9a-f]{64} ./, `${call} is undefined`);
      assert.deepEqual((await ask(request)).response, expected, call);
    }
  }, { count: 1 });
});

Deno.test("the tests of the built-in functions pass in a locked process", async () => {
  const folder = new URL("../plugins/rego/", import.meta.url);
  const files = Array.from(Deno.readDirSync(folder), ({ name }) => new URL(name, folder).pathname)
    .filter((path) => path.endsWith("_test.ts") && Deno.readTextFileSync(path).includes(`from "./builtin_call.ts"`));
  const script = new URL("locked_tests.ts", import.meta.url).pathname;
  const flags = ["--quiet", "--allow-all", "--cached-only", "--v8-flags=--disallow-code-generation-from-strings"];
  const args = ["run", ...flags, script, ...files.sort()];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  const { count, faults } = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(faults, []);
  assert.ok(files.length >= 18 && count >= 100, `${files.length} files, ${count} tests`);
});
