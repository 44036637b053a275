import { missingTools, output } from "../tools.ts";

/** The folder of the Deno that compiles and of the denort that it puts into the binary: `.ci/denort` prints it. */
const FOLDER = Deno.env.get("KP_DENORT") ?? "";
const PROJECT = new URL("../../", import.meta.url).pathname;

/** Why there is no binary here; undefined where there can be one. */
export const missingBinary = FOLDER === ""
  ? "without KP_DENORT, the folder that .ci/denort prints"
  : missingTools(`${FOLDER}/deno`, `${FOLDER}/denort`);

let built: Promise<string> | undefined;

/** The path of the compiled `kp`, built by the project's own task when it is first asked for. */
export function binary(): Promise<string> {
  return built ??= build();
}

async function build(): Promise<string> {
  await output(`${FOLDER}/deno`, ["task", "compile"], { cwd: PROJECT, env: { DENORT_BIN: `${FOLDER}/denort` } });
  return `${PROJECT}dist/kp`;
}
