import assert from "node:assert/strict";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import { readManifest } from "../../../plugins/policies/rego/manifest.ts";
import { formatValue, RegoObject, RegoSet, toJson, type Value } from "../../../plugins/policies/rego/value.ts";
import { parseValue } from "../../../plugins/policies/rego/value_text.ts";
import { WasmInstance } from "../../../plugins/policies/rego/wasm.ts";
import { captures } from "../../captures.ts";

const BUNDLE = new URL("../../fixtures/rego/platform/self_staged.tar.gz", import.meta.url);

async function instantiate(): Promise<WasmInstance> {
  const { wasm } = readManifest(await readArchive(await Deno.readFile(BUNDLE)));
  return new WasmInstance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), { builtins: {} });
}

function answers(instance: WasmInstance, input: () => Uint8Array): Record<string, unknown> {
  const ids = [...instance.entrypoints, ...[...instance.entrypoints].reverse()];
  return Object.fromEntries(ids.map(([name, id], i) => [
    `${name} ${i}`,
    toJson(instance.evaluate(id, input(), { now: 0n })!),
  ]));
}

Deno.test("an input that was read for one entrypoint is the same to the next ones", async () => {
  const [asked, fresh] = [await instantiate(), await instantiate()];
  for (const review of captures("validating")) {
    const bytes = new TextEncoder().encode(JSON.stringify(review));
    assert.deepEqual(answers(asked, () => bytes), answers(fresh, () => bytes.slice()));
  }
});

Deno.test("an input is read again under other data", async () => {
  const instance = await instantiate();
  const deny = instance.entrypoints.get("validating/deny")!;
  const review = captures("validating").find(({ request }) => request.name === "every-violation")!;
  const bytes = new TextEncoder().encode(JSON.stringify(review));
  const count = () => (instance.evaluate(deny, bytes, { now: 0n }) as RegoSet).size;
  const without = count();
  const { namespace } = review.request;
  const host_network = { [namespace!]: { "*": "*" } };
  instance.setData(JSON.stringify({ environment: "test", allowlist: { test: { host_network } } }));
  assert.deepEqual([count(), count()], [without - 1, without - 1]);
});

const TEXTS: Record<string, { text: string; value: Value }> = {
  "of two keys the last": { text: '{"a": 1, "a": 2}', value: new RegoObject([["a", 2]]) },
  "one of two items": { text: "{1, 1.0, 2}", value: new RegoSet([1, 2]) },
  "an item of a set of sets": { text: "{{1, 2}, {2, 1}}", value: new RegoSet([new RegoSet([2, 1])]) },
  "every escape": { text: String.raw`"\"\\\/\n\u00e9"`, value: '"\\/\n\u00e9' },
  "a key that is no text": {
    text: '{[1]: "a", null: set()}',
    value: new RegoObject([[[1], "a"], [null, new RegoSet()]]),
  },
};

for (const [name, { text, value }] of Object.entries(TEXTS)) {
  Deno.test(`of a value's text is read ${name}`, () => assert.equal(formatValue(parseValue(text)), formatValue(value)));
}

Deno.test("numbers that OPA tells apart and a float does not are one item", () => {
  const text = "{0.1, 0.1000000000000000000001}";
  assert.equal((parseValue(text, { distinct: true }) as RegoSet).size, 1);
});

Deno.test("texts are in the order of their code points", () => {
  const sorted = ["", "a", "ab", "b", "\u00e9", "\uffff", "\u{10000}", "\u{10ffff}"];
  assert.deepEqual(toJson(new RegoSet(sorted.toReversed())), sorted);
});

Deno.test("a key __proto__ is a key", () => {
  assert.equal(JSON.stringify(toJson(new RegoObject([["__proto__", 1]]))), '{"__proto__":1}');
});
