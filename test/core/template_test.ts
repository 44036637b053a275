import { deepStrictEqual as assertEquals } from "node:assert";
import type { Fields, Match, Policy } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestEngine } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { policyOf } from "./policy_fixture.ts";

/** Wants `value` at `path`, and refuses what lacks it. */
function repairing(path: (pod: string) => string, match: readonly Match[] = kit.pods): Policy {
  return policyOf("repair", {
    match,
    validate: (subject) =>
      valueAt(subject.object, path(subject.pod!.path)) ? [] : [{ rule: "deny_repair", message: "no" }],
    mutate: (subject) => [{
      rule: "set_repair",
      operations: [{ op: "add", path: path(subject.pod!.path), value: "x" }],
    }],
  });
}

function valueAt(object: Fields, path: string): unknown {
  return path.slice(1).split("/").reduce<unknown>((node, step) => (node as Fields | undefined)?.[step], object);
}

function template(kind: string, { name = "web", namespace = "payments", group = "apps/v1" } = {}): Fields {
  const { spec } = goodPod();
  return { apiVersion: group, kind, metadata: { name, namespace }, spec: { template: { spec } } };
}

function allowed(object: Fields, engine: TestEngine): boolean {
  return review(requestOf(object), "validating", engineOf(engine)).allowed;
}

const inside = (pod: string) => `${pod}/spec/dnsPolicy`;

Deno.test("review() repairs a template by what its pods will meet", () => {
  assertEquals(allowed(template("Deployment"), { policies: [{ policy: repairing(inside) }] }), true);
});

Deno.test("review() does not repair a template by a policy that its pods will never meet", () => {
  const policy = repairing(inside, [{ group: "apps", kinds: ["Deployment"] }]);
  assertEquals(allowed(template("Deployment"), { policies: [{ policy }] }), false);
  const onUpdate = repairing(inside, kit.pods.map((match) => ({ ...match, operations: ["UPDATE"] as const })));
  assertEquals(allowed(template("Deployment"), { policies: [{ policy: onUpdate }] }), true, "not asked on CREATE");
});

Deno.test("review() does not repair a controller outside its template: no webhook will", () => {
  const policy = repairing(() => "/metadata/labels");
  assertEquals(allowed(template("Deployment"), { policies: [{ policy }] }), false);
});

Deno.test("review() judges as it was written a template whose pods pass as critical ones", () => {
  const critical = [
    { namespace: "kube-system", kind: "Deployment", name: "coredns" },
    { namespace: "kube-system", kind: "CronJob", name: "backup" },
  ] as const;
  const engine = { policies: [{ policy: repairing(inside) }], critical };
  const at = (kind: string, name: string, { namespace = "kube-system", group = "apps/v1" } = {}) =>
    allowed(template(kind, { name, namespace, group }), engine);
  assertEquals(at("ReplicaSet", "coredns-evil"), false);
  assertEquals(at("Job", "backup-123", { group: "batch/v1" }), false);
  assertEquals(at("ReplicaSet", "other-evil"), true);
  assertEquals(at("ReplicaSet", "coredns-evil", { namespace: "payments" }), true);
  assertEquals(at("Job", "backup-now", { group: "batch/v1" }), true);
});

Deno.test("review() judges a nameless template beside critical ones as any other", () => {
  const critical = [{ namespace: "kube-system", kind: "Deployment", name: "coredns" }] as const;
  const engine = engineOf({ policies: [{ policy: repairing(inside) }], critical });
  const object = template("ReplicaSet", { namespace: "kube-system" });
  for (const name of [undefined, null, ""]) {
    const { failures, allowed } = review(requestOf(object, { name: name as string }), "validating", engine);
    assertEquals([failures, allowed], [[], true]);
  }
});
