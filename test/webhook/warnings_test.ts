import assert from "node:assert/strict";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { reviewed, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

/** The creation of a pod with that many containers whose host port is warned of. */
function warned(count: number, nameOf: (index: number) => string) {
  const containers = Array.from(
    { length: count },
    (_, index) => goodContainer({ name: nameOf(index), ports: [{ containerPort: 80, hostPort: 80 }] }),
  );
  return requestOf(goodPod({ containers }));
}

test("16 warnings are sent as they are, the rest is counted", async () => {
  const sixteen = await reviewed(server, warned(16, (index) => `c${index}`));
  assert.equal(sixteen.warnings!.length, 16);
  assert.match(sixteen.warnings![0], /^deny_host_ports: .*container=c0/);
  const forty = await reviewed(server, warned(40, (index) => `c${index}`));
  assert.deepEqual([forty.allowed, forty.warnings!.length, forty.warnings!.at(-1)], [true, 17, "and 24 more"]);
  assert.equal(forty.auditAnnotations.warned.split(", ").length, 40);
});

test("a long warning is cut at 256 runes, not inside one", async () => {
  const { warnings } = await reviewed(server, warned(2, (index) => "𝒩".repeat(400 + index)));
  assert.deepEqual(warnings!.map((warning) => [...warning].length), [256]);
  assert.ok(warnings![0].endsWith("𝒩"));
});

test("a warning with line breaks and control characters is one line without them", async () => {
  const { warnings } = await reviewed(server, warned(1, () => "a\r\nb\tc\u0000d\u007fe\u009bf\u2028g"));
  assert.equal(warnings!.length, 1);
  assert.match(warnings![0], /container=a; b c d e f g\)/);
});
