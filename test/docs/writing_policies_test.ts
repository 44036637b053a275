import assert from "node:assert/strict";
import { readPolicyModule } from "../../plugins/policies/module.ts";
import { importPolicy } from "../../plugins/policies/module_import.ts";
import { kit } from "../../src/core/kit.ts";
import { policyFaults } from "../../src/policy_shape.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { blocksOf, fileIn, readPage } from "./markdown.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const page = await readPage("writing_policies.md");
const EXAMPLE = fileIn(page, "acme/pinned_images.ts");
const FILES = Object.fromEntries(blocksOf(page).flatMap(({ file, text }) => file ? [[file, text]] : []));

Deno.test("the policy in docs/writing_policies.md loads, and is a policy", async () => {
  const { code } = await readPolicyModule(new TextEncoder().encode(EXAMPLE));
  const factory = await importPolicy(code);
  assert.deepEqual(policyFaults(factory(kit)), []);
});

Deno.test("the policy in docs/writing_policies.md reports, patches and reads its options", async () => {
  await withFiles(FILES, async (folder) => {
    const check = async (config: string) => {
      const { out } = await runKp(["check", "-o", "json", "--config", `${folder}/${config}`, `${folder}/pod.yaml`]);
      const [{ violations, patches }] = JSON.parse(out).results;
      return [violations, patches].map((found) => found.map(({ container }: { container: string }) => container));
    };
    assert.deepEqual(await check("kube-policies.yaml"), [["cache"], ["cache"]]);
    const config = FILES["kube-policies.yaml"];
    await Deno.writeTextFile(`${folder}/optionless.yaml`, config.replace(/^ {4}options: .*\n/m, ""));
    assert.deepEqual(await check("optionless.yaml"), [["app", "cache"], ["app", "cache"]]);
  });
});

Deno.test("the policy in docs/writing_policies.md is pinned_images.ts, whose types deno check has checked", async () => {
  const checked = await Deno.readTextFile(new URL("pinned_images.ts", import.meta.url));
  assert.equal(
    EXAMPLE,
    `// acme/pinned_images.ts\n${checked.replace("../../src/contract.ts", "kube-policies/contract")}`,
  );
});

Deno.test("the policy in docs/writing_policies.md passes its cases as the page has them run", async () => {
  await withFiles(checkoutFiles(), async (folder) => {
    const [, flags, file] = /^npx -y deno@\S+ test (--.*) (\S+)$/m.exec(page)!;
    const suite = await deno(folder, ["test", "--no-check", ...flags.split(" "), file]);
    assert.equal(suite.code, 0, suite.out);
    assert.match(suite.out, /invalid\.yaml: a tag, in the template of a deployment \.\.\. ok/);
    assert.match(suite.out, /\| 1[5-9] passed \| 0 failed/);
  });
});

/** A checkout in which the example is put where the page says. */
function checkoutFiles(): Record<string, string> {
  const suite = ["policy_suite.ts", "policy_cases.ts", "policies_test.ts"].map((name) => `test/policies/${name}`);
  const config = ["package.json", "deno.json", "deno.lock"];
  const paths = [...filesIn("src"), ...suite, "test/engine_fixture.ts", ...config];
  return {
    ...Object.fromEntries(paths.map((path) => [path, Deno.readTextFileSync(ROOT + path)])),
    ...Object.fromEntries(Object.entries(FILES).filter(([name]) => name.startsWith("policies/"))),
    "policies/pinned_images/policy.ts": EXAMPLE,
  };
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

async function deno(cwd: string, args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } })
    .output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout) + decoder.decode(stderr) };
}

const REFUSED: Readonly<Record<string, string>> = {
  "an import": `import x from "./x.ts";\nexport default () => x;`,
  "import()": `export default () => import("./x.ts");`,
  "import.meta": `export default () => import.meta.url;`,
  "an export from another module": `export { x as default } from "./x.ts";`,
  "an enum": fileIn(page, "acme/with_enum.ts"),
  "a namespace": `namespace A { export const b = 1; }\nexport default () => A.b;`,
  "a parameter property": `class A { constructor(readonly b: number) {} }\nexport default () => new A(1);`,
  "a default export that is not a function": `export default {};`,
  "an unknown key": changed("rules: [", "rulez: [], rules: ["),
  "a missing key": changed("match: kit.pods,", ""),
  "a name not in snake_case": changed('"pinned_images"', '"pinnedImages"'),
  "no rules": changed('["ensure_pinned_image", "set_image_pull_policy"]', "[]"),
  "neither validate nor mutate": changed(/validate\([\s\S]*(?=^}\);)/m, ""),
};

function changed(from: string | RegExp, to: string): string {
  const code = EXAMPLE.replace(from, to);
  assert.notEqual(code, EXAMPLE);
  return code;
}

for (const [what, code] of Object.entries(REFUSED)) {
  Deno.test(`a policy with ${what} stops the start, as docs/writing_policies.md says`, async () => {
    const files = { "kp.yaml": "policies: [{ use: ./policy.ts }]", "policy.ts": code };
    await withFiles(files, async (folder) => {
      const { code, err } = await runKp(["config", "print", "--config", `${folder}/kp.yaml`]);
      assert.equal(code, 2);
      assert.match(err, /kp\.yaml:1:\d+: policies\[0\]/);
    });
  });
}
