import assert from "node:assert/strict";
import * as v from "valibot";
import capabilities from "../../policies/capabilities/policy.ts";
import { kit } from "../../src/core/kit.ts";

const { options: schema } = capabilities(kit);

for (const name of ["net_raw", "CAP_NET_RAW", "NET RAW", "NET_RAW ", ""]) {
  Deno.test(`capabilities refuses the name "${name}" in its options`, () => {
    for (const options of [{ drop: [name] }, { allowedAdd: [name] }]) {
      const { issues } = v.safeParse(schema!, options);
      assert.deepEqual(issues?.map((issue) => [v.getDotPath(issue), issue.message]), [
        [`${Object.keys(options)[0]}.0`, "accepted: a capability in capitals without CAP_, such as NET_RAW, or ALL"],
      ]);
    }
  });
}

Deno.test("capabilities drops ALL and allows NET_BIND_SERVICE by default, each by itself too", () => {
  const defaults = { drop: new Set(["ALL"]), allowedAdd: new Set(["NET_BIND_SERVICE"]) };
  assert.deepEqual(v.parse(schema!, undefined), defaults);
  assert.deepEqual(v.parse(schema!, {}), defaults);
  assert.deepEqual(v.parse(schema!, { drop: ["NET_RAW"] }), { ...defaults, drop: new Set(["NET_RAW"]) });
  assert.deepEqual(v.parse(schema!, { allowedAdd: [] }), { ...defaults, allowedAdd: new Set() });
});
