import assert from "node:assert/strict";
import { shippedPolicies } from "../../policies/mod.ts";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { review } from "../../src/core/review.ts";
import { operationsIn } from "../answer_assertions.ts";
import { goodContainer, goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { engineOf } from "../engine_fixture.ts";
import { post, reviewed, serveForFile, transport } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const SHAPES: Record<string, (depth: number) => string> = {
  lists: (depth) => "[".repeat(depth) + "]".repeat(depth),
  maps: (depth) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth),
  both: (depth) => '[{"a":'.repeat(depth / 2) + "1" + "}]".repeat(depth / 2),
};

const HOLE = '"HOLE"';
const PLACES: Record<string, AdmissionRequest> = {
  "the spec": requestOf(goodPod({ anything: "HOLE" })),
  annotations: requestOf(goodPod({}, { annotations: "HOLE" })),
  managedFields: requestOf(goodPod({}, { managedFields: [{ fieldsV1: "HOLE" }] })),
  "the request's options": requestOf(goodPod(), { options: "HOLE" } as Partial<AdmissionRequest>),
};

/** The answer of each webhook to a review with this text in place of the hole. */
async function answersTo(request: AdmissionRequest, text: string) {
  const body = JSON.stringify(reviewOf(request)).replace(HOLE, text);
  const answers = [];
  for (const path of ["/validate", "/mutate"]) {
    const { status, body: answer } = await post(server, body, { path });
    assert.equal(status, 200, answer);
    answers.push(JSON.parse(answer).response);
  }
  return answers;
}

for (const [place, request] of Object.entries(PLACES)) {
  test(`I04: ${place} may nest 100 levels deep, and is refused at 1,000 to 100,000, whatever nests`, async () => {
    for (const [shape, nested] of Object.entries(SHAPES)) {
      for (const depth of [100, 1000, 100_000]) {
        const isDeep = depth > 512;
        const [validating, mutating] = await answersTo(request, nested(depth));
        const what = `${shape} ${depth}: ${JSON.stringify(validating).slice(0, 300)}`;
        assert.deepEqual([validating.uid, mutating.uid], [request.uid, request.uid], what);
        // A list is malformed where a map of annotations belongs.
        assert.equal(validating.allowed, !isDeep && (place !== "annotations" || shape === "maps"), what);
        assert.equal(mutating.patch, undefined, what);
      }
    }
  });
}

test("I04: a million levels are answered, too", async () => {
  for (const nested of [SHAPES.lists, SHAPES.maps]) {
    const [validating] = await answersTo(PLACES["the spec"], nested(1_000_000));
    assert.equal(validating.allowed, false);
  }
});

const many = <Item>(count: number, at: (index: number) => Item) => Array.from({ length: count }, (_, i) => at(i));

const LARGE: Record<string, { pod: Fields; allowed: boolean }> = {
  "100,000 containers": { pod: goodPod({ containers: many(100_000, (i) => ({ name: `c${i}` })) }), allowed: false },
  "400,000 labels": {
    pod: goodPod({}, { labels: Object.fromEntries(many(400_000, (i) => [`label-${i}`, ""])) }),
    allowed: true,
  },
  "a key of 1 MB": { pod: goodPod({}, { labels: { ["k".repeat(1_000_000)]: "" } }), allowed: true },
  "an image of 1 MB": {
    pod: goodPod({ containers: [goodContainer({ image: `registry.example.com/${"a/".repeat(500_000)}:1` })] }),
    allowed: true,
  },
};

for (const [what, { pod, allowed }] of Object.entries(LARGE)) {
  test(`I14: ${what} are answered within the deadline, or denied`, async () => {
    const started = performance.now();
    const [validating, mutating] = await answersTo(requestOf(pod), "");
    if (transport.isProduction) assert.ok(performance.now() - started < 2 * 3000, "too late");
    assert.deepEqual([validating.uid, mutating.uid], [requestOf(pod).uid, requestOf(pod).uid]);
    assert.equal(validating.allowed, allowed, JSON.stringify(validating).slice(0, 300));
  });
}

const HOSTS = [
  "regist\u0433y.example.com",
  "registry.ex\u0430mple.com",
  "registry\u3002example\u3002com",
  "registry.example.com\u200b",
  "\u202eregistry.example.com",
  "\uff52egistry.example.com",
  "registry.exampl\u0065\u0301.com",
];

test("I18: a registry or namespace that only looks like a listed one is another", async () => {
  const options = { allowed: ["registry.example.com"] };
  const engine = engineOf({ policies: [{ policy: shippedPolicies.image_registry, options }] });
  for (const host of ["registry.example.com", ...HOSTS]) {
    const pod = goodPod({ containers: [goodContainer({ image: `${host}/a:1` })] });
    assert.equal(review(requestOf(pod), "validating", engine).allowed, !HOSTS.includes(host), host);
  }
  for (const namespace of ["lenient\u200b", "leni\u0435nt", "Lenient", "lenient ", "\uff4cenient"]) {
    const pod = goodPod({}, { namespace, labels: { "break-down": "validate" } });
    const { allowed } = await reviewed(server, requestOf(pod, { namespace }), { failing: "closed" });
    assert.equal(allowed, false, namespace);
  }
});

test("I20: ports as text or number, quantities of any form and base64 are left as they are", async () => {
  const resources = {
    limits: { cpu: "1e3", memory: "0.5Gi" },
    requests: { cpu: 0.1, memory: "1000000000000000000000m" },
  };
  const probe = { httpGet: { port: "http", path: "/" }, timeoutSeconds: 1 };
  const containers = many(2, (i) => ({
    ...{ name: `c${i}`, image: "registry.example.com/a:1", resources },
    livenessProbe: i === 0 ? probe : { ...probe, httpGet: { port: 8080, path: "/" } },
  }));
  const { patch } = await reviewed(server, requestOf(goodPod({ containers })), { endpoint: "mutating" });
  const paths = operationsIn(patch!).map(({ path }: { path: string }) => path);
  assert.ok(paths.length > 0 && paths.every((path) => /securityContext/.test(path)), paths.join());
  const data = { a: "AAEC/w==", b: "not base64" };
  for (const kind of ["Secret", "ConfigMap"]) {
    const object = { apiVersion: "v1", kind, metadata: { name: "x", namespace: "payments" }, data, binaryData: data };
    for (const endpoint of ["validating", "mutating"] as const) {
      const response = await reviewed(server, requestOf(object), { endpoint });
      assert.deepEqual([response.allowed, response.patch], [true, undefined]);
    }
  }
});
