/** The platform's policies are written twice, in TypeScript and in Rego: both say the same of everything here. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { isFields } from "../../src/core/malformed.ts";
import { POD_KINDS } from "../../src/core/pods.ts";
import { readManifests } from "../../src/manifests.ts";
import { requestFor } from "../../src/requests.ts";
import { captures } from "../captures.ts";
import { corpusTest } from "../corpora/corpus.ts";
import { readPspCases } from "../corpora/gatekeeper_psp.ts";
import { untar } from "../corpora/tar.ts";
import { pods } from "../fixtures/pod_generator.ts";
import { CASE_FILES, readCases } from "../policies/policy_cases.ts";
import { type Allowlist, type Bundles, configStaged, readBundles, selfStaged } from "./platform_bundles.ts";
import { expected, expectedByStage, POLICIES } from "./typescript_side.ts";
import { oddValues, withOddValue } from "./odd_values.ts";
import { valueAt } from "./verdicts.ts";

/** How much both sides said; a comparison of silence proves nothing. */
interface Said {
  requests: number;
  violations: number;
  malformed: number;
  patches: number;
  excused: number;
}

/** Compares both on requests, and the self-staged packages under exceptions of four kinds. */
function compare(bundles: Bundles, requests: Iterable<AdmissionRequest>): Said {
  const said = { requests: 0, violations: 0, malformed: 0, patches: 0, excused: 0 };
  for (const sent of requests) {
    const request: AdmissionRequest = JSON.parse(JSON.stringify(sent));
    const verdict = expected(request);
    assert.deepEqual(configStaged(bundles, request), verdict);
    const allowlist = allowlistFor(request, said.requests);
    const unexcused = expectedByStage(request, {});
    const staged = expectedByStage(request, allowlist);
    assert.deepEqual(selfStaged(bundles, request, { allowlist: {} }), unexcused);
    assert.deepEqual(selfStaged(bundles, request, { allowlist }), staged);
    said.requests++;
    said.violations += verdict.violations.length;
    said.malformed += (verdict.violations as Fields[]).filter(({ rule }) => rule === "ensure_well_formed").length;
    said.patches += verdict.patches.length;
    said.excused += Object.values(unexcused).flat().length - Object.values(staged).flat().length;
  }
  return said;
}

/** For each policy another kind of exception: none, any container, one of them, or each of them. */
function allowlistFor(request: AdmissionRequest, turn: number): Allowlist {
  const names = ["initContainers", "containers"].flatMap((list) => {
    const entries = ["/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"]
      .map((path) => valueAt(request.object, `${path}/${list}`)).find(Array.isArray) ?? [];
    return entries.map((entry) => isFields(entry) && typeof entry.name === "string" ? entry.name : "");
  });
  const kinds = [[], ["*"], names.slice(0, 1), names];
  return Object.fromEntries(POLICIES.map((policy, i) => {
    const containers = Object.fromEntries(kinds[(turn + i) % kinds.length].map((name) => [name, name]));
    return [policy, { [request.namespace ?? ""]: containers, elsewhere: { "*": "*" } }];
  }));
}

/** Of `capabilities`: in Rego its lists are constants. */
const CASES_WITH_OPTIONS = 5;

const bundles = await readBundles();
const CALLER = { operation: "CREATE", username: "alice", groups: [] } as const;

Deno.test("Rego and TypeScript agree on every case of every policy", () => {
  const cases = POLICIES.flatMap((policy) => CASE_FILES.flatMap((file) => readCases(policy, file)));
  const byDefault = cases.filter(({ options }) => options === undefined);
  assert.equal(cases.length - byDefault.length, CASES_WITH_OPTIONS, "cases of options, which the Rego does not have");
  const said = compare(
    bundles,
    byDefault.map(({ object, oldObject, operation, subresource }) => {
      const made = requestFor((object ?? oldObject) as Fields, { ...CALLER, ...(operation && { operation }) });
      return { ...made, subResource: subresource, object, oldObject };
    }),
  );
  assert.ok(said.malformed >= 100 && said.excused >= 100, JSON.stringify(said));
});

for (const endpoint of ["validating", "mutating"] as const) {
  Deno.test(`Rego and TypeScript agree on everything that a real API server sent to the ${endpoint} webhook`, () => {
    const said = compare(bundles, captures(endpoint).map(({ request }) => request));
    assert.ok(said.violations >= 100 && said.patches >= 50 && said.excused >= 50, JSON.stringify(said));
  });
}

const RUNS = { numRuns: 300, seed: 20_261_122 };

for (const kind of ["Pod", "Deployment", "CronJob"] as const) {
  Deno.test(`Rego and TypeScript agree on random pods (${kind})`, () => {
    const objects = fc.sample(pods({ kind }), RUNS);
    const said = compare(bundles, objects.map((object) => requestFor(object, CALLER)));
    assert.ok(said.violations >= 300 && said.patches >= 300 && said.excused >= 300, JSON.stringify(said));
  });

  Deno.test(`Rego and TypeScript agree on random pods with one value replaced by any other (${kind})`, () => {
    const broken = fc.sample(fc.tuple(pods({ kind }), fc.nat(), oddValues()), RUNS);
    const said = compare(
      bundles,
      broken.map(([object, place, value]) => requestFor(withOddValue(object, { place, value }), CALLER)),
    );
    assert.ok(said.malformed >= 100, JSON.stringify(said));
  });
}

Deno.test("Rego and TypeScript agree on random pods that get an ephemeral container", () => {
  const objects = fc.sample(pods({ ephemeral: true }), RUNS);
  const said = compare(
    bundles,
    objects.map((object) => {
      const oldObject = { ...object, spec: { ...object.spec as Fields, ephemeralContainers: [] } };
      const request = requestFor(object, { ...CALLER, operation: "UPDATE" });
      return { ...request, subResource: "ephemeralcontainers", oldObject };
    }),
  );
  assert.ok(said.violations >= 300, JSON.stringify(said));
});

/** Every shape of what is between an object and its pod's spec. */
const SHAPES = [null, {}, [], "x", { spec: null }, { spec: [] }, { spec: 1 }, { spec: {} }, { template: null }];

Deno.test("Rego and TypeScript agree on every kind whose template is not there or no template", () => {
  const shapes = [...SHAPES, ...SHAPES.map((spec) => ({ spec })), ...SHAPES.map((template) => ({ template }))];
  const nested = [
    ...shapes,
    ...shapes.map((spec) => ({ spec })),
    ...shapes.map((template) => ({ spec: { template } })),
  ];
  const objects = POD_KINDS.flatMap(({ group, kinds }) =>
    kinds.flatMap((kind) =>
      nested.filter(isFields).map((fields) => ({
        apiVersion: group === "" ? "v1" : `${group}/v1`,
        kind,
        metadata: { name: "web" },
        ...fields,
      }))
    )
  );
  const said = compare(bundles, objects.map((object) => requestFor(object, CALLER)));
  assert.ok(said.requests >= 500 && said.malformed >= 3000, JSON.stringify(said));
});

Deno.test("the one known difference: Rego shows the keys of an object in another order", () => {
  const capabilities = { drop: ["ALL"], add: [{ b: 1, a: 2, d: 3, c: 4 }] };
  const securityContext = {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true },
    capabilities,
  };
  const spec = { containers: [{ name: "app", securityContext }] };
  const request = requestFor({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec }, CALLER);
  const [inRego, inTypeScript] = [configStaged(bundles, request), expected(request)]
    .map(({ violations }) => (violations as Fields[]).map(({ message }) => String(message)));
  const names = /adds capabilities \{("[a-d]":[1-4],?){4}\}\.$/;
  assert.equal(inRego.length, 1);
  assert.match(inRego[0], names);
  assert.match(inTypeScript[0], names);
});

Deno.test("Rego and TypeScript agree on every operation and subresource", () => {
  const subresources = [undefined, null, "", "ephemeralcontainers", "resize", "status", "binding", "exec"];
  const requests = fc.sample(pods(), { ...RUNS, numRuns: 5 }).flatMap((object) =>
    (["CREATE", "UPDATE", "DELETE", "CONNECT"] as const).flatMap((operation) =>
      subresources.map((subResource) => (
        { ...requestFor(object, { ...CALLER, operation }), subResource } as AdmissionRequest
      ))
    )
  );
  const said = compare(bundles, requests);
  assert.ok(said.requests === 160 && said.violations >= 100 && said.patches >= 20, JSON.stringify(said));
});

corpusTest("Rego and TypeScript agree on the manifests that people write", {
  file: "kubernetes-examples-manifests.tar.gz",
  async run(path) {
    const files = await untar(path);
    const manifests = [...files].flatMap(([name, text]) => readManifests(text, name).manifests);
    const said = compare(bundles, manifests.map(({ object }) => requestFor(object, CALLER)));
    assert.ok(said.requests === 262 && said.violations >= 300, JSON.stringify(said));
  },
});

corpusTest("Rego and TypeScript agree on gatekeeper's PSP cases", {
  file: "gatekeeper-psp-samples.tar.gz",
  async run(path) {
    const cases = await readPspCases(path);
    const said = compare(bundles, cases.map(({ object, operation }) => requestFor(object, { ...CALLER, operation })));
    assert.ok(said.requests === 140 && said.violations >= 300, JSON.stringify(said));
  },
});
