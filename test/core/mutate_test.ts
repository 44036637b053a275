import { deepStrictEqual as assertEquals, doesNotMatch, match, ok } from "node:assert";
import type { Fields, Operation } from "../../src/contract.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestEngine } from "../engine_fixture.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { changing, policyOf, reporting, throwing } from "./policy_fixture.ts";

function mutate(engine: TestEngine, request = requestOf(goodPod())) {
  return review(request, "mutating", engineOf(engine));
}

const add = (path: string, value: unknown = "1") => ({ op: "add" as const, path, value });
const adding = (name: string, path: string, value?: unknown) => changing(name, [{ operations: [add(path, value)] }]);

Deno.test("review() creates missing parents, and none that is there", () => {
  const { patch } = mutate({
    policies: [
      { policy: adding("a", "/spec/securityContext/supplementalGroups/-", 1) },
      { policy: adding("b", "/metadata/annotations/x", "1") },
      { policy: adding("c", "/metadata/annotations/y", "1") },
      { policy: adding("d", "/spec/containers/0/securityContext/capabilities/drop/-", "NET_RAW") },
    ],
  });
  assertEquals(patch, [
    add("/spec/securityContext/supplementalGroups", []),
    add("/spec/securityContext/supplementalGroups/-", 1),
    add("/metadata/annotations", {}),
    add("/metadata/annotations/x"),
    add("/metadata/annotations/y"),
    add("/spec/containers/0/securityContext/capabilities/drop/-", "NET_RAW"),
  ]);
});

Deno.test("review() takes a parent that is null for a missing one", () => {
  const { patched } = mutate(
    { policies: [{ policy: adding("a", "/metadata/labels/x") }] },
    requestOf(goodPod({}, { labels: null })),
  );
  assertEquals((patched!.metadata as Fields).labels, { x: "1" });
});

Deno.test("review() escapes ~ and / in the parents it creates", () => {
  const { patch, patched } = mutate({
    policies: [{ policy: adding("a", "/metadata/annotations/example.com~1a~0b/c") }],
  });
  assertEquals(patch[1], add("/metadata/annotations/example.com~1a~0b", {}));
  assertEquals((patched!.metadata as Fields).annotations, { "example.com/a~b": { c: "1" } });
});

Deno.test("review() shows each rule the object as earlier rules left it", () => {
  const seen: unknown[] = [];
  const looking = policyOf("look", {
    mutate({ object }) {
      seen.push((object.metadata as Fields).labels);
      return [];
    },
  });
  mutate({
    policies: [
      { policy: adding("dry", "/metadata/labels/dry"), stage: { mutate: "dryrun" } },
      { policy: adding("a", "/metadata/labels/a") },
      { policy: looking },
      { policy: looking, stage: { mutate: "dryrun" } },
    ],
  });
  assertEquals(seen, [{ a: "1" }, { a: "1", dry: "1" }]);
});

Deno.test("review() sends nothing of a dry run", () => {
  const decision = mutate({ policies: [{ policy: adding("a", "/metadata/labels/a"), stage: { mutate: "dryrun" } }] });
  assertEquals([decision.patch, decision.patched, decision.patches[0].outcome], [[], null, "dryrun"]);
});

Deno.test("review() drops patches for allowlisted containers, and says so", () => {
  const at = (index: number, container: string) => ({
    container,
    operations: [add(`/spec/containers/${index}/workingDir`, "/")],
  });
  const decision = mutate({
    policies: [{ policy: changing("a", [at(0, "app"), at(1, "db")]) }],
    exceptions: ["a/payments/app"],
  }, requestOf(goodPod({ containers: [goodContainer(), goodContainer({ name: "db" })] })));
  assertEquals(decision.patch, [add("/spec/containers/1/workingDir", "/")]);
  assertEquals(decision.patches.map(({ outcome, exception }) => [outcome, exception]), [
    ["excused", "id:a/payments/app"],
    ["patched", null],
  ]);
});

const EVERYTHING = { policies: [{ policy: adding("a", "/metadata/labels/a") }] };

const untouched: [string, { operation: Operation; subResource?: string; object?: Fields }][] = [
  ["an update of a pod", { operation: "UPDATE" }],
  ["a resize", { operation: "UPDATE", subResource: "resize" }],
  ["a deletion", { operation: "DELETE" }],
  ["a deployment", {
    operation: "CREATE",
    object: { apiVersion: "apps/v1", kind: "Deployment", metadata: {}, spec: { template: goodPod() } },
  }],
  ["a pod of another API group", { operation: "CREATE", object: { ...goodPod(), apiVersion: "example.com/v1" } }],
];

for (const [name, { object = goodPod(), ...changes }] of untouched) {
  Deno.test(`review() does not patch ${name}`, () => {
    const request = requestOf(object, { ...changes, oldObject: goodPod() });
    assertEquals(mutate(EVERYTHING, request).patches, []);
  });
}

Deno.test("review() patches only new ephemeral containers of a pod that runs", () => {
  const debug = (name: string) => goodContainer({ name });
  const oldObject = goodPod({ ephemeralContainers: [debug("old")] });
  const object = goodPod({ ephemeralContainers: [debug("old"), debug("new")] });
  const everywhere = policyOf("a", {
    mutate: ({ pod }) => [
      { rule: "set_a", operations: [add("/metadata/labels/a")] },
      ...pod!.containers.map(({ name, path }) => ({
        rule: "set_a",
        container: name,
        operations: [add(`${path}/tty`, true)],
      })),
    ],
  });
  const request = requestOf(object, { operation: "UPDATE", subResource: "ephemeralcontainers", oldObject });
  assertEquals(mutate({ policies: [{ policy: everywhere }] }, request).patch, [
    add("/spec/ephemeralContainers/1/tty", true),
  ]);
});

Deno.test("review() leaves out both of two rules that want different values at one path, in any order", () => {
  const one = { policy: adding("one", "/metadata/labels/x", "1") };
  const two = { policy: adding("two", "/metadata/labels/x", "2") };
  const other = { policy: adding("other", "/metadata/labels/y", "3") };
  for (const policies of [[one, two, other], [two, other, one], [other, one, two]]) {
    const { patch, failures, failing } = mutate({ policies });
    assertEquals(patch.at(-1), add("/metadata/labels/y", "3"));
    assertEquals(patch.length, 2);
    assertEquals(failures.map(({ policy }) => policy).sort(), ["one", "two"]);
    match(String(failures[0].cause), /one\/set_one and two\/set_two want different values at \/metadata\/labels\/x/);
    assertEquals(failing, "open");
  }
});

Deno.test("review() takes a write above or below another rule's for a conflict, the same value for none", () => {
  const names = (...policies: ReturnType<typeof adding>[]) =>
    mutate({ policies: policies.map((policy) => ({ policy })) }).failures.map(({ policy }) => policy).sort();
  const whole = adding("whole", "/metadata/labels", { a: "1" });
  const leaf = adding("leaf", "/metadata/labels/a", "2");
  assertEquals(names(whole, leaf), ["leaf", "whole"]);
  assertEquals(names(leaf, whole), ["leaf", "whole"]);
  assertEquals(names(leaf, adding("same", "/metadata/labels/a", "2")), []);
  const append = (name: string, value: string) => adding(name, "/spec/containers/0/args/-", value);
  assertEquals(names(append("a", "x"), append("b", "y")), []);
});

Deno.test("review() does not let a dry run disturb a patch", () => {
  const { patch, failures, failing } = mutate({
    policies: [
      { policy: adding("dry", "/metadata/labels/x", "1"), stage: { mutate: "dryrun" } },
      { policy: adding("real", "/metadata/labels/x", "2") },
    ],
  });
  assertEquals([patch.length, failures.map(({ policy }) => policy), failing], [2, ["dry"], null]);
});

const broken: [string, Fields[] | unknown, RegExp][] = [
  [
    "test",
    [{ rule: "set_a", operations: [{ op: "test", path: "/kind", value: "Pod" }] }],
    /accepted add, remove, replace/,
  ],
  ["move", [{ rule: "set_a", operations: [{ op: "move", from: "/kind", path: "/x" }] }], /accepted add/],
  ["copy", [{ rule: "set_a", operations: [{ op: "copy", from: "/kind", path: "/x" }] }], /accepted add/],
  ["a removal of what is not there", [{ rule: "set_a", operations: [{ op: "remove", path: "/spec/nope" }] }], /./],
  ["a replacement of what is not there", [{
    rule: "set_a",
    operations: [{ op: "replace", path: "/spec/nope", value: 1 }],
  }], /./],
  ["a path through a text", [{ rule: "set_a", operations: [add("/kind/x/y")] }], /./],
  ["a path that is no pointer", [{ rule: "set_a", operations: [add("kind")] }], /not a JSON Pointer/],
  ["a path with a bad escape", [{ rule: "set_a", operations: [add("/metadata/labels/~2")] }], /not a JSON Pointer/],
  ["a path to a prototype", [{ rule: "set_a", operations: [add("/__proto__/polluted", true)] }], /./],
  ["no list", { rule: "set_a" }, /not a list/],
  ["a promise", Promise.resolve([]), /not a list/],
  ["a change without a rule", [{ operations: [] }], /rule is not a text/],
  ["a change without operations", [{ rule: "set_a" }], /not a list/],
  ["a container that is no text", [{ rule: "set_a", container: 1, operations: [] }], /container is not a text/],
  ["an operation without a path", [{ rule: "set_a", operations: [{ op: "add", value: 1 }] }], /path is not a text/],
  ["an operation without a value", [{ rule: "set_a", operations: [{ op: "add", path: "/x" }] }], /./],
  ["a value that JSON cannot hold", [{ rule: "set_a", operations: [add("/x", 1n)] }], /BigInt/],
];

for (const [name, changes, message] of broken) {
  Deno.test(`review() refuses ${name} from a policy, and keeps the others' patches`, () => {
    const bad = policyOf("a", { mutate: () => changes as never });
    const { patch, failures } = mutate({ policies: [{ policy: bad }, { policy: adding("b", "/metadata/labels/b") }] });
    assertEquals(failures.map(({ policy }) => policy), ["a"]);
    match(String(failures[0].cause), message);
    doesNotMatch(String(failures[0].cause), /registry\.example\.com/, "the object is not for the log");
    assertEquals(patch.at(-1), add("/metadata/labels/b"));
    ok(!("polluted" in {}));
  });
}

Deno.test("review() reports a malformed pod that only a mutating policy reads", () => {
  const policy = policyOf("a", { mutate: ({ pod }) => pod ? [] : [] });
  const request = requestOf(goodPod({ containers: {} }));
  const { failures, failing } = review(request, "mutating", engineOf({ policies: [{ policy }] }));
  assertEquals([failures.map(({ policy }) => policy), failing], [["a"], "open"]);
});

Deno.test("review() takes two rules below another's path for a conflict with both", () => {
  const policies = [
    adding("x", "/metadata/labels/x"),
    adding("y", "/metadata/labels/y"),
    adding("x2", "/metadata/labels", {}),
  ].map((policy) => ({ policy }));
  const { patch } = mutate({ policies }, requestOf(goodPod()));
  assertEquals(patch, []);
});

Deno.test("review() freezes what policies see", () => {
  const object = goodPod();
  const vandal = policyOf("vandal", {
    validate(subject) {
      (subject.object as { spec: Fields }).spec = {};
      return [];
    },
    mutate(subject) {
      ((subject.pod!.containers[0].fields as { image: string }).image) = "evil";
      return [];
    },
  });
  for (const endpoint of ["mutating", "validating"] as Endpoint[]) {
    const { failures } = review(requestOf(object), endpoint, engineOf({ policies: [{ policy: vandal }] }));
    match(String(failures[0].cause), /TypeError/);
  }
  assertEquals(object, goodPod());
});

Deno.test("review() judges a template after the mutations that will repair its pods", () => {
  const template = goodPod({}, { name: undefined, namespace: undefined });
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "payments" },
    spec: { template },
  };
  const repair = adding("repair", "/spec/template/spec/dnsPolicy", "None");
  const judge = policyOf("judge", {
    validate: ({ pod }) => pod!.spec.dnsPolicy === "None" ? [] : [{ rule: "deny_judge", message: "no" }],
  });
  const allowed = (mutate: "patch" | "dryrun", exceptions: string[] = []) => {
    const engine = engineOf({ policies: [{ policy: judge }, { policy: repair, stage: { mutate } }], exceptions });
    return review(requestOf(deployment), "validating", engine).allowed;
  };
  assertEquals(allowed("patch"), true);
  assertEquals(allowed("dryrun"), false);
  assertEquals(allowed("patch", ["repair/payments/app"]), false);
  const failing = engineOf({ policies: [{ policy: reporting("m", []) }, { policy: throwing("t", new Error("x")) }] });
  assertEquals(review(requestOf(deployment), "validating", failing).failing, "closed");
});
