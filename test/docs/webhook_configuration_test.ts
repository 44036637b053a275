import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { type Config, parseConfig } from "../../src/config/config.ts";
import { kit } from "../../src/core/kit.ts";
import { requestFor } from "../../src/requests.ts";
import { endpointOf } from "../../src/webhook/admission.ts";
import { fileIn, readPage } from "./markdown.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope: string;
}

interface Webhook {
  readonly name: string;
  readonly failurePolicy: "Fail" | "Ignore";
  readonly namespaceSelector?: { readonly matchExpressions: readonly Requirement[] };
  readonly matchPolicy: string;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly string[];
  readonly clientConfig: { readonly service: { readonly namespace: string; readonly path: string } };
  readonly rules: readonly Rule[];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const page = await readPage("serve.md");
const config = parseConfig(fileIn(page, "kube-policies.yaml"), "docs/serve.md");
const [validating, mutating] = [...parseAllDocuments(fileIn(page, "webhooks.yaml"))]
  .map((document): { kind: string; webhooks: Webhook[] } => document.toJS());
const webhooks = [...validating.webhooks, ...mutating.webhooks];

Deno.test("the webhooks in docs/serve.md have the default names, and paths that kp serve answers", () => {
  assert.deepEqual([validating.kind, mutating.kind], [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
  ]);
  assert.equal(validating.webhooks[0].name, "validating-webhook.openpolicyagent.org");
  assert.deepEqual(mutating.webhooks.map(({ name }) => name), ["mutating-webhook.openpolicyagent.org"]);
  const endpoints = (configuration: { webhooks: Webhook[] }) =>
    configuration.webhooks.map(({ clientConfig }) => endpointOf(`${clientConfig.service.path}?timeout=3s`));
  assert.deepEqual(endpoints(validating), ["validating", "validating"]);
  assert.deepEqual(endpoints(mutating), ["mutating"]);
  for (const { matchPolicy, sideEffects, timeoutSeconds, admissionReviewVersions } of webhooks) {
    assert.deepEqual([matchPolicy, sideEffects, timeoutSeconds, admissionReviewVersions], [
      "Equivalent",
      "None",
      3,
      ["v1"],
    ]);
  }
});

/** `failurePolicy` by namespace, as the API server picks the webhook; `other` stands for any that is not named. */
function policyFor(namespace: string, candidates: readonly Webhook[]): string[] {
  return candidates.filter(({ namespaceSelector }) =>
    (namespaceSelector?.matchExpressions ?? []).every(({ operator, values }) =>
      (operator === "In") === values.includes(namespace)
    )
  ).map(({ failurePolicy }) => failurePolicy);
}

function modeFor(namespace: string, half: "validate" | "mutate"): string {
  const { namespaces, ...halves }: Config["failure"] = config.failure;
  return (Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : halves[half]) === "closed" ? "Fail" : "Ignore";
}

Deno.test("failurePolicy in docs/serve.md is what failure of its config says, in every namespace", () => {
  const named = webhooks.flatMap(({ namespaceSelector }) => namespaceSelector?.matchExpressions ?? []);
  for (const { key } of named) assert.equal(key, "kubernetes.io/metadata.name");
  for (const namespace of ["other", ...Object.keys(config.failure.namespaces), ...named.flatMap((n) => n.values)]) {
    assert.deepEqual(policyFor(namespace, validating.webhooks), [modeFor(namespace, "validate")], namespace);
    assert.deepEqual(policyFor(namespace, mutating.webhooks), [modeFor(namespace, "mutate")], namespace);
  }
  const { service } = webhooks[0].clientConfig;
  assert.equal(modeFor(service.namespace, "validate"), "Ignore", "kp could not start in its own namespace");
});

Deno.test("the rules in docs/serve.md send what the shipped policies judge and no more", () => {
  // The groups of old versions are sent as `Equivalent`.
  const kinds = kit.pods.filter(({ group }) => group !== "extensions")
    .flatMap(({ group, kinds }) => kinds.map((kind) => ({ group, kind })));
  const resources = kinds.map(({ group, kind }) => `${group}/${resourceOf(kind)}`);
  const judged = [...resources, "/pods/ephemeralcontainers", "/pods/resize"];
  for (const { rules } of validating.webhooks) {
    assert.deepEqual(sent(rules, "CREATE"), judged.toSorted());
    assert.deepEqual(sent(rules, "UPDATE"), judged.toSorted());
    assert.deepEqual(new Set(rules.flatMap(({ operations }) => operations)), new Set(["CREATE", "UPDATE"]));
  }
  const [{ rules }] = mutating.webhooks;
  assert.deepEqual([sent(rules, "CREATE"), sent(rules, "UPDATE")], [["/pods"], ["/pods/ephemeralcontainers"]]);
  for (const { scope, apiVersions } of webhooks.flatMap(({ rules }) => rules)) {
    assert.deepEqual([scope, apiVersions], ["Namespaced", ["v1"]]);
  }
});

function resourceOf(kind: string): string {
  const caller = { operation: "CREATE", username: "", groups: [] } as const;
  return requestFor({ apiVersion: "v1", kind }, caller).resource.resource;
}

function sent(rules: readonly Rule[], operation: string): string[] {
  return rules.filter(({ operations }) => operations.includes(operation))
    .flatMap(({ apiGroups, resources }) => apiGroups.flatMap((group) => resources.map((name) => `${group}/${name}`)))
    .toSorted();
}
