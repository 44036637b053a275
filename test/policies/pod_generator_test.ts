import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { shippedPolicies } from "../../policies/mod.ts";
import type { Fields } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { podOf } from "../../src/core/pods.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { changesFor, findingsFor } from "../direct.ts";
import { pods } from "../fixtures/pod_generator.ts";

const OPTIONS: Readonly<Record<string, unknown>> = { image_registry: { allowed: ["registry.example.com/team"] } };
const KINDS = { Pod: "", Deployment: "apps", CronJob: "batch" } as const;
const generated = fc.sample(pods(), { numRuns: 1000, seed: 20241122 });

for (const [name, factory] of Object.entries(shippedPolicies)) {
  const policy = factory(kit);
  const options = policy.options && v.parse(policy.options, OPTIONS[name]);
  Deno.test(`pods() makes every rule of ${name} report on some pods and not on others`, () => {
    const counts = new Map(policy.rules.map((rule) => [rule, 0]));
    for (const object of generated) {
      const subject = subjectOf(requestFor(object));
      const reported = [...findingsFor(policy, subject, options), ...changesFor(policy, subject, options)];
      for (const rule of new Set(reported.map(({ rule }) => rule))) counts.set(rule, counts.get(rule)! + 1);
    }
    for (const [rule, count] of counts) assert.ok(count >= 50 && count <= 950, `${rule}: ${count} of 1000`);
  });
}

for (const kind of ["Pod", "Deployment", "CronJob"] as const) {
  Deno.test(`pods() gives a ${kind} whose containers have names of their own`, () => {
    fc.assert(
      fc.property(pods({ kind }), (object) => {
        const pod = podOf({ group: KINDS[kind], kind }, object)!;
        const names = pod.containers.map((container) => container.name);
        assert.equal(new Set(names).size, names.length);
        assert.ok(pod.containers.some(({ list }) => list === "containers"));
        assert.ok(names.length <= 4);
      }),
      { numRuns: 200, seed: 20241122 },
    );
  });
}

Deno.test("pods() uses the three lists of containers, Windows, and keys that objects have anyway", () => {
  const seen = new Set<string>();
  for (const object of generated) {
    const pod = podOf({ group: "", kind: "Pod" }, object)!;
    for (const { list } of pod.containers) seen.add(list);
    if (pod.windows) seen.add("windows");
    for (const key of Object.keys(pod.metadata.labels as Fields)) seen.add(key);
  }
  const expected = ["containers", "initContainers", "ephemeralContainers", "windows", "constructor", "__proto__"];
  assert.deepEqual(expected.filter((what) => !seen.has(what)), []);
});

Deno.test("pods() leaves ephemeral containers out when asked to", () => {
  const created = fc.sample(pods({ ephemeral: false }), { numRuns: 200, seed: 20241122 });
  assert.ok(created.every((object) => !Object.hasOwn(object.spec as Fields, "ephemeralContainers")));
});

function requestFor(object: Fields) {
  return {
    uid: "00000000-0000-4000-8000-000000000000",
    kind: { group: "", version: "v1", kind: "Pod" },
    resource: { group: "", version: "v1", resource: "pods" },
    namespace: "payments",
    operation: "CREATE" as const,
    object,
  };
}
