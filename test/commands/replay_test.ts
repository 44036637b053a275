import { deepStrictEqual as assertEquals, match, ok } from "node:assert";
import type { Fields } from "../../src/contract.ts";
import { goodContainer, goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";

const BAD = reviewOf(requestOf(goodPod({ hostNetwork: true })));
const GOOD = reviewOf(requestOf(goodPod()));
const WRITABLE = reviewOf(requestOf(goodPod({ containers: [goodContainer({ securityContext: null })] })));

const replay = (stdin: string, ...args: string[]) => runKp(["replay", "-", ...args], { stdin });
const lines = (...reviews: Fields[]) => reviews.map((review) => JSON.stringify(review)).join("\n");

/** The review with the response that `kp` gives today, changed. */
async function recorded(
  review: Fields,
  change: (response: Record<string, unknown>) => void = () => {},
): Promise<Fields> {
  const endpoint = review === WRITABLE ? "mutating" : "validating";
  const { out } = await replay(JSON.stringify(review), "-o", "json", "--endpoint", endpoint);
  const [{ annotations, result, uid }] = JSON.parse(out).results;
  const response: Record<string, unknown> = { uid, allowed: result !== "denied", auditAnnotations: annotations };
  change(response);
  return { ...review, response };
}

Deno.test("kp replay prints each decision with its annotations", async () => {
  const { code, out, err } = await replay(lines(GOOD, BAD));
  assertEquals([code, err], [0, ""]);
  assertEquals(
    out,
    `-:1: Pod/payments/web CREATE (validating): allowed
  default-allow: Request does not trigger any OPA policies.
-:2: Pod/payments/web CREATE (validating): allowed
  all_rules: deny_host_network: Pod Pod/payments/web cannot be created with hostNetwork enabled.
  monitored: deny_host_network: Pod Pod/payments/web cannot be created with hostNetwork enabled.
2 reviews: 0 compared with what was recorded, 0 different, 0 unreadable
`,
  );
});

Deno.test("kp replay says nothing of what it decides as was recorded", async () => {
  const { code, out } = await replay(lines(await recorded(BAD), await recorded(GOOD)));
  assertEquals([code, out], [0, "2 reviews: 2 compared with what was recorded, 0 different, 0 unreadable\n"]);
});

Deno.test("kp replay shows what differs from the recorded response, and says 1", async () => {
  const denial = { code: 403, reason: "Forbidden", message: "no" };
  const record = await recorded(BAD, (response) => {
    response.allowed = false;
    response.status = denial;
    response.warnings = ["old"];
    response.auditAnnotations = { denied: "x", policy_revision: "another" };
  });
  const { code, out } = await replay(lines(record, await recorded(GOOD)), "-o", "json");
  assertEquals(code, 1);
  const { results, summary } = JSON.parse(out);
  assertEquals(summary, { reviews: 2, compared: 2, different: 1, errors: 0 });
  const text = "deny_host_network: Pod Pod/payments/web cannot be created with hostNetwork enabled.";
  assertEquals(results[0].differences, [
    { field: "allowed", recorded: false, now: true },
    { field: "status.code", recorded: 403, now: null },
    { field: "status.message", recorded: "no", now: null },
    { field: "warnings", recorded: ["old"], now: null },
    { field: "auditAnnotations.denied", recorded: "x", now: null },
    { field: "auditAnnotations.all_rules", recorded: null, now: text },
    { field: "auditAnnotations.monitored", recorded: null, now: text },
  ]);
});

Deno.test("kp replay compares annotations only where the record has any", async () => {
  const record = await recorded(BAD, (response) => delete response.auditAnnotations);
  assertEquals((await replay(lines(record))).code, 0);
});

Deno.test("kp replay takes a response with a patch for a mutating one, and compares the operations", async () => {
  const config = "stages: { prod: { default: { mutate: patch } } }\nenvironment: prod\n";
  await withFiles({ "kp.yaml": config }, async (folder) => {
    const patch = btoa(JSON.stringify([{ op: "add", path: "/metadata/labels", value: {} }]));
    const record = { ...WRITABLE, response: { uid: "x", allowed: true, patch, patchType: "JSONPatch" } };
    const { code, out } = await replay(lines(record), "-c", `${folder}/kp.yaml`, "-o", "json");
    const [{ endpoint, differences }] = JSON.parse(out).results;
    assertEquals([code, endpoint, differences.length, differences[0].field], [1, "mutating", 1, "patch"]);
    assertEquals(differences[0].recorded[0].path, "/metadata/labels");
    ok(differences[0].now.length > 3);
    const same = {
      ...record,
      response: { ...record.response, patch: btoa(JSON.stringify(differences[0].now, null, 1)) },
    };
    assertEquals((await replay(lines(same), "-c", `${folder}/kp.yaml`)).code, 0);
  });
});

Deno.test("kp replay reads a document, a list, a List and JSON Lines, told apart by content", async () => {
  const texts = {
    pretty: JSON.stringify(BAD, null, 2),
    list: JSON.stringify([BAD, GOOD]),
    prettyList: JSON.stringify([BAD, GOOD], null, 2),
    kubernetesList: JSON.stringify({ kind: "List", items: [BAD, GOOD] }, null, 1),
    lines: `\n${lines(BAD, GOOD)}\n\n${JSON.stringify(GOOD)}\n`,
    crlf: lines(BAD, GOOD).replaceAll("\n", "\r\n"),
  };
  const counts = await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const { summary } = JSON.parse((await replay(text, "-o", "json")).out);
      return [name, summary.reviews, summary.errors];
    }),
  );
  assertEquals(counts, [
    ["pretty", 1, 0],
    ["list", 2, 0],
    ["prettyList", 2, 0],
    ["kubernetesList", 2, 0],
    ["lines", 3, 0],
    ["crlf", 2, 0],
  ]);
});

Deno.test("kp replay names the file and line of what it cannot read, goes on, and says 2", async () => {
  const text = [JSON.stringify(GOOD), "{oops", `{"a":1,"a":2}`, "{}", JSON.stringify(BAD)].join("\n");
  const { code, out, err } = await replay(text);
  assertEquals(code, 2);
  assertEquals(err.split("\n").length, 4);
  match(err, /^-:2: Cannot read JSON: invalid symbol at line 2, column 2\n/);
  match(err, /\n-:3: Cannot read JSON: duplicate key "a" at line 3, column 8 \(first at line 3, column 2\)\n/);
  match(err, /\n-:4: Cannot read the AdmissionReview: apiVersion/);
  match(out, /\n2 reviews: .*, 3 unreadable\n$/);
});

Deno.test("kp replay reads folders, and says 3 where there is nothing to replay", async () => {
  const files = {
    "b.jsonl": lines(GOOD, BAD),
    "a.json": JSON.stringify(BAD),
    "c.txt": "x",
    "deep/d.ndjson": lines(GOOD),
  };
  await withFiles(files, async (folder) => {
    const count = async (...args: string[]) =>
      JSON.parse((await runKp(["replay", ...args, "-o", "json"])).out).summary.reviews;
    assertEquals(await count(folder), 3);
    assertEquals(await count("-R", folder), 4);
  });
  assertEquals((await replay("")).code, 3);
});

Deno.test("kp replay holds no more than a review at a time", async () => {
  const line = `${JSON.stringify(GOOD)}\n`;
  const total = 60_000;
  let [sent, printed] = [0, 0];
  const heap = () => Deno.memoryUsage().heapUsed;
  const stdin = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (sent >= total) return controller.close();
      controller.enqueue(new TextEncoder().encode(line.repeat(100)));
      sent += 100;
    },
  });
  const before = heap();
  let most = 0;
  const { run } = await import("../../src/cli.ts");
  const code = await run(["replay", "-"], {
    env: () => undefined,
    stdin,
    out: () => {
      if (++printed % 1000 === 0) most = Math.max(most, heap() - before);
    },
    err: () => {},
    errAsync: () => Promise.resolve(),
    signal: new AbortController().signal,
    onHangup: () => {},
  });
  assertEquals([code, printed], [0, total + 1]);
  ok(most < 64 * 1024 * 1024, `${most} bytes more than before, for ${line.length * total} bytes of input`);
});
