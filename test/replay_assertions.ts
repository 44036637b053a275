import assert from "node:assert/strict";
import type { Endpoint } from "../src/core/decision.ts";
import { runKp } from "./run_fixture.ts";

/**
 * `kp replay` decides on a review as the webhook did: the same annotations and, compared with that answer as the
 * recorded one, no difference.
 */
export async function assertSameReplay(
  review: string,
  { answer, endpoint, config }: { answer: string; endpoint: Endpoint; config: string },
): Promise<void> {
  const { response } = JSON.parse(answer);
  const recorded = `${review.slice(0, review.lastIndexOf("}"))},"response":${JSON.stringify(response)}}`;
  const stdin = `${review}\n${recorded}\n`;
  const args = ["replay", "-", "--output", "json", "--endpoint", endpoint, "--config", config];
  const { code, out, err } = await runKp(args, { stdin });
  assert.equal(err, "");
  const { results, summary } = JSON.parse(out);
  assert.deepEqual(summary, { reviews: 2, compared: 1, different: 0, errors: 0 }, out);
  assert.equal(results.length, 1);
  assert.equal(results[0].uid, response.uid);
  assert.deepEqual(results[0].annotations, response.auditAnnotations);
  assert.equal(code, 0);
}
