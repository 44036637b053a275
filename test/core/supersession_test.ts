import { deepStrictEqual as assertEquals } from "node:assert";
import type { Finding } from "../../src/contract.ts";
import { annotationsOf } from "../../src/core/answer.ts";
import type { Stage } from "../../src/core/engine.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestPolicy } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { policyOf, throwing } from "./policy_fixture.ts";

const OLD = policyOf("old", {
  validate: () => [
    { rule: "deny_x", message: "bad", container: "app" },
    { rule: "deny_y", message: "bad", container: "db" },
    { rule: "deny_z", message: "bad" },
  ],
});

function superseding(fact: string, findings: readonly Partial<Finding>[]) {
  const validate = () => findings.map((finding) => ({ rule: "deny_new", message: "bad", ...finding }));
  return policyOf("new", { validate, supersedes: [fact] });
}

/** Which rules of the old policy are still heard. */
function heard(by: TestPolicy, stage: Partial<Stage> = {}, exceptions: readonly string[] = []): string[] {
  const engine = engineOf({ policies: [{ policy: OLD, stage }, by], exceptions });
  const { violations } = review(requestOf(goodPod()), "validating", engine);
  return violations.filter(({ policy }) => policy === "old").map(({ rule }) => rule);
}

Deno.test("review() leaves out what a superseding policy reports of the same container, or of the pod", () => {
  assertEquals(heard({ policy: superseding("old", [{ container: "app" }]) }), ["deny_y"]);
  assertEquals(heard({ policy: superseding("old/deny_x", [{ container: "app" }]) }), ["deny_y", "deny_z"]);
  assertEquals(heard({ policy: superseding("old", [{}]) }), []);
});

Deno.test("review() hears a superseded policy where the superseding one reports nothing", () => {
  const all = ["deny_x", "deny_y", "deny_z"];
  assertEquals(heard({ policy: superseding("old", []) }), all);
  assertEquals(heard({ policy: superseding("old", [{ container: "other" }]) }), ["deny_x", "deny_y"]);
  assertEquals(heard({ policy: superseding("other", [{}]) }), all);
  assertEquals(heard({ policy: superseding("old", [{}]), stage: { validate: "off" } }), all);
  const services = { ...superseding("old", [{}]), match: [{ group: "", kinds: ["Service"] }] };
  assertEquals(heard({ policy: services }), all);
  const broken = { ...throwing("new", new Error("x")), metadata: superseding("old", []).metadata };
  assertEquals(heard({ policy: broken, stage: { validate: "monitor" } }), all);
});

Deno.test("review() hears a superseded policy at a stage that is stronger, in the namespace of the request", () => {
  const policy = superseding("old", [{}]);
  assertEquals(heard({ policy, stage: { validate: "warn" } }, { validate: "deny" }).length, 3);
  assertEquals(heard({ policy, stage: { validate: "warn" } }, { validate: "warn" }), []);
  const weak = { payments: { validate: "monitor", mutate: "off" } } as const;
  assertEquals(heard({ policy, namespaces: weak }).length, 3);
  const engine = engineOf({ policies: [{ policy: OLD }, { policy, stage: { validate: "warn" } }] });
  const { denied, warned } = annotationsOf(review(requestOf(goodPod()), "validating", engine));
  assertEquals([denied, warned], ["deny_x: bad, deny_y: bad, deny_z: bad", "deny_new: bad"]);
});

Deno.test("review() takes an exception for the superseding policy for one for both", () => {
  assertEquals(heard({ policy: superseding("old", [{}]) }, {}, ["new/payments/*"]), []);
});

Deno.test("review() compares the stages that an unchanged pod leaves", () => {
  const judging = { ...superseding("old", [{}]), judges: { fields: ["/metadata/labels/a"] } };
  const before = goodPod({}, { labels: { a: "1" } });
  const request = requestOf(goodPod({}, { labels: { a: "2" } }), { operation: "UPDATE", oldObject: before });
  const engine = engineOf({ policies: [{ policy: OLD }, { policy: judging }] });
  const { violations } = review(request, "validating", engine);
  assertEquals(violations.map(({ policy, outcome }) => [policy, outcome]), [["new", "denied"]]);
});
