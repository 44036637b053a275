import { deepStrictEqual as assertEquals } from "node:assert";
import fc from "fast-check";
import type { AdmissionRequest, Match, Operation } from "../../src/contract.ts";
import { matching } from "../../src/core/match.ts";
import { review } from "../../src/core/review.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { policyOf } from "./policy_fixture.ts";

const namesFor = (matches: Record<string, readonly Match[]>, changes: Partial<AdmissionRequest> = {}) => {
  const policies = Object.entries(matches).map(([name, match]) => ({ policy: policyOf(name, { match }) }));
  return matching(requestOf(goodPod(), changes), engineOf({ policies }).policies).map(({ policy }) => policy.name);
};

const PODS = { group: "", kinds: ["Pod"] };

Deno.test("matching() takes CREATE and UPDATE unless a policy names others", () => {
  const matches = { plain: [PODS], deletes: [{ ...PODS, operations: ["DELETE"] as const }] };
  assertEquals(namesFor(matches, { operation: "CREATE" }), ["plain"]);
  assertEquals(namesFor(matches, { operation: "UPDATE" }), ["plain"]);
  assertEquals(namesFor(matches, { operation: "DELETE" }), ["deletes"]);
  assertEquals(namesFor(matches, { operation: "CONNECT" }), []);
});

Deno.test("matching() takes no subresource but ephemeralcontainers and resize unless a policy names others", () => {
  const matches = { plain: [PODS], status: [{ ...PODS, subresources: ["status"] }] };
  const update = (subResource: string | undefined) => namesFor(matches, { operation: "UPDATE", subResource });
  assertEquals([undefined, "", "ephemeralcontainers", "resize"].map(update), Array(4).fill(["plain"]));
  assertEquals(update("status"), ["status"]);
  assertEquals(["binding", "eviction", "exec", "log", "scale"].flatMap(update), []);
});

Deno.test("matching() compares group and kind exactly, and keeps config order across wildcards", () => {
  const matches = {
    any: [{ group: "*", kinds: ["*"] }],
    core: [{ group: "", kinds: ["*"] }],
    pods: [PODS],
    twice: [PODS, PODS, { group: "*", kinds: ["Pod"] }],
    others: [{ group: "example.com", kinds: ["Pod"] }, { group: "", kinds: ["pod", "Pods"] }],
  };
  assertEquals(namesFor(matches), ["any", "core", "pods", "twice"]);
  const kind = { group: "example.com", version: "v1", kind: "Pod" };
  assertEquals(namesFor(matches, { kind }), ["any", "twice", "others"]);
});

Deno.test("review() never calls a policy that does not match", () => {
  const unreachable = () => {
    throw new Error("called");
  };
  const policy = policyOf("services", {
    match: [{ group: "", kinds: ["Service"] }],
    validate: unreachable,
    mutate: unreachable,
  });
  for (const endpoint of ["validating", "mutating"] as const) {
    const { allowed, failures } = review(requestOf(goodPod()), endpoint, engineOf({ policies: [{ policy }] }));
    assertEquals([allowed, failures], [true, []]);
  }
});

Deno.test("matching() agrees with a plain reading of the rules for any set of policies", () => {
  const word = fc.constantFrom("", "apps", "Pod", "Deployment", "*");
  const subset = <Value>(values: Value[]) => fc.option(fc.uniqueArray(fc.constantFrom(...values)), { nil: undefined });
  const match = fc.record({
    group: word,
    kinds: fc.array(word, { minLength: 1, maxLength: 3 }),
    operations: subset<Operation>(["CREATE", "UPDATE", "DELETE"]),
    subresources: subset(["", "status", "resize"]),
  });
  const request = fc.record({
    group: fc.constantFrom("", "apps"),
    kind: fc.constantFrom("Pod", "Deployment"),
    operation: fc.constantFrom<Operation>("CREATE", "UPDATE", "DELETE"),
    subResource: fc.constantFrom(undefined, "", "status", "resize"),
  });
  let matched = 0;
  fc.assert(
    fc.property(fc.array(fc.array(match, { minLength: 1, maxLength: 3 }), { maxLength: 6 }), request, (sets, asked) => {
      const matches = Object.fromEntries(sets.map((set, i) => [`p${i}`, set]));
      const { group, kind, operation, subResource } = asked;
      const expected = Object.entries(matches).filter(([, set]) => set.some((rule) => naive(rule, asked))).map(([n]) =>
        n
      );
      const names = namesFor(matches, { kind: { group, version: "v1", kind }, operation, subResource });
      matched += names.length;
      assertEquals(names, expected);
    }),
    { seed: 1, numRuns: 1000 },
  );
  assertEquals(matched > 500, true);
});

function naive(
  rule: Match,
  asked: { group: string; kind: string; operation: Operation; subResource: string | undefined },
): boolean {
  return ["*", asked.group].includes(rule.group) &&
    rule.kinds.some((kind) => kind === "*" || kind === asked.kind) &&
    (rule.operations ?? ["CREATE", "UPDATE"]).includes(asked.operation) &&
    (rule.subresources ?? ["", "ephemeralcontainers", "resize"]).includes(asked.subResource ?? "");
}
