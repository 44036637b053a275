import assert from "node:assert/strict";
import * as v from "valibot";
import {
  type Config,
  DEFAULT_CONFIG,
  parseConfig,
  toBreakglass,
  toFailureModes,
  unknownUses,
} from "../../src/config/config.ts";
import { configJsonSchema } from "../../src/config/json_schema.ts";
import { configIssues } from "../../src/config/issues.ts";
import { ConfigError, issueLine } from "../../src/errors.ts";
import { ADDRESS, ENVIRONMENT, KEYS, REFUSED } from "./config_refusals.ts";

for (const [name, { text, lines }] of Object.entries(REFUSED)) {
  Deno.test(`parseConfig() refuses ${name}`, () => {
    assert.deepEqual(linesOf(() => parseConfig(text, "kp.yaml")), lines.map((line) => `kp.yaml:${line}`));
  });
}

for (
  const address of [
    "",
    "host",
    "host:",
    "host:65536",
    "::1:80",
    "[::1]",
    "[x]:1",
    "a b:1",
    "u@h:1",
    "1.2.3.256:1",
    "h:1/",
  ]
) {
  Deno.test(`parseConfig() refuses to listen on "${address}"`, () => {
    const lines = linesOf(() => parseConfig(`serve: { listen: '${address}' }`, "kp.yaml"));
    assert.deepEqual(lines, [`kp.yaml:1:18: serve.listen: found "${address}", accepted ${ADDRESS}`]);
  });
}

Deno.test("parseConfig() reads addresses of every form", () => {
  const { serve } = parseConfig("serve: { listen: '[::1]:0', metrics: metrics.acme.example:65535 }", "kp.yaml");
  assert.deepEqual([serve.listen, serve.metrics], [
    { host: "::1", port: 0 },
    { host: "metrics.acme.example", port: 65535 },
  ]);
});

Deno.test("parseConfig() reads an empty file, comments and an empty map as the defaults", () => {
  for (const text of ["", "\n", "# nothing yet\n", "---\n", "{}", "\ufeff"]) {
    assert.deepEqual(plain(parseConfig(text, "kp.yaml")), plain(DEFAULT_CONFIG), JSON.stringify(text));
  }
});

const SERVE = {
  listen: { host: "0.0.0.0", port: 8443 },
  metrics: { host: "0.0.0.0", port: 8081 },
  drainSeconds: 5,
  evaluators: { memory: 256, quarantineAfter: 3, windowSeconds: 600 },
  limits: { inFlight: 256, connections: 1024, memory: 64, requestsPerSecond: 1000 },
  refreshSeconds: 60,
};

Deno.test("DEFAULT_CONFIG monitors with the built-in library and fails closed except where a cluster would stop", () => {
  const { critical, exceptions, ...rest } = plain(DEFAULT_CONFIG);
  assert.deepEqual(rest, {
    policies: [{ use: "platform" }, { use: "pod-security", options: { level: "baseline" } }],
    stages: {},
    allowlists: [],
    breakglass: { users: [], groups: [], usernamePrefixes: [] },
    failure: { validate: "closed", mutate: "open", namespaces: { "kube-system": "open", "kube-node-lease": "open" } },
    serve: SERVE,
  });
  assert.ok(exceptions.injectedContainers.includes("istio-proxy"));
  assert.deepEqual(new Set(critical.map(({ namespace }) => namespace)), new Set(["kube-system"]));
  for (const [kind, name] of [["DaemonSet", "aws-node"], ["DaemonSet", "kube-proxy"], ["Deployment", "coredns"]]) {
    assert.ok(critical.some((entry) => entry.kind === kind && entry.name === name), name);
  }
});

Deno.test("parseConfig() keeps what is given and fills in the rest", () => {
  const config = parseConfig(
    `
environment: prod
policies:
  - use: ./acme/pinned.ts
  - { use: host_network, options: { nested: [1, off] } }
stages:
  prod:
    default: { validate: monitor, mutate: dryrun }
    host_network: off
    readonly_root_fs: { validate: warn, namespaces: { legacy: patch } }
  dev: {}
allowlists: [{ use: file, options: { path: ./allowlists } }]
exceptions: { injectedContainers: [] }
breakglass: { users: [a@acme.example], groups: [sre], usernamePrefixes: ["system:serviceaccount:flux-system:"] }
critical: [{ namespace: ingress, kind: Deployment, name: proxy }]
failure: { mutate: closed, namespaces: { kube-system: closed, edge: open } }
serve: { tls: { cert: tls.crt, key: tls.key } }
`,
    "kp.yaml",
  );
  assert.deepEqual(plain(config), {
    environment: "prod",
    policies: [{ use: "./acme/pinned.ts" }, { use: "host_network", options: { nested: [1, "off"] } }],
    stages: {
      prod: {
        default: { validate: "monitor", mutate: "dryrun" },
        policies: {
          host_network: { validate: "off", mutate: "off", namespaces: {} },
          readonly_root_fs: { validate: "warn", namespaces: { legacy: { mutate: "patch" } } },
        },
      },
      dev: { default: {}, policies: {} },
    },
    allowlists: [{ use: "file", options: { path: "./allowlists" } }],
    exceptions: { injectedContainers: [] },
    breakglass: {
      users: ["a@acme.example"],
      groups: ["sre"],
      usernamePrefixes: ["system:serviceaccount:flux-system:"],
    },
    critical: [{ namespace: "ingress", kind: "Deployment", name: "proxy" }],
    failure: {
      validate: "closed",
      mutate: "closed",
      namespaces: { "kube-system": "closed", "kube-node-lease": "open", edge: "open" },
    },
    serve: { ...SERVE, tls: { cert: "tls.crt", key: "tls.key" } },
  });
});

Deno.test("parseConfig() reads aliases, and locates what they stand for", () => {
  const config = parseConfig("stages:\n  dev: &stages { a: warn }\n  prod: *stages\n", "kp.yaml");
  assert.deepEqual(config.stages.prod, config.stages.dev);
  assert.deepEqual(config.locate(["stages", "prod", "a"], "key"), { line: 2, column: 18 });
});

Deno.test("toBreakglass() and toFailureModes() give what the review looks up", () => {
  const config = parseConfig("breakglass: { users: [a], groups: [b, b], usernamePrefixes: ['c:'] }", "kp.yaml");
  assert.deepEqual(toBreakglass(config.breakglass), {
    users: new Set(["a"]),
    groups: new Set(["b"]),
    usernamePrefixes: ["c:"],
  });
  assert.deepEqual(toFailureModes(config.failure), {
    validate: "closed",
    mutate: "open",
    namespaces: new Map([["kube-system", "open"], ["kube-node-lease", "open"]]),
  });
});

Deno.test("unknownUses() lists what is not shipped, and lets paths of policies be", () => {
  const config = parseConfig(
    "policies: [{ use: platfrom }, { use: ./a.ts }, { use: b.mjs }, { use: platform }]\nallowlists: [{ use: ./a.ts }]",
    "kp.yaml",
  );
  const issues = unknownUses(config, { policies: ["platform", "pod-security"], allowlists: ["file"] });
  assert.deepEqual(issues.map((issue) => issueLine(issue, "kp.yaml")), [
    'kp.yaml:1:19: policies[0].use: found unknown policy "platfrom", accepted platform, pod-security ' +
    "(did you mean platform?)",
    'kp.yaml:2:21: allowlists[0].use: found unknown allowlist provider "./a.ts", accepted file',
  ]);
});

Deno.test("configIssues() places what another schema says of options, and turns its sentences into ours", () => {
  const { locate, policies } = parseConfig(
    "policies:\n  - use: a\n    options: { level: high, extra: 1, at: 5, map: 1, version: v2, half: 1.5 }",
    "kp.yaml",
  );
  const schema = v.strictObject({
    level: v.picklist(["low", "highest"]),
    at: v.union([v.string(), v.object({})]),
    map: v.object({}),
    version: v.pipe(v.string(), v.regex(/^v1$/, "accepted: v1")),
    half: v.pipe(v.number(), v.check((number) => number > 2)),
    missing: v.string(),
  });
  const { issues } = v.safeParse(schema, policies[0].options);
  const lines = configIssues(issues!, { locate, at: ["policies", 0, "options"] });
  assert.deepEqual(lines.map((issue) => issueLine(issue, "kp.yaml")), [
    'kp.yaml:3:23: policies[0].options.level: found "high", accepted low, highest',
    "kp.yaml:3:43: policies[0].options.at: found number 5, accepted text, a map",
    "kp.yaml:3:51: policies[0].options.map: found number 1, accepted a map",
    'kp.yaml:3:63: policies[0].options.version: found "v2", accepted v1',
    "kp.yaml:3:73: policies[0].options.half: found number 1.5, accepted another value",
    "kp.yaml:3:14: policies[0].options.missing: found nothing, accepted a value",
    'kp.yaml:3:29: policies[0].options.extra: found unknown key "extra", accepted no such key',
  ]);
});

Deno.test("a found value is cut and escaped, so that a message stays one line", () => {
  const [line] = linesOf(() => parseConfig(`environment: "a\\nb${"c".repeat(200)}"`, "kp.yaml"));
  assert.equal(line, `kp.yaml:1:14: environment: found "a\\nb${"c".repeat(77)}...", accepted ${ENVIRONMENT}`);
});

Deno.test("configJsonSchema() describes every key of the file, and accepts no other", () => {
  const schema = configJsonSchema();
  assert.equal(schema.$schema, "http://json-schema.org/draft-07/schema#");
  assert.equal(schema.title, "kube-policies.yaml");
  assert.deepEqual(Object.keys(schema.properties!), KEYS.split(", "));
  let maps = 0;
  for (const { path, node } of nodesOf(schema, "")) {
    for (const [key, property] of Object.entries(node.properties ?? {})) {
      assert.ok((property as JsonSchema).description, `${path}/${key} has no description`);
    }
    if (node.type !== "object") continue;
    maps++;
    assert.notEqual(node.additionalProperties, undefined, `${path} is open`);
  }
  assert.ok(maps > 10, `saw ${maps} maps`);
});

Deno.test("docs/configuration.md names every key, and its examples are valid", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  const keys = [...nodesOf(configJsonSchema(), "")].flatMap(({ node }) => Object.keys(node.properties ?? {}));
  for (const key of new Set(keys)) assert.ok(new RegExp(`\\b${key}\\b`).test(text), `${key} is not in the page`);
  const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example]) => example);
  assert.ok(examples.length > 0, "no examples");
  for (const example of examples) parseConfig(example, "docs/configuration.md");
});

interface JsonSchema {
  type?: unknown;
  description?: string;
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
}

function* nodesOf(node: unknown, path: string): Generator<{ path: string; node: JsonSchema }> {
  if (typeof node !== "object" || node === null) return;
  yield { path, node };
  for (const [key, inner] of Object.entries(node)) {
    if (key !== "default" && key !== "examples") yield* nodesOf(inner, `${path}/${key}`);
  }
}

function linesOf(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.message.split("\n").length, error.issues.length);
    return error.message.split("\n");
  }
  assert.fail("nothing was refused");
}

function plain({ file: _file, locate: _locate, ...rest }: Config) {
  return rest;
}
