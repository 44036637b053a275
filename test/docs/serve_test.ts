import assert from "node:assert/strict";
import { DEEPEST } from "../../src/core/freeze.ts";
import { LARGEST_BODY } from "../../src/webhook/limits.ts";
import { createMetrics } from "../../src/webhook/metrics.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { post, serve, type Serving } from "../serve_fixture.ts";
import { codeIn, fileIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("serve.md");
const REVIEW = fileIn(page, "review.json");

/** Config with a notice, a policy that throws for pods called `broken`, and both ways past the policies. */
const CONFIG = `environment: prod
policies: [{ use: host_network }, { use: host_namespaces }, { use: readonly_root_fs }, { use: ./breaks.ts }]
stages: { prod: { default: { validate: deny, mutate: patch }, host_network: warn } }
allowlists: [{ use: file, options: { path: ./allowlist.yaml } }]
breakglass: { groups: [sre] }
critical: [{ namespace: payments, kind: Pod, name: vital }]
failure: { namespaces: { lenient: open } }
`;
const BREAKS = `export default (kit) => ({
  name: "breaks",
  metadata: { title: "a", description: "a", severity: "low", controls: [], remediation: "a" },
  match: kit.pods,
  rules: ["ensure_nothing"],
  validate({ object }) {
    if (object.metadata.name === "broken") throw new Error("broken");
    return [];
  },
});
`;

/** Calls `use` with a server of that config. */
async function serving(use: (server: Serving) => Promise<void>): Promise<void> {
  const files = { "kp.yaml": CONFIG, "breaks.ts": BREAKS, "allowlist.yaml": "prod: { gone: { payments: [app] } }" };
  await withFiles(files, async (folder) => {
    const server = await serve(["--insecure-http", "--config", `${folder}/kp.yaml`]);
    try {
      await use(server);
    } finally {
      await server.stop();
    }
  });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false }); // the server's side of a closed connection
}

/** The creation of a pod of that name, in that namespace. */
function creation(name: string, { namespace = "payments", groups = ["dev"], spec = {} } = {}) {
  const request = requestOf(goodPod({ hostPID: name === "denied", ...spec }, { name, namespace }), {
    userInfo: { username: "alice", groups },
  });
  return JSON.stringify(reviewOf(request));
}

async function provoke(server: Serving): Promise<void> {
  for (const name of ["fine", "denied", "broken", "vital"]) await post(server, creation(name));
  await post(server, creation("broken", { namespace: "lenient" }));
  await post(server, creation("denied", { groups: ["sre"] }));
  const spec = { containers: [{ name: "app", image: "registry.example.com/app:1" }] };
  await post(server, creation("fine", { spec }), { path: "/mutate" });
  const connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/validate", REVIEW).slice(0, -10));
  await post(server, REVIEW); // by now the server has read the other's head
  connection.close();
  for (let i = 0; i < 200 && !server.text().includes('"request_lost"'); i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("docs/serve.md lists every event of the log, with its fields", async () => {
  const events = new Map<string, string[]>();
  await serving(async (server) => {
    await provoke(server);
    await server.stop();
    for (const { time: _, event, ...fields } of server.log()) events.set(event, Object.keys(fields));
  });
  const described = rowsOf(page, "Event").map(([event, fields]) => [codeIn(event)[0], codeIn(fields)]);
  assert.deepEqual(Object.fromEntries(described), Object.fromEntries(events));
});

Deno.test("docs/serve.md lists every metric, with its type and labels", () => {
  const { registry } = createMetrics();
  const existing = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  const described = rowsOf(page, "Metric").map(([name, , labels]) => [codeIn(name)[0], codeIn(labels)]);
  assert.deepEqual(described, existing.map(({ name, labelNames }) => [name, labelNames]));
});

test("docs/serve.md lists the values of the labels", async () => {
  const { seen, types } = await scraped();
  const described = new Map(rowsOf(page, "Label").map(([label, values]) => [codeIn(label)[0], codeIn(values)]));
  for (const label of ["endpoint", "result"]) {
    assert.deepEqual(described.get(label)!.toSorted(), [...seen.get(label)!].toSorted());
  }
  for (const label of ["stage", "dry_run"]) {
    assert.deepEqual([...seen.get(label)!].filter((value) => !described.get(label)!.includes(value)), []);
  }
  const labels = [...seen.keys()].filter((label) => !["code", "le", "reason", "revision"].includes(label));
  assert.deepEqual([...described.keys()].toSorted(), labels.toSorted());
  for (const [name, type] of rowsOf(page, "Metric")) assert.equal(types.get(codeIn(name)[0]), type);
});

/** What the metrics page holds once everything was provoked: the values of each label, the type of each metric. */
async function scraped() {
  const seen = new Map<string, Set<string>>();
  const types = new Map<string, string>();
  await serving(async (server) => {
    await provoke(server);
    await post(server, "{}");
    const text = await (await fetch(`${server.operators}/metrics`)).text();
    for (const [, label, value] of text.matchAll(/[{,](\w+)="([^"]*)"/g)) {
      seen.set(label, (seen.get(label) ?? new Set()).add(value));
    }
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\w+)$/gm)) types.set(name, type);
  });
  return { seen, types };
}

test("docs/serve.md lists every HTTP status that refuses a request", async () => {
  await serving(async (server) => {
    const refused = {
      400: await post(server, "{}"),
      404: await post(server, REVIEW, { path: "/other" }),
      405: await post(server, null, { method: "GET" }),
      413: await post(server, REVIEW.padEnd(LARGEST_BODY + 1)),
      415: await post(server, REVIEW, { headers: { "content-type": "text/plain" } }),
    };
    for (const [status, answered] of Object.entries(refused)) {
      assert.equal(answered.status, Number(status));
      assert.match(answered.body, /^Cannot [^\n]+: [^\n]+\n$/);
    }
    const compressed = await post(server, REVIEW, { headers: { "content-encoding": "gzip" } });
    assert.equal(compressed.status, 415);
    assert.deepEqual(rowsOf(page, "Status").map(([status]) => status), Object.keys(refused));
  });
});

Deno.test("docs/serve.md gives the limits of the code", () => {
  assert.ok(page.includes(`more than ${LARGEST_BODY / 2 ** 20} MiB`));
  assert.ok(page.includes(`over ${DEEPEST} levels`));
});
