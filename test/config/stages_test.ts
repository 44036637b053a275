import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/config.ts";
import type { Stage } from "../../src/core/engine.ts";
import { issueLine } from "../../src/errors.ts";
import { environmentOf, type StagedPolicy, stagesFor } from "../../src/config/stages.ts";

const BOTH: StagedPolicy = { name: "readonly_root_fs", validates: true, mutates: true };
const VALIDATING: StagedPolicy = { name: "host_network", validates: true, mutates: false };
const MUTATING: StagedPolicy = { name: "default_labels", validates: false, mutates: true };
const POLICIES = [BOTH, VALIDATING, MUTATING];
const FALLBACK: Stage = { validate: "monitor", mutate: "dryrun" };

Deno.test("stagesFor() gives the command's stage where nothing is said", () => {
  const { stages, issues } = stagesOf("", undefined);
  assert.deepEqual(issues, []);
  assert.deepEqual(stages.get("readonly_root_fs"), { stage: FALLBACK, namespaces: new Map() });
});

Deno.test("stagesFor() turns the half that a policy does not have off", () => {
  const { stages } = stagesOf("stages: { prod: { default: { validate: deny, mutate: patch } } }", "prod");
  assert.deepEqual(stages.get("host_network")?.stage, { validate: "deny", mutate: "off" });
  assert.deepEqual(stages.get("default_labels")?.stage, { validate: "off", mutate: "patch" });
});

const RESOLVED: Record<string, { stages: string; stage: string; legacy?: string }> = {
  "off is off for both": { stages: "readonly_root_fs: off", stage: "off off" },
  "a word sets one half, the command's default the other": { stages: "readonly_root_fs: deny", stage: "deny dryrun" },
  "patch leaves validation to the command's default": { stages: "readonly_root_fs: patch", stage: "monitor patch" },
  "a map sets both": { stages: "readonly_root_fs: { validate: warn, mutate: patch }", stage: "warn patch" },
  "the environment's default comes before the command's": { stages: "default: warn", stage: "warn dryrun" },
  "the policy comes before the environment's default": {
    stages: "default: { validate: warn, mutate: patch }, readonly_root_fs: deny",
    stage: "deny patch",
  },
  "a default of off can be taken back by halves": {
    stages: "default: off, readonly_root_fs: deny",
    stage: "deny off",
  },
  "a namespace comes before its policy": {
    stages: "readonly_root_fs: { validate: deny, mutate: patch, namespaces: { legacy: warn } }",
    stage: "deny patch",
    legacy: "warn patch",
  },
  "a namespace falls back to the environment's default": {
    stages: "default: { mutate: patch }, readonly_root_fs: { namespaces: { legacy: { validate: deny } } }",
    stage: "monitor patch",
    legacy: "deny patch",
  },
  "another environment's stages do not count": { stages: "}, dev: { readonly_root_fs: deny", stage: "monitor dryrun" },
};

for (const [name, { stages, stage, legacy }] of Object.entries(RESOLVED)) {
  Deno.test(`stagesFor(): ${name}`, () => {
    const resolved = stagesOf(`stages: { prod: { ${stages} } }`, "prod");
    assert.deepEqual(resolved.issues, []);
    const given = resolved.stages.get("readonly_root_fs")!;
    assert.equal(wordsOf(given.stage), stage);
    assert.deepEqual(
      [...given.namespaces].map(([namespace, value]) => `${namespace} ${wordsOf(value)}`),
      legacy === undefined ? [] : [`legacy ${legacy}`],
    );
  });
}

const NAMES = "default, default_labels, host_network, readonly_root_fs";

const REFUSED: Record<string, { text: string; environment?: string; lines: string[] }> = {
  "unknown policies of every environment": {
    text: "stages:\n  dev:\n    host_netwrk: off\n  prod:\n    defualt: warn\n    zzz: { namespaces: { a: deny } }\n",
    environment: "prod",
    lines: [
      `3:5: stages.dev.host_netwrk: found unknown policy "host_netwrk", accepted ${NAMES} (did you mean host_network?)`,
      `5:5: stages.prod.defualt: found unknown policy "defualt", accepted ${NAMES} (did you mean default?)`,
      `6:5: stages.prod.zzz: found unknown policy "zzz", accepted ${NAMES}`,
    ],
  },
  "a policy named like what every object has": {
    text: "stages: { prod: { toString: deny } }",
    environment: "prod",
    lines: [`1:19: stages.prod.toString: found unknown policy "toString", accepted ${NAMES}`],
  },
  "the file's environment that has no stages": {
    text: "environment: prdo\nstages: { dev: {}, staging: {}, prod: {} }",
    environment: "prdo",
    lines: ['1:14: environment: found "prdo", accepted dev, staging, prod (did you mean prod?)'],
  },
  "an environment from elsewhere that has no stages": {
    text: "environment: dev\nstages: { dev: {} }",
    environment: "constructor",
    lines: ['2:1: environment: found "constructor", accepted dev'],
  },
  "no environment where there are stages": {
    text: "# first\nstages: { dev: {}, prod: {} }",
    lines: ["2:1: environment: found nothing, accepted dev, prod"],
  },
  "stages of a half that the policy does not have": {
    text: "stages:\n  dev:\n    host_network: patch\n    default_labels: { validate: off, mutate: patch }\n" +
      "  prod:\n    host_network: { validate: deny, mutate: dryrun }\n" +
      "    default_labels: { namespaces: { a: deny, b: off, c: { validate: warn } } }\n",
    environment: "prod",
    lines: [
      "3:19: stages.dev.host_network: found mutate stage patch for a policy that does not mutate, accepted " +
      "off, monitor, warn, deny",
      "6:45: stages.prod.host_network: found mutate stage dryrun for a policy that does not mutate, accepted " +
      "off, monitor, warn, deny",
      "7:40: stages.prod.default_labels.namespaces.a: found validate stage deny for a policy that does not validate, " +
      "accepted off, dryrun, patch",
      "7:69: stages.prod.default_labels.namespaces.c: found validate stage warn for a policy that does not validate, " +
      "accepted off, dryrun, patch",
    ],
  },
};

for (const [name, { text, environment, lines }] of Object.entries(REFUSED)) {
  Deno.test(`stagesFor() reports ${name}`, () => {
    const { issues } = stagesOf(text, environment);
    assert.deepEqual(issues.map((issue) => issueLine(issue, "kp.yaml")), lines.map((line) => `kp.yaml:${line}`));
  });
}

Deno.test("stagesFor() accepts any environment, or none, where no stages are given", () => {
  for (const environment of [undefined, "prod", "constructor"]) {
    assert.deepEqual(stagesOf("", environment).issues, []);
    assert.deepEqual(stagesOf("stages: {}", environment).issues, []);
  }
});

Deno.test("environmentOf() prefers what is given to the file, and takes an empty one for none", () => {
  const config = parseConfig("environment: dev", "kp.yaml");
  assert.equal(environmentOf(config, "prod"), "prod");
  assert.equal(environmentOf(config, ""), "dev");
  assert.equal(environmentOf(config, undefined), "dev");
  assert.equal(environmentOf(parseConfig("", "kp.yaml"), undefined), undefined);
});

Deno.test("environmentOf() refuses what is not a name", () => {
  const accepted = "a name of up to 63 letters, digits, _ and -, such as dev or prod";
  for (const given of ["*", "a b", "-a", "a".repeat(64), "prod\n"]) {
    const message = `--env or KP_ENVIRONMENT: found ${JSON.stringify(given)}, accepted ${accepted}`;
    assert.throws(() => environmentOf(parseConfig("", "kp.yaml"), given), { name: "ConfigError", message });
  }
});

function stagesOf(text: string, environment: string | undefined) {
  return stagesFor({ config: parseConfig(text, "kp.yaml"), environment, policies: POLICIES, fallback: FALLBACK });
}

function wordsOf({ validate, mutate }: Stage): string {
  return `${validate} ${mutate}`;
}

Deno.test("stagesFor() has no stages for others where a policy says for whom it speaks", () => {
  const member = { name: "a", validates: true, mutates: false };
  const { stages } = stagesFor({
    config: parseConfig("policies: []", "kp.yaml"),
    environment: undefined,
    policies: [{ name: "acme", validates: true, mutates: false, members: [member] }],
    fallback: { validate: "monitor", mutate: "dryrun" },
  });
  assert.equal(stages.get("acme")?.members?.others, null);
});
