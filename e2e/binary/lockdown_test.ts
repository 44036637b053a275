/** The holes of an evaluator from source, tried in the compiled binary too. */
import { testRequiring } from "../../test/requiring.ts";
import { LOCKDOWN } from "../../test/sandbox/lockdown_suite.ts";
import { binary, missingBinary } from "./binary.ts";

for (const [name, run] of Object.entries(LOCKDOWN)) {
  testRequiring(`in the compiled binary ${name}`, {
    missing: missingBinary,
    run: async () => await run({ binary: await binary() }),
  });
}
