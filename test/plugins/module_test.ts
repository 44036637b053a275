import { deepStrictEqual as assertEquals, match, ok, rejects } from "node:assert";
import { readPolicyModule } from "../../plugins/policies/module.ts";
import { importPolicy } from "../../plugins/policies/module_import.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import { kit } from "../../src/core/kit.ts";
import { policyFaults } from "../../src/policy_shape.ts";
import { goodPod } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";

/** What is read is what is imported. */
async function load(source: string | Uint8Array<ArrayBuffer>) {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  const { code, digest } = await readPolicyModule(bytes);
  return { factory: await importPolicy(code), digest };
}

const refused: [string, string, RegExp][] = [
  ["an import", `import x from "./a.ts"; export default x`, /found an import at 1:1/],
  ["an import for its side effects", `import "node:fs"; export default 1`, /found an import at 1:1/],
  ["an import mixed with types", `import { type A, b } from "x"; export default b`, /found an import/],
  ["an import() split by a comment", `export default () => import /**/ ("x")`, /found import\(\) at 1:22/],
  [
    "an import() deep inside",
    `export default (kit: Kit) => {\n  return [() => ({ x: import("npm:x") })];\n}`,
    /at 2:23/,
  ],
  ["an import() with attributes", `import("x", { with: {} }); export default 1`, /found import\(\)/],
  ["import.meta", `export default () => import.meta.url`, /found import\.meta/],
  ["an export of everything", `export * from "y"`, /found an export from another module/],
  ["an export from another module", `export { a } from "z"; export default 1`, /found an export from another module/],
  ["a default export from another module", `export { default } from "z"`, /found an export from another module/],
  ["syntax that stripping cannot handle", `enum A { b }\nexport default A`, /Cannot strip the types at 1:/],
  ["broken syntax", `export default (kit => {`, /Cannot strip the types at 1:/],
  ["no default export", `export const policy = 1`, /default export is undefined/],
  ["a default export that is no function", `export default {}`, /default export is object/],
  ["code that throws when it is read", `throw new Error("boom"); export default () => 1`, /boom/],
];

for (const [name, code, message] of refused) {
  Deno.test(`a policy module is refused for ${name}`, () => rejects(load(code), message));
}

Deno.test("a policy module is refused for bytes that are not UTF-8", () =>
  rejects(load(new Uint8Array([0xff, 0xfe])), TypeError));

Deno.test("a policy module may hold text that only looks like an import", async () => {
  const { factory } = await load(`// import x from "y"\nexport default () => "import('x') import.meta";`);
  assertEquals((factory as unknown as () => string)(), "import('x') import.meta");
});

Deno.test("a policy module is digested by the file's own bytes, and loses type imports", async () => {
  const code = `import type { Kit } from "kube-policies/contract";\nexport default (kit: Kit) => typeof kit;`;
  const { factory, digest } = await load(code);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code)));
  assertEquals(digest, `sha256:${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  assertEquals(factory(kit) as unknown, "object");
});

Deno.test("a policy module keeps lines and columns, so that a stack names the author's own", async () => {
  const { factory } = await load(
    `type A = {\n  b: string;\n};\n\nexport default (): A => {\n  throw new Error("here");\n};`,
  );
  try {
    factory(kit);
    ok(false, "did not throw");
  } catch (error) {
    match((error as Error).stack!, /:6:9/);
  }
});

for (const [name, builtIn] of Object.entries(shippedPolicies)) {
  Deno.test(`${name} loads by the same road as a third party's policy`, async () => {
    const { factory } = await load(await Deno.readFile(new URL(`../../policies/${name}/policy.ts`, import.meta.url)));
    const [loaded, own] = [factory(kit), builtIn(kit)];
    assertEquals(policyFaults(loaded), []);
    const plain = (value: unknown) => JSON.stringify(value);
    assertEquals(
      plain([loaded.name, loaded.metadata, loaded.match, loaded.rules, loaded.judges]),
      plain([
        own.name,
        own.metadata,
        own.match,
        own.rules,
        own.judges,
      ]),
    );
  });
}

const THIRD_PARTY = `import type { Kit, Policy } from "kube-policies/contract";

interface Options { readonly team: string }

export default (kit: Kit): Policy<Options> => ({
  name: "team_label",
  metadata: {
    title: "Objects name their team",
    description: "Refuses config maps without the team's label.",
    severity: "low",
    controls: [],
    remediation: "Add the label.",
  },
  match: [{ group: "", kinds: ["ConfigMap"] }],
  rules: ["ensure_team_label"],
  options: kit.v.strictObject({ team: kit.v.string() }),
  validate(subject, { team }) {
    const metadata = kit.fields(subject.object.metadata, "/metadata");
    if (kit.fields(metadata.labels, "/metadata/labels").team === team) return [];
    return [{ rule: "ensure_team_label", message: \`\${subject.reference} is not labelled team=\${team}\` }];
  },
});
`;
const CONFIG = `policies: [{ use: ./policies/team.ts, options: { team: red } }]\n`;
const CONFIG_MAP = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b, labels: { team: blue } }\n`;

Deno.test("kp runs a third party's policy from a file beside its config", async () => {
  await withFiles({ "kp.yaml": CONFIG, "policies/team.ts": THIRD_PARTY }, async (folder) => {
    const check = (stdin: string) => runKp(["check", "-", "-c", `${folder}/kp.yaml`], { stdin });
    const bad = await check(CONFIG_MAP);
    assertEquals(bad.code, 1);
    match(bad.out, /deny {2}ensure_team_label: ConfigMap\/b\/a is not labelled team=red/);
    assertEquals((await check(CONFIG_MAP.replace("blue", "red"))).code, 0);
    assertEquals((await check(JSON.stringify(goodPod()))).code, 0);
    const { out } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`]);
    match(out, /name: team_label\n\s+origin: sha256:[0-9a-f]{64}\n/);
  });
});

const mistakes: [string, string, RegExp][] = [
  [
    "an option it refuses",
    THIRD_PARTY.replace("kit.v.string()", "kit.v.number()"),
    /policies\[0\]\.options\.team: found "red", accepted a number/,
  ],
  [
    "a name that is not snake_case",
    THIRD_PARTY.replace("team_label", "Team-Label"),
    /name: found "Team-Label", accepted: snake_case/,
  ],
  ["no rules", THIRD_PARTY.replace(`["ensure_team_label"]`, "[]"), /found no rules, accepted: at least one/],
  [
    "neither validate nor mutate",
    THIRD_PARTY.replace("validate(", "check("),
    /check: found .*|found neither validate nor mutate/,
  ],
  ["a factory that throws", THIRD_PARTY.replace('name: "team_label"', "name: null.x"), /cannot be built \(TypeError/],
  ["an import", `import "x";\n${THIRD_PARTY}`, /does not load \(SyntaxError: .*found an import at 1:1/],
];

for (const [name, code, message] of mistakes) {
  Deno.test(`kp does not start with a policy that has ${name}, and names its place in the config`, async () => {
    await withFiles({ "kp.yaml": CONFIG, "policies/team.ts": code }, async (folder) => {
      const { code, err } = await runKp(["check", "-", "-c", `${folder}/kp.yaml`], { stdin: CONFIG_MAP });
      assertEquals(code, 2);
      match(err, message);
      ok(err.startsWith(`${folder}/kp.yaml:1:`), err);
    });
  });
}
