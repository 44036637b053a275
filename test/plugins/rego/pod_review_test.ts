import assert from "node:assert/strict";
import { setOf } from "../../../plugins/policies/rego/forms/form.ts";
import { podReview } from "../../../plugins/policies/rego/forms/patches.ts";
import { subjectOf } from "../../../src/core/subject.ts";
import { goodPod, requestOf } from "../../request_fixture.ts";

Deno.test("of a template the patches are asked for as of the pod that its controller creates", () => {
  const { spec, metadata } = goodPod({}, { labels: { a: "b" } });
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "payments" },
    spec: { template: { metadata, spec } },
  };
  const request = requestOf(deployment, { operation: "UPDATE", oldObject: deployment });
  const { bytes, path } = podReview(subjectOf(request));
  const { request: asked } = JSON.parse(new TextDecoder().decode(bytes));
  assert.equal(path, "/spec/template");
  assert.deepEqual(
    [asked.operation, asked.kind.kind, asked.namespace, asked.userInfo, asked.oldObject],
    ["CREATE", "Pod", "payments", request.userInfo, null],
  );
  const { labels, generateName, namespace } = asked.object.metadata;
  assert.deepEqual([labels, generateName, namespace], [{ a: "b" }, "web-", "payments"]);
});

Deno.test("of a pod the patches are asked for by the review as it was sent", () => {
  const request = requestOf(goodPod(), { operation: "UPDATE", oldObject: goodPod() });
  const subject = subjectOf(request);
  assert.deepEqual(podReview(subject), { bytes: subject.bytes(), path: "" });
});

Deno.test("violations that are no set fail", () => {
  for (const value of [{}, "a", null, true]) assert.throws(() => setOf(value, "a/b"), /a\/b is no set/);
});
