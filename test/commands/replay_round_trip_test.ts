import { deepStrictEqual as assertEquals } from "node:assert";
import { answer } from "../../src/core/answer.ts";
import { review } from "../../src/core/review.ts";
import { parseReview } from "../../src/core/wire.ts";
import { load } from "../../src/load.ts";
import { runKp } from "../run_fixture.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The captured reviews, each with the response of today. */
async function recorded(endpoint: "validating" | "mutating", file: string | undefined): Promise<string> {
  const { engine } = await load({ file, environment: undefined, fallback: { validate: "monitor", mutate: "dryrun" } });
  const captured = await Deno.readTextFile(`${ROOT}test/fixtures/captures/${endpoint}.jsonl`);
  return captured.trim().split("\n").map((line) => {
    const parsed = parseReview(new TextEncoder().encode(line));
    if (!parsed.success) throw new Error(parsed.message);
    const { response } = answer(review(parsed.request, endpoint, engine), parsed.version);
    return JSON.stringify({ ...JSON.parse(line), response });
  }).join("\n");
}

for (const file of [undefined, `${ROOT}test/golden/config.yaml`]) {
  for (const endpoint of ["validating", "mutating"] as const) {
    Deno.test(`kp replay tells by itself that ${endpoint} records were answered so (${file ? "golden" : "default"} config)`, async () => {
      const args = file === undefined ? [] : ["-c", file];
      const { code, out } = await runKp(["replay", "-", ...args], { stdin: await recorded(endpoint, file) });
      const count = endpoint === "validating" ? 258 : 96;
      assertEquals([code, out], [
        0,
        `${count} reviews: ${count} compared with what was recorded, 0 different, 0 unreadable\n`,
      ]);
    });
  }
}
