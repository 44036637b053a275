import { deepStrictEqual as assertEquals, match, ok } from "node:assert";
import { parse } from "yaml";
import { shippedPolicies } from "../../policies/mod.ts";
import { kit } from "../../src/core/kit.ts";
import { runKp, withFiles } from "../run_fixture.ts";

const CONFIG = `environment: prod
policies:
  - use: pod-security
    options: { level: restricted, version: v1.30 }
  - use: readonly_root_fs
stages:
  prod:
    default: { validate: warn, mutate: patch }
    run_as_user: { validate: deny, namespaces: { legacy: off } }
  dev: {}
`;

const printed = async (...args: string[]) => {
  const { code, out, err } = await runKp(["config", "print", ...args]);
  assertEquals([code, err], [0, ""]);
  return parse(out);
};

Deno.test("kp config print shows the built-in defaults: the platform's policies with Pod Security baseline under them", async () => {
  const { environment, policies, failure, serve, critical } = await printed();
  assertEquals(environment, null);
  const names = policies.map(({ name }: { name: string }) => name);
  assertEquals(names.slice(0, 2), ["host_ipc", "host_network"]);
  ok(names.includes("host_namespaces") && !names.includes("run_as_user") && !names.includes("image_registry"));
  for (const { name, validate, mutate } of policies) {
    assertEquals(validate, "monitor", name);
    assertEquals(mutate, shippedPolicies[name](kit).mutate ? "dryrun" : undefined, name);
  }
  assertEquals([failure.validate, failure.mutate, failure.namespaces["kube-system"]], ["closed", "open", "open"]);
  assertEquals(serve.listen, { host: "0.0.0.0", port: 8443 });
  ok(critical.length > 5);
});

Deno.test("kp config print resolves stages, options and the environment", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const file = `${folder}/kp.yaml`;
    const prod = await printed("-c", file);
    const find = (config: typeof prod, name: string) =>
      config.policies.find((policy: { name: string }) => policy.name === name);
    const options = { version: "v1.30" };
    const origin = "kube-policies@0.1.0";
    assertEquals(find(prod, "run_as_user"), {
      name: "run_as_user",
      origin,
      options,
      validate: "deny",
      namespaces: { legacy: { validate: "off" } },
    });
    assertEquals(find(prod, "readonly_root_fs"), {
      name: "readonly_root_fs",
      origin,
      validate: "warn",
      mutate: "patch",
    });
    const dev = await printed("-c", file, "--env", "dev");
    assertEquals([dev.environment, find(dev, "run_as_user").validate], ["dev", "monitor"]);
    assertEquals(dev.policyRevision === prod.policyRevision, false);
    assertEquals((await printed("-c", file)).policyRevision, prod.policyRevision);
  });
});

Deno.test("kp says which environments there are", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const { code, err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`, "--env", "prdo"]);
    assertEquals(code, 2);
    match(err, /^.*kp\.yaml:6:1: environment: found "prdo", accepted prod, dev \(did you mean prod\?\)\n$/);
  });
});

Deno.test("kp lists every mistake in what a config names at once, in the order of the lines", async () => {
  const config = `environment: prod
policies:
  - use: platform
    options: { capabilities: { drop: [all] } }
  - use: host_ipc
  - use: host_ipcc
  - use: image_registry
stages:
  prod: { default: deny, host_netwrk: deny, capabilities: warn, host_ipc: patch }
allowlists:
  - { use: file, options: { path: ./list.yaml } }
  - use: fil
`;
  await withFiles({ "kp.yaml": config, "list.yaml": "prod:\n  host_ipc: { payments: app }\n" }, async (folder) => {
    const { code, out, err } = await runKp(["check", "x", "-c", `${folder}/kp.yaml`]);
    assertEquals([code, out], [2, ""]);
    const found = err.trimEnd().split("\n").map((line) =>
      /(\w+\.yaml):(\d+):\d+: (\S+): found/.exec(line)?.slice(1).join(" ")
    );
    assertEquals(found, [
      "kp.yaml 4 policies[0].options.capabilities.drop[0]",
      "kp.yaml 5 policies[1].use",
      "kp.yaml 6 policies[2].use",
      "kp.yaml 7 policies[3].options",
      "kp.yaml 9 stages.prod.host_netwrk",
      "kp.yaml 9 stages.prod.host_ipc",
      "kp.yaml 12 allowlists[1].use",
      "list.yaml 2 prod.host_ipc.payments",
    ]);
  });
});

Deno.test("kp does not guess which stages name the policy of a module that does not load", async () => {
  const config = "environment: e\npolicies: [{ use: ./nope.ts }]\nstages: { e: { mine: deny } }\n";
  await withFiles({ "kp.yaml": config }, async (folder) => {
    const { err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`]);
    const found = "found ./nope.ts, which does not load (no such file), accepted a policy module";
    assertEquals(err, `${folder}/kp.yaml:2:19: policies[0].use: ${found}\n`);
  });
});

Deno.test("kp lists every mistake in the shape of a config at once", async () => {
  const config = "environmen: prod\nstages: { prod: { default: denny } }\npolicies: [{ us: platform }]\n";
  await withFiles({ "kp.yaml": config }, async (folder) => {
    const { err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`]);
    match(err, /kp\.yaml:1:1: environmen: .*did you mean environment\?.*\n.*:2:28: .*did you mean deny\?.*\n.*:3:.*\n/);
  });
});

Deno.test("kp does not start with policies that supersede each other", async () => {
  const policy = (name: string, superseded: string) =>
    `export default (kit) => ({ name: "${name}", match: kit.pods, rules: ["deny_${name}"], validate: () => [],
  metadata: { title: "a", description: "a", severity: "low", controls: [], remediation: "a", supersedes: ["${superseded}"] } });`;
  const files = {
    "kp.yaml": "policies: [{ use: ./a.ts }, { use: ./b.ts }, { use: ./c.ts }]\n",
    "a.ts": policy("a", "b/deny_b"),
    "b.ts": policy("b", "a"),
    "c.ts": policy("c", "a"),
  };
  await withFiles(files, async (folder) => {
    const { code, err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`]);
    const line = (name: string) =>
      `${folder}/kp.yaml:1:11: policies: found policy ${name}, which supersedes itself, accepted policies without a circle\n`;
    assertEquals([code, err], [2, line("a") + line("b")]);
  });
});

Deno.test("kp schema prints a JSON Schema that knows every key", async () => {
  const { code, out } = await runKp(["schema"]);
  const { $schema, title, properties, additionalProperties } = JSON.parse(out);
  assertEquals([code, title, additionalProperties], [0, "kube-policies.yaml", false]);
  match($schema, /draft-07/);
  assertEquals(Object.keys(properties), [
    "environment",
    "policies",
    "stages",
    "allowlists",
    "exceptions",
    "breakglass",
    "critical",
    "failure",
    "serve",
  ]);
});
