import assert from "node:assert/strict";
import { assertRefused } from "../answer_assertions.ts";
import { runKp } from "../run_fixture.ts";
import { post, type Serving } from "../serve_fixture.ts";

type Body = string | Uint8Array<ArrayBuffer>;

/** Both webhooks refuse the body with 400. Gives what they say. */
export async function assertWebhooksRefuse(server: Serving, body: Body): Promise<string> {
  const [validating, mutating] = await Promise.all(
    ["/validate", "/mutate"].map((path) => post(server, body, { path })),
  );
  assertRefused(validating, 400);
  assert.deepEqual([mutating.status, mutating.body], [400, validating.body]);
  return validating.body;
}

/** `kp replay` says 2 and names the place; nothing is judged. */
export async function assertReplayRefuses(body: Body): Promise<string> {
  const { code, out, err } = await runKp(["replay", "-"], { stdin: body });
  assert.equal(code, 2, out + err);
  assert.match(err, /^-:\d+: [^\n]+\n$/);
  assert.match(out, /^0 reviews: .* 1 unreadable\n$/);
  return err;
}

/** The errors of `kp check -o json` for a text; its code is 2, whatever else was judged. */
export async function checkErrors(text: Body): Promise<string[]> {
  const { code, out, err } = await runKp(["check", "-", "-o", "json"], { stdin: text });
  assert.deepEqual([code, err], [2, ""], out);
  const messages: string[] = JSON.parse(out).errors.map(({ file, message }: Record<string, string>) => {
    assert.equal(file, "-");
    return message;
  });
  for (const message of messages) assert.match(message, /^Cannot [^\n]+$/);
  return messages;
}
