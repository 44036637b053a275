/**
 * Builds the bundles that the tests use, from policies/rego and from test/fixtures/rego: `deno task rego [--check]`.
 * The same Rego and the same opa give the same bytes. With `--check` nothing is written; exits 1 when a bundle differs.
 * Needs opa: `KP_OPA`, or `opa` on PATH.
 */
import { missingTools, OPA, output } from "../tools.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const BUNDLES = `${ROOT}test/fixtures/rego/`;

interface Bundle {
  /** The folder of the Rego. */
  readonly sources: string;
  readonly entrypoints: readonly string[];
  /** Rego v0. */
  readonly isOld?: boolean;
}

const PLATFORM = "policies/rego";
const ECHO = "test/fixtures/rego/echo";
const CONFIG_STAGED = ["kube_policies/violations", "kube_policies/patches"];
const SELF_STAGED = ["validating/monitor", "validating/warn", "validating/deny", "mutating/dryrun", "mutating/patch"];
const TUTORIAL = ["kubernetes/admission/deny"];

const ALL: Readonly<Record<string, Bundle>> = {
  "platform/config_staged": { sources: PLATFORM, entrypoints: CONFIG_STAGED },
  "platform/self_staged": { sources: PLATFORM, entrypoints: SELF_STAGED },
  "forms/config_staged": { sources: ECHO, entrypoints: CONFIG_STAGED },
  "forms/self_staged": { sources: ECHO, entrypoints: SELF_STAGED },
  "forms/tutorial": { sources: ECHO, entrypoints: TUTORIAL },
  "forms/main": { sources: ECHO, entrypoints: ["system/main"] },
  "forms/endpoints": { sources: ECHO, entrypoints: ["system/validating", "system/mutating"] },
  "forms/mixed": { sources: ECHO, entrypoints: ["system/main", "validating/deny"] },
  "forms/host_ipc": {
    sources: "test/fixtures/rego/host_ipc",
    entrypoints: ["validating/deny", "mutating/patch"],
  },
  "forms/image_tags": { sources: "test/fixtures/rego/image_tags", entrypoints: ["kube_policies/violations"] },
  "forms/image_safety": { sources: "test/fixtures/rego/tutorial", entrypoints: TUTORIAL },
  "forms/tutorial_main": { sources: "test/fixtures/rego/tutorial_main", entrypoints: ["system/main"] },
  "forms/tutorial_dependents": { sources: "test/fixtures/rego/tutorial_main", entrypoints: TUTORIAL },
  "forms/impure": { sources: "test/fixtures/rego/impure", entrypoints: TUTORIAL },
  "forms/builtins": { sources: "test/fixtures/rego/builtins", entrypoints: TUTORIAL, isOld: true },
  "forms/pipeline": {
    sources: "test/fixtures/rego/pipeline",
    entrypoints: ["validating/deny", "mutating/patch"],
    isOld: true,
  },
};

const missing = missingTools(OPA);
if (missing !== undefined) {
  console.error(`Cannot build the bundles: ${missing}`);
  Deno.exit(2);
}

const check = Deno.args.includes("--check");
const folder = await Deno.makeTempDir();
try {
  for (const [name, bundle] of Object.entries(ALL)) {
    const built = await build(`${folder}/bundle.tar.gz`, bundle);
    const path = `${BUNDLES}${name}.tar.gz`;
    if (!check) await Deno.writeFile(path, built);
    else if (!isSame(built, await Deno.readFile(path))) differs(path, bundle);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** The folder is named by `.`, so that no path of this machine gets into a bundle. */
async function build(path: string, { sources, entrypoints, isOld = false }: Bundle): Promise<Uint8Array> {
  await output(OPA, [
    ...["build", "--bundle", "--target", "wasm", "--ignore", "*_test.rego", "--output", path],
    ...(isOld ? ["--v0-compatible"] : []),
    ...entrypoints.flatMap((entrypoint) => ["--entrypoint", entrypoint]),
    ".",
  ], { cwd: ROOT + sources });
  return await Deno.readFile(path);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function differs(path: string, { sources }: Bundle): void {
  console.error(`${path} is not what this opa makes of ${sources}: run deno task rego`);
  Deno.exitCode = 1;
}
