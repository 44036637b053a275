import assert from "node:assert/strict";
import * as v from "valibot";
import { bundleOptions } from "../../plugins/policies/bundle.ts";
import { BUNDLE_LIMITS } from "../../plugins/policies/rego/bundle_files.ts";
import { everyBuiltin } from "../../plugins/policies/rego/builtins/mod.ts";
import { readManifest } from "../../plugins/policies/rego/manifest.ts";
import { builtinFaults } from "../../plugins/policies/rego/refused.ts";
import { LARGEST_MEMORY } from "../../plugins/policies/rego/wasm.ts";
import { parseConfig } from "../../src/config/config.ts";
import { loadedFrom } from "../plugins/rego/bundle_engine.ts";
import { blocksOf, codeIn, fileIn, readPage, rowsOf } from "./markdown.ts";
import { withOutputs } from "./terminal.ts";

const FIXTURES = new URL("../fixtures/rego/", import.meta.url).pathname;
const page = await readPage("rego.md");

/** What the page has `opa build` write, and the committed bundle that is built of the same Rego. */
const BUNDLES = { "./bundle.tar.gz": "forms/image_tags.tar.gz", "./pipeline.tar.gz": "forms/host_ipc.tar.gz" };

Deno.test({
  name: "docs/rego.md shows what its commands print",
  sanitizeResources: false, // the server's side of a closed connection
  fn: async () => assert.equal(await upToDate(page), page),
});

/** The stages of the page's pipeline are by name, so the bundle keeps the one that the page gives it. */
async function upToDate(text: string): Promise<string> {
  const real = Object.entries(BUNDLES).map(([shown, file]) => [`use: ${shown}\n`, `use: ${FIXTURES}${file}\n`]);
  const named = (use: string) => use.includes("host_ipc") ? `${use}    options: { name: pipeline }\n` : use;
  const runnable = real.reduce((all, [shown, use]) => all.replaceAll(shown, named(use)), text);
  return real.reduce((all, [shown, use]) => all.replaceAll(named(use), shown), await withOutputs(runnable));
}

Deno.test("the Rego in docs/rego.md is what the committed bundles are built of", async () => {
  const shown = {
    "rules/image_tags.rego": "image_tags/image_tags.rego",
    "pipeline/validating.rego": "host_ipc/validating.rego",
    "pipeline/mutating.rego": "host_ipc/mutating.rego",
  };
  for (const [file, source] of Object.entries(shown)) {
    assert.equal(fileIn(page, file), await Deno.readTextFile(FIXTURES + source));
  }
  const manifest = await Deno.readTextFile(`${FIXTURES}image_tags/.manifest`);
  assert.deepEqual(JSON.parse(fileIn(page, "rules/.manifest")), JSON.parse(manifest));
});

Deno.test("the configs in docs/rego.md are valid, and so are the options that they give to bundles", () => {
  const configs = blocksOf(page).filter(({ text }) => /^policies:/m.test(text));
  assert.ok(configs.length >= 6, `found ${configs.length}`);
  for (const { file, text } of configs) {
    for (const { options } of parseConfig(text, file!).policies) v.parse(bundleOptions, options);
  }
});

Deno.test("docs/rego.md lists the forms and their entrypoints as a bundle of none of them is told", async () => {
  const error = await loadedFrom("policies: [{ use: $FORMS/mixed.tar.gz }]").catch(({ message }) => message);
  const [, accepted] = /accepted any of (.*); options\.entrypoints/.exec(error)!;
  const described = rowsOf(page, "Form").map(([, entrypoints]) => codeIn(entrypoints).join(" "));
  assert.deepEqual(described, accepted.split(", or of "));
});

Deno.test("docs/rego.md lists the options of a bundle, and the keys of its manifest", async () => {
  const described = (header: string) => rowsOf(page, header).map(([key]) => codeIn(key)[0]).join(", ");
  const config = "policies: [{ use: $FORMS/tutorial.tar.gz, options: { other: 1 } }]";
  const error = await loadedFrom(config).catch(({ message }) => message);
  assert.ok(error.endsWith(`accepted a map of ${described("Option")}`), error);
  const manifest = { wasm: [{ entrypoint: "a/b", module: "a" }], metadata: { kube_policies: "none" } };
  const files = new Map([[".manifest", new TextEncoder().encode(JSON.stringify(manifest))]]);
  assert.throws(() => readManifest(files), ({ message }: Error) => {
    assert.ok(message.endsWith(`accepted a map of ${described("Key")}`), message);
    return true;
  });
});

Deno.test("docs/rego.md lists the built-in functions that are refused", async () => {
  const names = rowsOf(page, "Built-in").flatMap(([name]) => codeIn(name));
  assert.ok(names.length > 4);
  const faults = builtinFaults(names, { builtins: await everyBuiltin(), files: new Map(), entrypoints: [] });
  assert.equal(faults.length, names.length);
  const unknown = faults.filter((fault) => fault.includes("those of OPA 1.22 that are pure"));
  assert.deepEqual(unknown, []);
});

Deno.test("docs/rego.md names each built-in function of a bundle that calls what it may not", async () => {
  const error = await loadedFrom("policies: [{ use: $FORMS/impure.tar.gz }]").catch(({ message }) => message);
  const called = [...error.matchAll(/the built-in function (\S+) in/g)].map(([, name]) => name);
  assert.ok(called.length > 4);
  const described = rowsOf(page, "Built-in").flatMap(([name]) => codeIn(name));
  assert.deepEqual(called.filter((name) => !described.includes(name)), []);
});

Deno.test("docs/rego.md gives the limits of the code", () => {
  const MIB = 2 ** 20;
  const { compressed, inflated, ratio, file, entries } = BUNDLE_LIMITS;
  const limits = rowsOf(page, "Of an archive").map(([, limit]) => limit);
  assert.deepEqual(limits, [
    `${compressed / MIB} MiB (\`fetch.maxBytes\` as well)`,
    `${inflated / MIB} MiB, and ${ratio} times its size`,
    `${file / MIB} MiB`,
    entries.toLocaleString("en"),
    `${LARGEST_MEMORY / MIB} MiB`,
  ]);
});
