/**
 * Runs the tests of the files that it is given where policies of evaluators run: in a process that is locked. Writes how
 * many there are, and what is wrong, as JSON.
 */
import { everyBuiltin } from "../../plugins/policies/rego/builtins/mod.ts";
import { lockDown } from "../../src/sandbox/lockdown.ts";

const tests: { readonly name: string; readonly run: () => unknown }[] = [];
Object.defineProperty(Deno, "test", { value: (name: string, run: () => unknown) => void tests.push({ name, run }) });
const { args, stdout } = Deno;
await everyBuiltin();
for (const file of args) await import(file);
lockDown();
const faults: string[] = [];
for (const { name, run } of tests) {
  try {
    await run();
  } catch (error) {
    faults.push(`${name}: ${error}`);
  }
}
let rest = new TextEncoder().encode(JSON.stringify({ count: tests.length, faults }));
while (rest.length > 0) rest = rest.subarray(stdout.writeSync(rest));
