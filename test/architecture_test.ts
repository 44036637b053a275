import { deepStrictEqual as assertEquals, ok } from "node:assert";
import { allowlistProviders } from "../plugins/mod.ts";
import { platformPolicies } from "../policies/platform.ts";
import { podSecurityControls } from "../policies/pod_security.ts";
import { shippedPolicies } from "../policies/mod.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** The first line that fits a file says what of the project it may import, and which packages. */
const LAYERS: readonly { files: RegExp; project: RegExp; packages: RegExp }[] = [
  { files: /^src\/contract\.ts$/, project: /^$/, packages: /^valibot$/ },
  { files: /^src\/core\//, project: /^src\/(core\/|contract\.ts)/, packages: /^(valibot|fast-json-patch)$/ },
  { files: /^policies\/\w+\/policy\.ts$/, project: /^src\/contract\.ts$/, packages: /^$/ },
  { files: /^policies\//, project: /^(policies\/|src\/(core\/kit|contract)\.ts)/, packages: /^valibot$/ },
  { files: /^plugins\//, project: /^(plugins\/|src\/contract\.ts)/, packages: /./ },
  { files: /^src\/report\//, project: /^src\/(report\/|core\/|contract\.ts|manifests\.ts)/, packages: /^$/ },
  {
    files: /^src\/(config|fetch)\//,
    project: /^src\/(config\/|fetch\/|core\/|contract\.ts|errors\.ts)/,
    packages: /./,
  },
  {
    files: /^src\/(evaluators|sandbox)\//,
    project:
      /^(src\/((config|evaluators|sandbox|core)\/|contract\.ts|errors\.ts|policy_resolver\.ts|self_test\.ts)|plugins\/policies\/)/,
    packages: /^(node:\w+|ses)$/,
  },
  {
    files: /^src\/(load|policy_resolver|policy_sources|bundles)\.ts$/,
    project: /^(src\/(?!commands\/|cli|main)|plugins\/|policies\/)/,
    packages: /./,
  },
  {
    files: /^src\/(webhook\/|[a-z_]+\.ts$)(?<!cli\.ts|main\.ts)/,
    project: /^src\/(?!commands\/|cli|main)|^package/,
    packages: /./,
  },
  { files: /^src\/commands\//, project: /^src\/(?!cli|main|sandbox)/, packages: /^(commander|yaml|node:http)$/ },
  { files: /^src\//, project: /^src\//, packages: /^commander$/ },
];

/** What the pure core must not know. */
const IMPURE =
  /\b(Deno|process|globalThis|performance|Date|fetch|console|crypto|setTimeout|setInterval)\b|Math\.random/;

const BANNED = /(^|\/)(utils?|helpers?|common|types|index|manager|service|handler|misc)\.[jt]s$/;

async function* sources(folder: string): AsyncGenerator<{ path: string; text: string }> {
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield { path, text: await Deno.readTextFile(ROOT + path) };
  }
}

const product = await Array.fromAsync((async function* () {
  for (const folder of ["src", "plugins", "policies"]) yield* sources(folder);
})());

/** What a file imports: paths from the project's root, or package names. */
function importsOf({ path, text }: { path: string; text: string }): string[] {
  const specifiers = text.matchAll(
    /^(?:import|export)\b[^;"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...specifiers].map(([, ...groups]) => groups.find((group) => group !== undefined)!)
    .map((specifier) => specifier.startsWith(".") ? resolve(path, specifier) : specifier);
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

Deno.test("imports point inward", () => {
  const wrong = product.flatMap((file) => {
    const layer = LAYERS.find(({ files }) => files.test(file.path))!;
    return importsOf(file)
      .filter((target) =>
        !(/^(src|plugins|policies|package)/.test(target) ? layer.project : layer.packages).test(target)
      )
      .map((target) => `${file.path} imports ${target}`);
  });
  assertEquals(wrong, []);
});

Deno.test("the import check sees every form of import", () => {
  const text = `import a from "./a.ts";\nimport type {\n  B,\n} from "../b.ts";\nexport * from "c";\nimport "./d.ts";
const e = await import("./e.ts");`;
  assertEquals(importsOf({ path: "src/x/y.ts", text }), ["src/x/a.ts", "src/b.ts", "c", "src/x/d.ts", "src/x/e.ts"]);
});

Deno.test("only load.ts and what it is made of import the tables of plugins and policies", () => {
  const importers = product.filter((file) =>
    importsOf(file).some((target) => /^(plugins|policies)\/\w+\.ts$/.test(target))
  );
  const outside = importers.map(({ path }) => path).filter((path) => !/^(plugins|policies)\//.test(path));
  assertEquals(outside.sort(), ["src/load.ts", "src/policy_resolver.ts", "src/policy_sources.ts"]);
});

Deno.test("the core and the policies know no clock, network, file, log or environment", () => {
  const pure = product.filter(({ path }) => /^(src\/core\/|src\/contract\.ts|policies\/)/.test(path));
  ok(pure.length > 40);
  const impure = pure.filter(({ text }) =>
    IMPURE.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"|`[^`\n]*`/g, ""))
  );
  assertEquals(impure.map(({ path }) => path), []);
});

Deno.test("policies import types only", () => {
  const loaded = product.filter(({ path, text }) => /\/policy\.ts$/.test(path) && /^import (?!type )/m.test(text));
  assertEquals(loaded.map(({ path }) => path), []);
});

const percentile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];

Deno.test("files stay short: 90 % within 150 lines, none over 300", async () => {
  const tests = await Array.fromAsync(sources("test"));
  const lengths = product.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));
  const long = [...lengths, ...tests.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))]
    .filter(({ lines }) => lines > 300);
  assertEquals(long, []);
  ok(percentile(lengths.map(({ lines }) => lines), 0.9) <= 150);
});

Deno.test("functions stay short: 90 % within 40 lines", () => {
  const lengths = product.flatMap(({ text }) =>
    [...text.matchAll(/^(?:export )?(?:default )?(?:async )?function[\s\S]*?^}/gm)].map(([body]) =>
      body.split("\n").length
    )
  );
  ok(lengths.length > 200);
  ok(percentile(lengths, 0.9) <= 40);
});

Deno.test("file names say what is inside", async () => {
  const folders = await Promise.all(["test", "bench", "e2e"].map((folder) => Array.fromAsync(sources(folder))));
  const all = [...product, ...folders.flat()];
  assertEquals(all.map(({ path }) => path).filter((path) => BANNED.test(path)), []);
});

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(ROOT + folder));
  return entries.map(({ name }) => name.replace(/\.ts$/, "")).sort();
}

Deno.test("the table of policies holds every folder, and each is in a library", async () => {
  const folders = (await Array.fromAsync(Deno.readDir(`${ROOT}policies`))).filter(({ isDirectory }) => isDirectory);
  const names = folders.map(({ name }) => name).filter((name) => name !== "rego").sort();
  assertEquals(Object.keys(shippedPolicies).sort(), names);
  assertEquals([...platformPolicies, ...podSecurityControls.map(({ name }) => name)].sort(), names);
});

Deno.test("the table of allowlist providers holds every file", async () => {
  assertEquals(Object.keys(allowlistProviders).sort(), await namesIn("plugins/allowlists"));
});

Deno.test("the README and docs name every shipped policy, provider, command and exit code", async () => {
  const texts = await Promise.all(
    ["README.md", "docs/policies.md", "docs/configuration.md"].map((path) => Deno.readTextFile(ROOT + path)),
  );
  const text = texts.join("\n");
  const commands = (await namesIn("src/commands")).filter((name) => !["command", "config_options"].includes(name)).map((
    name,
  ) => `kp ${name}`);
  for (const name of [...Object.keys(shippedPolicies), ...Object.keys(allowlistProviders), ...commands]) {
    ok(text.includes(name), `${name} is nowhere in the docs`);
  }
});
