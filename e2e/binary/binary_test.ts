/** The compiled `kp`: the same commands with the same outcome as from source. */
import assert from "node:assert/strict";
import { VERSION } from "../../src/version.ts";
import { testRequiring } from "../../test/requiring.ts";
import { runKp, withFiles } from "../../test/run_fixture.ts";
import { binary, missingBinary } from "./binary.ts";
import { FILES, FIXTURES } from "./config.ts";

const COMMANDS: Record<string, { args: readonly string[]; code: number }> = {
  "--version": { args: ["--version"], code: 0 },
  "--help": { args: ["--help"], code: 0 },
  "schema": { args: ["schema"], code: 0 },
  "config print": { args: ["config", "print", "--config", "$FOLDER/kp.yaml"], code: 0 },
  "check of a pod that is denied": {
    args: ["check", "--config", "$FOLDER/kp.yaml", `${FIXTURES}manifests/pod-every-violation.json`],
    code: 1,
  },
  "check of a pod that complies": { args: ["check", `${FIXTURES}manifests/pod-compliant.json`], code: 0 },
  "check of a folder, as JSON": {
    args: ["check", "--config", "$FOLDER/kp.yaml", "--output", "json", `${FIXTURES}manifests`],
    code: 1,
  },
  "check of nothing": { args: ["check", "$FOLDER/missing.yaml"], code: 2 },
  "replay of captures": {
    args: ["replay", "--config", "$FOLDER/kp.yaml", `${FIXTURES}captures/validating.jsonl`],
    code: 0,
  },
  "replay of captures of the mutating webhook": {
    args: ["replay", "--config", "$FOLDER/kp.yaml", "--endpoint", "mutating", `${FIXTURES}captures/mutating.jsonl`],
    code: 0,
  },
  "a command that there is not": { args: ["chekc"], code: 2 },
};

for (const [name, { args, code }] of Object.entries(COMMANDS)) {
  testRequiring(`the compiled binary gives what the source does: ${name}`, {
    missing: missingBinary,
    run: () =>
      withFiles(FILES, async (folder) => {
        const own = args.map((arg) => arg.replace("$FOLDER", folder));
        const output = await new Deno.Command(await binary(), { args: own, stdin: "null" }).output();
        const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
        const expected = await runKp(own);
        assert.deepEqual({ code: output.code, out, err }, expected);
        assert.equal(code, expected.code);
        assert.notEqual(out + err, "");
      }),
  });
}

testRequiring("the compiled binary tells the version of the package", {
  missing: missingBinary,
  async run() {
    const { stdout } = await new Deno.Command(await binary(), { args: ["--version"] }).output();
    assert.equal(new TextDecoder().decode(stdout), `${VERSION}\n`);
  },
});
