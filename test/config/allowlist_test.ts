import assert from "node:assert/strict";
import { compileAllowlist } from "../../src/config/allowlist.ts";
import { parseConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

const SCOPE = { environment: "prod", policies: ["host_network", "run_as_root"] };
const ONE_ENVIRONMENT = "the name of one environment (an exception holds in one environment at a time)";
const ONE_POLICY = "the name of one policy (an exception holds for one policy at a time)";
const ONE_NAMESPACE = "the name of one namespace (an exception for all of them would switch the policy off)";
const CONTAINER = "a container's exact name, or * for all containers";

Deno.test("compileAllowlist() reads lists and maps of containers alike", () => {
  const list = compile("prod: { host_network: { kube-system: [aws-node, '*'], edge: [proxy] } }");
  const map = compile(`
prod:
  host_network:
    kube-system:
      aws-node:
      "*": true
    edge: { proxy: proxy }
`);
  assert.deepEqual(list, map);
  assert.deepEqual(list.notices, []);
  assert.deepEqual(
    list.allowlist.get("host_network")?.get("kube-system"),
    new Map([
      ["*", "prod/host_network/kube-system/*"],
      ["aws-node", "prod/host_network/kube-system/aws-node"],
    ]),
  );
});

Deno.test("compileAllowlist() reads JSON", () => {
  const { allowlist } = compile('{"prod": {"host_network": {"edge": {"proxy": true}}}}');
  assert.equal(allowlist.get("host_network")?.get("edge")?.get("proxy"), "prod/host_network/edge/proxy");
});

Deno.test("compileAllowlist() merges documents", () => {
  const { allowlist, notices } = compile(
    "prod: { host_network: { edge: [a] } }",
    "prod: { host_network: { edge: [b], core: [c] }, run_as_root: { edge: [d] } }",
  );
  assert.deepEqual(idsOf(allowlist), [
    "prod/host_network/core/c",
    "prod/host_network/edge/a",
    "prod/host_network/edge/b",
    "prod/run_as_root/edge/d",
  ]);
  assert.deepEqual(notices, []);
});

Deno.test("compileAllowlist() takes only its environment's exceptions", () => {
  const { allowlist } = compile("dev: { host_network: { edge: [a] } }\nprod: { host_network: { edge: [b] } }");
  assert.deepEqual(idsOf(allowlist), ["prod/host_network/edge/b"]);
});

Deno.test("compileAllowlist() takes no exceptions without an environment, and says so", () => {
  const documents = [{ source: "a.yaml", text: "prod: { p: { n: [c] } }\ndev: { p: { n: [c] } }" }];
  const { allowlist, notices } = compileAllowlist(documents, { environment: undefined, policies: null });
  assert.deepEqual(idsOf(allowlist), []);
  assert.deepEqual(notices, ["no environment is set: the exceptions of dev, prod are not used"]);
  assert.deepEqual(compileAllowlist([], { environment: undefined, policies: null }).notices, []);
});

for (
  const text of [
    "",
    "# none\n",
    "{}",
    "prod:",
    "prod: {}",
    "prod: { host_network: }",
    "prod: { host_network: { edge: } }",
  ]
    .concat("prod: { host_network: { edge: [] } }", "prod: { host_network: { edge: {} } }")
) {
  Deno.test(`compileAllowlist() finds no exception and no fault in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(compile(text), { allowlist: new Map(), notices: [] });
  });
}

Deno.test("compileAllowlist() keeps names that every object has apart from what is listed", () => {
  const { allowlist } = compile('prod: { host_network: { __proto__: [constructor], constructor: { "__proto__": } } }');
  assert.deepEqual(idsOf(allowlist), [
    "prod/host_network/__proto__/constructor",
    "prod/host_network/constructor/__proto__",
  ]);
  assert.equal(allowlist.get("constructor"), undefined);
  assert.equal(allowlist.get("host_network")?.get("toString"), undefined);
});

Deno.test("compileAllowlist() reads names as they are written, not as numbers or truth values", () => {
  const { allowlist } = compile("prod: { host_network: { 0123: { 1e3: }, true: { no: , off: off } } }");
  assert.deepEqual(idsOf(allowlist), [
    "prod/host_network/0123/1e3",
    "prod/host_network/true/no",
    "prod/host_network/true/off",
  ]);
});

Deno.test("compileAllowlist() notices duplicates, with both places", () => {
  const { allowlist, notices } = compile(
    "prod:\n  host_network:\n    edge: [a, b, a]\n",
    "dev: { host_network: { edge: { a: } } }",
    "dev: { host_network: { edge: [a] } }\nprod:\n  host_network:\n    edge:\n      b: true\n",
  );
  assert.deepEqual(idsOf(allowlist), ["prod/host_network/edge/a", "prod/host_network/edge/b"]);
  assert.deepEqual(notices, [
    "0.yaml:3:18: prod/host_network/edge/a is listed already at 0.yaml:3:12",
    "2.yaml:1:31: dev/host_network/edge/a is listed already at 1.yaml:1:32",
    "2.yaml:5:7: prod/host_network/edge/b is listed already at 0.yaml:3:15",
  ]);
});

Deno.test("compileAllowlist() notices unknown policies once for each place, in every environment", () => {
  const { notices } = compile("prod: { host_netwrk: { a: [b, c], d: [e] } }\ndev: { zzz: { a: [b] } }");
  assert.deepEqual(notices, [
    '0.yaml:1:9: found unknown policy "host_netwrk", which excuses nothing, accepted host_network, run_as_root ' +
    "(did you mean host_network?)",
    '0.yaml:2:8: found unknown policy "zzz", which excuses nothing, accepted host_network, run_as_root',
  ]);
});

Deno.test("compileAllowlist() does not ask for policies that are not known yet", () => {
  const documents = [{ source: "a.yaml", text: "prod: { anything: { a: [b] } }" }];
  assert.deepEqual(compileAllowlist(documents, { environment: "prod", policies: null }).notices, []);
});

const REFUSED: Record<string, { text: string; lines: string[] }> = {
  "a list of environments": { text: "- prod", lines: ["1:1: found list, accepted a map of environments"] },
  "text": { text: "prod", lines: ['1:1: found "prod", accepted a map of environments'] },
  "a value in place of a map at every level": {
    text: "a: 1\nb: [host_network]\nc: { p: true }\nd: { p: [ns] }\ne: { p: { ns: app } }\nf: { p: { ns: false } }",
    lines: [
      "1:4: a: found number 1, accepted a map of policies",
      "2:4: b: found list, accepted a map of policies",
      "3:9: c.p: found boolean true, accepted a map of namespaces",
      "4:9: d.p: found list, accepted a map of namespaces",
      '5:15: e.p.ns: found "app", accepted a list of containers',
      "6:15: f.p.ns: found boolean false, accepted a list of containers",
    ],
  },
  "wildcards above containers, and within names": {
    text:
      "'*': { p: { ns: [a] } }\nprod-*: { p: }\nprod:\n  '*': { ns: [a] }\n  p: { '*': [a], team-*: [a], ns: [a*, '**'] }",
    lines: [
      `1:1: *: found key "*", accepted ${ONE_ENVIRONMENT}`,
      `2:1: prod-*: found key "prod-*", accepted ${ONE_ENVIRONMENT}`,
      `4:3: prod.*: found key "*", accepted ${ONE_POLICY}`,
      `5:8: prod.p.*: found key "*", accepted ${ONE_NAMESPACE}`,
      `5:18: prod.p.team-*: found key "team-*", accepted ${ONE_NAMESPACE}`,
      `5:36: prod.p.ns[0]: found "a*", accepted ${CONTAINER}`,
      `5:40: prod.p.ns[1]: found "**", accepted ${CONTAINER}`,
    ],
  },
  "a wildcard without quotes": {
    text: "prod: { p: { ns: [ * ] } }",
    lines: ['1:20: found a bare *, accepted it in quotes, "*"'],
  },
  "empty names": {
    text: "'': { p: }\nprod: { '': { ns: [a] }, p: { '': [a], ns: [''], m: { '': true } } }",
    lines: [
      `1:1: [""]: found key "", accepted ${ONE_ENVIRONMENT}`,
      `2:9: prod[""]: found key "", accepted ${ONE_POLICY}`,
      `2:31: prod.p[""]: found key "", accepted ${ONE_NAMESPACE}`,
      `2:45: prod.p.ns[0]: found "", accepted ${CONTAINER}`,
      `2:55: prod.p.m[""]: found "", accepted ${CONTAINER}`,
    ],
  },
  "containers that are not text": {
    text: "prod: { p: { ns: [1, true, null, [a], { b: c }] } }",
    lines: [
      `1:19: prod.p.ns[0]: found number 1, accepted ${CONTAINER}`,
      `1:22: prod.p.ns[1]: found boolean true, accepted ${CONTAINER}`,
      `1:28: prod.p.ns[2]: found null, accepted ${CONTAINER}`,
      `1:34: prod.p.ns[3]: found list, accepted ${CONTAINER}`,
      `1:39: prod.p.ns[4]: found map, accepted ${CONTAINER}`,
    ],
  },
  "values of a map of containers that may mean no": {
    text: "prod:\n  p:\n    ns: { a: false, b: 0, c: '', d: no, e: {}, f: [f], g: true, h: h, i: }",
    lines: [
      "3:14: prod.p.ns.a: found boolean false, accepted nothing, true or the same name",
      "3:24: prod.p.ns.b: found number 0, accepted nothing, true or the same name",
      '3:30: prod.p.ns.c: found "", accepted nothing, true or the same name',
      '3:37: prod.p.ns.d: found "no", accepted nothing, true or the same name',
      "3:44: prod.p.ns.e: found map, accepted nothing, true or the same name",
      "3:51: prod.p.ns.f: found list, accepted nothing, true or the same name",
    ],
  },
  "duplicate keys": {
    text: "prod: { p: { ns: [a] } }\nprod: { p: { ns: [b] } }",
    lines: [`2:1: prod: found key "prod" again (first at 1:1), accepted one`],
  },
  "two documents": { text: "prod:\n---\ndev:\n", lines: ["2:1: found a second document, accepted one"] },
};

for (const [name, { text, lines }] of Object.entries(REFUSED)) {
  Deno.test(`compileAllowlist() refuses ${name}`, () => {
    assert.deepEqual(linesOf(() => compile(text)), lines.map((line) => `0.yaml:${line}`));
  });
}

Deno.test("compileAllowlist() reports the mistakes of every document, each with its source", () => {
  const lines = linesOf(() => compile("prod: [", "prod: { p: { ns: [a] } }", "dev: 1"));
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^0\.yaml:1:8: found invalid YAML/);
  assert.equal(lines[1], "2.yaml:1:6: dev: found number 1, accepted a map of policies");
});

Deno.test("docs/exceptions.md has only valid examples, which excuse what the page says", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/exceptions.md", import.meta.url));
  const examples = [...text.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, source, text]) => ({ source, text }));
  assert.equal(examples.length, text.split("```yaml").length - 1, "an example does not begin with its file's name");
  const isConfig = ({ source }: { source: string }) => source === "kube-policies.yaml";
  for (const example of examples.filter(isConfig)) parseConfig(example.text, example.source);
  const lists = examples.filter((example) => !isConfig(example));
  const policies = ["host_network", "readonly_root_fs"];
  const { allowlist, notices } = compileAllowlist(lists, { environment: "prod", policies });
  assert.ok(idsOf(allowlist).includes("prod/host_network/edge/proxy"));
  assert.equal(notices.length, 1, "the second example repeats node-exporter");
});

function compile(...texts: string[]) {
  return compileAllowlist(texts.map((text, index) => ({ source: `${index}.yaml`, text })), SCOPE);
}

function idsOf(allowlist: ReturnType<typeof compileAllowlist>["allowlist"]): string[] {
  return [...allowlist.values()].flatMap((namespaces) => [...namespaces.values()].flatMap((ids) => [...ids.values()]));
}

function linesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split("\n");
  }
  assert.fail("nothing was refused");
}
