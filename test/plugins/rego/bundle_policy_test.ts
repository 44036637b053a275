import assert from "node:assert/strict";
import { bundleOptions, loadBundle } from "../../../plugins/policies/bundle.ts";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import type { Builtins } from "../../../plugins/policies/rego/builtin.ts";
import { Program } from "../../../plugins/policies/rego/program.ts";
import * as v from "valibot";
import { review } from "../../../src/core/review.ts";
import { subjectOf } from "../../../src/core/subject.ts";
import { requestOf, reviewOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, FORMS, loadedFrom, operationsOf } from "./bundle_engine.ts";

const whole = await readArchive(await Deno.readFile(`${FORMS}/config_staged.tar.gz`));
const bytes = (text: string) => new TextEncoder().encode(text);
const MANIFEST = { wasm: [{ entrypoint: "kube_policies/violations", module: "/policy.wasm" }] };
const own = (kube_policies: unknown) => bytes(JSON.stringify({ ...MANIFEST, metadata: { kube_policies } }));

async function loaded(changes: Record<string, Uint8Array>, options: unknown = {}) {
  const files = new Map([...whole, ...Object.entries(changes)]);
  const { policy } = await loadBundle(files, v.parse(bundleOptions, options), { fallbackName: "file", now: () => 0n });
  return policy;
}

Deno.test("a review has one time for all its entrypoints, and the next review another", async () => {
  const seen: bigint[] = [];
  const builtins: Builtins = {
    "units.parse_bytes": (_operands, { now }) => (seen.push(now), 0),
    "json.unmarshal": () => undefined,
  } as Builtins;
  const module = await WebAssembly.compile(whole.get("policy.wasm") as Uint8Array<ArrayBuffer>);
  let time = 0n;
  const program = new Program(module, { builtins, data: { json: "{}", parts: [], value: {} }, now: () => ++time });
  const input = () => bytes(JSON.stringify(reviewOf(requestOf(annotated({ size: "1" })))));
  const [first, second] = [input(), input()];
  for (const body of [first, first, second]) {
    program.evaluate("kube_policies/violations", body, { environment: "", allowlist: {} });
  }
  assert.deepEqual(seen, [1n, 1n, 2n]);
});

async function excusedBy(files: Record<string, Uint8Array>, context: { environment: string; allowlist: unknown }) {
  const policy = await loaded(files);
  const subject = subjectOf(requestOf(annotated({ excused: "yes" })));
  const findings = policy.validate!(subject, undefined, context as never) as { message: string }[];
  return findings.map(({ message }) => message);
}

const listing = (...environments: string[]) =>
  Object.fromEntries(environments.map((name) => [name, { echo: { payments: ["app"] } }]));

Deno.test("data.environment is the process's, or the bundle's own where the process names none", async () => {
  const data = { "data.json": bytes(JSON.stringify({ environment: "own", allowlist: listing("own", "prod") })) };
  assert.deepEqual(await excusedBy(data, { environment: "", allowlist: {} }), ["own"]);
  assert.deepEqual(await excusedBy(data, { environment: "prod", allowlist: {} }), ["prod"]);
});

Deno.test("data.json of a folder has its place in data, beside the exceptions that are given", async () => {
  const data = { "allowlist/prod/data.json": bytes('{"echo": {"payments": ["app"]}}') };
  assert.deepEqual(await excusedBy(data, { environment: "prod", allowlist: {} }), ["prod"]);
  const given = { prod: { echo: { payments: { side: "side" } }, other: { a: { b: "b" } } } };
  assert.deepEqual(await excusedBy(data, { environment: "prod", allowlist: given }), ["prod"]);
});

Deno.test("a bundle without exceptions of its own takes those that are given", async () => {
  assert.deepEqual(
    await excusedBy({}, { environment: "prod", allowlist: { prod: { echo: { payments: { app: "app" } } } } }),
    ["prod"],
  );
});

Deno.test("what a config says of a bundle goes before what its manifest says", async () => {
  const match = (kind: string) => [{ group: "", kinds: [kind] }];
  const manifest = own({ name: "theirs", match: match("Pod"), entrypoints: ["kube_policies/patches"] });
  const theirs = await loaded({ ".manifest": manifest });
  assert.deepEqual([theirs.name, theirs.match, theirs.validate], ["theirs", match("Pod"), undefined]);
  const ours = await loaded({ ".manifest": manifest }, {
    name: "ours",
    match: match("Secret"),
    entrypoints: ["kube_policies/violations"],
  });
  assert.deepEqual([ours.name, ours.match, ours.mutate], ["ours", match("Secret"), undefined]);
});

Deno.test("a bundle that names itself has no more than the stage of any other name", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { default: { validate: warn, mutate: dryrun }, other: { validate: deny, mutate: patch } } }`);
  const violations = [{ policy: "config_staged", rule: "deny_a", message: "m" }];
  const { allowed, warnings } = answerTo(annotated({ violations }), "validating", engine);
  assert.deepEqual([allowed, warnings], [true, ["deny_a: m"]]);
  const patches = [{ policy: "config_staged", rule: "set_a", op: "add", path: "/spec/hostname", value: "x" }];
  assert.equal(answerTo(annotated({ patches }), "mutating", engine).patch, undefined);
});

Deno.test("a config-staged bundle's patch is excused by the policy that it names", async () => {
  const files = { "allowlist.yaml": "prod: { a: { payments: [app] } }" };
  const engine = await engineFrom(
    `
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { default: { mutate: patch } } }
allowlists: [{ use: file, options: { path: allowlist.yaml } }]`,
    files,
  );
  const patch = (policy: string, key: string) => ({
    policy,
    rule: `set_${policy}`,
    container: "app",
    op: "add",
    path: `/spec/containers/0/${key}`,
    value: true,
  });
  const { patches } = review(
    requestOf(annotated({ patches: [patch("a", "tty"), patch("b", "stdin")] })),
    "mutating",
    engine,
  );
  assert.deepEqual(patches.map(({ policy, outcome }) => [policy, outcome]), [["b", "patched"], ["a", "excused"]]);
});

Deno.test("a violation whose policy is a number fails, though any name is accepted", async () => {
  const engine = await engineFrom(
    "environment: prod\npolicies: [{ use: $FORMS/config_staged.tar.gz }]\nstages: { prod: { default: deny } }",
  );
  const violations = [{ policy: 1, rule: "a", message: "m" }];
  const { failures } = review(requestOf(annotated({ violations })), "validating", engine);
  assert.match(String(failures[0]?.cause), /policy is not a text/);
});

Deno.test("a set may append two items to one list, and set null, false and an empty text", async () => {
  const engine = await engineFrom("environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n");
  const patch = [
    ...["x", "y"].map((value) => ({ op: "add", path: "/spec/containers/0/args/-", value })),
    { op: "add", path: "/spec/hostname", value: "" },
    { op: "add", path: "/spec/hostIPC", value: false },
    { op: "add", path: "/spec/os", value: null },
  ];
  const { failures, patched } = review(requestOf(annotated({ patch })), "mutating", engine);
  assert.deepEqual(failures, []);
  const { containers, hostname, hostIPC, os } = patched!.spec as Record<string, unknown>;
  const [{ args }] = containers as { args: string[] }[];
  assert.deepEqual([args.slice(-2), hostname, hostIPC, os], [["x", "y"], "", false, null]);
});

Deno.test("a set that changes something within what it replaces fails, and one that adds a parent first does not", async () => {
  const engine = await engineFrom("environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n");
  const within = [
    { op: "replace", path: "/spec/containers/0/securityContext", value: {} },
    { op: "add", path: "/spec/containers/0/securityContext/privileged", value: false },
  ];
  const { failures } = review(requestOf(annotated({ patch: within })), "mutating", engine);
  assert.match(String(failures[0]?.cause), /and to replace \/spec\/containers\/0\/securityContext$/);
  const parent = [
    { op: "add", path: "/metadata/labels/a", value: "b" },
    { op: "add", path: "/metadata/labels", value: { c: "d" } },
  ];
  const { patched } = review(requestOf(annotated({ patch: parent })), "mutating", engine);
  assert.deepEqual((patched!.metadata as Record<string, unknown>).labels, { a: "b", c: "d" });
});

Deno.test("a self-staged bundle's message may have lines, and its rule is at its start alone", async () => {
  const engine = await engineFrom("environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n");
  const { violations } = review(
    requestOf(annotated({ deny: ["deny_a: one\ntwo", "Pod x: found y: z"] })),
    "validating",
    engine,
  );
  assert.deepEqual(violations.map(({ rule, message }) => [rule, message]).sort(), [
    ["deny_a", "one\ntwo"],
    ["self_staged", "Pod x: found y: z"],
  ]);
});

Deno.test("a self-staged bundle's patch stays its own, whatever policy it names", async () => {
  const engine = await engineFrom("environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n");
  const patch = [{ op: "add", path: "/spec/hostname", value: "x", policy: "other" }];
  const { patches, failures } = review(requestOf(annotated({ patch })), "mutating", engine);
  assert.deepEqual([patches.map(({ policy }) => policy), failures], [["self_staged"], []]);
});

const UNKNOWN_EXCEPTION = "allowlists: [{ use: file, options: { path: a.yaml } }]";
const excepting = (policy: string) => ({ "a.yaml": `prod: { ${policy}: { payments: [app] } }` });

Deno.test("an exception may name what a bundle may report, and else only what is loaded", async () => {
  const notices = async (use: string, name: string) =>
    (await loadedFrom(`environment: prod\npolicies: [{ use: ${use} }]\n${UNKNOWN_EXCEPTION}`, excepting(name))).notices;
  assert.deepEqual(await notices("$FORMS/config_staged.tar.gz", "anything"), []);
  assert.deepEqual(await notices("$FORMS/self_staged.tar.gz", "anything"), []);
  assert.deepEqual(await notices("$FORMS/image_tags.tar.gz", "image_tags"), []);
  assert.notDeepEqual(await notices("$FORMS/tutorial.tar.gz", "anything"), []);
});

Deno.test("the policy revision changes with the stages of what a bundle speaks for", async () => {
  const revision = async (stages: string) =>
    (await engineFrom(
      `environment: prod\npolicies: [{ use: $FORMS/config_staged.tar.gz }]\nstages: { prod: { ${stages} } }`,
    ))
      .revision;
  const revisions = await Promise.all([
    revision("a: deny, b: warn"),
    revision("a: warn, b: deny"),
    revision("a: deny, b: warn, default: warn"),
    revision("a: { validate: deny, namespaces: { x: off } }, b: warn"),
    revision("a: deny, b: { validate: warn, namespaces: { x: off } }"),
  ]);
  assert.equal(new Set(revisions).size, revisions.length);
});
// stages
Deno.test("an entry of a self-staged bundle caps it, and gives it no more", async () => {
  const engine = await engineFrom(
    "environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz, options: { entrypoints: [validating/warn, mutating/dryrun] } }]\n" +
      "stages: { prod: { self_staged: { validate: deny, mutate: patch } } }",
  );
  const object = annotated({ warn: [1], dryrun: [1] });
  for (const endpoint of ["validating", "mutating"] as const) {
    assert.deepEqual(review(requestOf(object), endpoint, engine).failures.map(({ decisive }) => decisive), [false]);
  }
  void [operationsOf];
});
