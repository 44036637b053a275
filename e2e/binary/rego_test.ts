/** Built-in functions of Rego in the compiled binary, whose Deno may be older, give what they give from source. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { answerTo, engineFrom } from "../../test/plugins/rego/bundle_engine.ts";
import { serveProcess } from "../../test/process_fixture.ts";
import { reviewOf } from "../../test/request_fixture.ts";
import { testRequiring } from "../../test/requiring.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { BUILTIN_CALLS, BUILTINS_CONFIG, requestFor } from "../../test/sandbox/builtin_calls.ts";
import { post } from "../../test/serve_fixture.ts";
import { binary, missingBinary } from "./binary.ts";

/** Deno 2.6 has no keys on the curve P-521: to Rego such a key is none, and the call undefined. */
const DIFFERING = ["io.jwt.verify_es512 1"];

testRequiring("each built-in function gives in an evaluator of the compiled binary what it gives from source", {
  missing: missingBinary,
  run: () =>
    withFiles({ "kp.yaml": BUILTINS_CONFIG }, async (folder) => {
      const engine = await engineFrom(BUILTINS_CONFIG);
      const args = ["--insecure-http", "--evaluators", "1", "--config", `${folder}/kp.yaml`];
      await using server = await serveProcess(args, { binary: await binary() });
      const differing: string[] = [];
      for (const call of BUILTIN_CALLS) {
        const request = requestFor(call);
        const { response } = JSON.parse((await post(server, JSON.stringify(reviewOf(request)))).body);
        if (!isDeepStrictEqual(response, answerTo(request, "validating", engine))) differing.push(call);
      }
      assert.deepEqual(differing, DIFFERING);
    }),
});
