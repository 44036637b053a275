import jsonpatch from "fast-json-patch";
import assert from "node:assert/strict";
import type { AdmissionRequest, Fields } from "../src/contract.ts";
import type { AdmissionResponse } from "../src/core/answer.ts";
import type { Endpoint } from "../src/core/decision.ts";
import { VERSION } from "../src/version.ts";

/** One HTTP answer of the webhook. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Asked {
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
  readonly endpoint: Endpoint;
  /** How a failure is answered that the test provokes; without it, any failure is a mistake of ours. */
  readonly failing?: "closed" | "open";
}

/**
 * What holds for every request that can be read, whatever it asks: the answer is an AdmissionReview of its version
 * and uid that the API server takes (apiserver, webhook/request/admissionreview.go), and no failure is hidden.
 */
export function assertReview({ status, headers, body }: Answered, asked: Asked): AdmissionResponse {
  assert.equal(status, 200, body.slice(0, 300));
  assert.equal(headers.get("content-type"), "application/json");
  const answer = JSON.parse(body);
  assert.deepEqual(Object.keys(answer).sort(), ["apiVersion", "kind", "response"]);
  assert.deepEqual([answer.apiVersion, answer.kind], [asked.apiVersion, "AdmissionReview"]);
  assertResponse(answer.response, asked);
  return answer.response;
}

/** The same for an answer that did not cross HTTP. */
export function assertResponse(response: AdmissionResponse, asked: Asked): void {
  assert.equal(response.uid, asked.request.uid);
  assert.equal(typeof response.allowed, "boolean");
  assertStatus(response);
  assertWarnings(response.warnings);
  assertAnnotations(response.auditAnnotations);
  assertPatch(response, asked);
  assertVerdict(response, asked.endpoint);
  assertFailing(response, asked.failing);
}

function assertStatus({ allowed, status }: AdmissionResponse): void {
  if (allowed) return assert.equal(status, undefined);
  assert.deepEqual([status!.code, status!.reason], [403, "Forbidden"]);
  assert.notEqual(status!.message.trim(), "");
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function assertWarnings(warnings: readonly string[] | undefined): void {
  if (warnings === undefined) return;
  assert.ok(warnings.length > 0 && warnings.length <= 17, `${warnings.length} warnings`);
  for (const warning of warnings) {
    assert.notEqual(warning.trim(), "");
    assert.doesNotMatch(warning, CONTROL);
    assert.ok([...warning].length <= 256, `${[...warning].length} runes`);
  }
}

const ANNOTATION_KEY = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

function assertAnnotations(annotations: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(annotations)) {
    assert.match(key, ANNOTATION_KEY);
    assert.ok(typeof value === "string" && value !== "", key);
  }
  assert.match(String(annotations.policy_revision), /^[0-9a-f]{12}$/);
}

function assertPatch({ patch, patchType }: AdmissionResponse, { request, endpoint }: Asked): void {
  if (patch === undefined) return assert.equal(patchType, undefined);
  assert.equal(endpoint, "mutating", "the API server refuses a validating answer with a patch");
  assert.equal(patchType, "JSONPatch");
  const operations = operationsIn(patch);
  assert.ok(Array.isArray(operations) && operations.length > 0);
  for (const { op } of operations) assert.ok(["add", "remove", "replace"].includes(op), op);
  applied(request.object as Fields, patch);
}

/** The object that a base64 JSON Patch makes; throws where it does not apply. */
export function applied(object: Fields, patch: string): Fields {
  return jsonpatch.applyPatch(structuredClone(object), operationsIn(patch), true).newDocument;
}

export function operationsIn(patch: string): jsonpatch.Operation[] {
  const bytes = Uint8Array.from(atob(patch), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

/** The verdict, the patch and the annotations say the same. */
function assertVerdict({ allowed, auditAnnotations, patch }: AdmissionResponse, endpoint: Endpoint): void {
  const { all_rules, denied, warned, monitored } = auditAnnotations;
  const failing = "failing-closed" in auditAnnotations || "failing-open" in auditAnnotations;
  const bypassed = "breakglass_authorized" in auditAnnotations || "critical_allowlisted" in auditAnnotations;
  assert.equal(allowed, denied === undefined && !("failing-closed" in auditAnnotations));
  assert.deepEqual([...new Set([denied, warned, monitored].flatMap(entries))].sort(), entries(all_rules).sort());
  assert.equal(patch !== undefined, "patches" in auditAnnotations);
  const isDefault = endpoint === "validating" && all_rules === undefined && !failing && !bypassed;
  assert.equal(auditAnnotations["default-allow"], isDefault ? "Request does not trigger any OPA policies." : undefined);
}

function entries(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(", ");
}

/** A failure passes only where the failure mode says so, and is always told. */
function assertFailing({ allowed, status, auditAnnotations }: AdmissionResponse, failing: Asked["failing"]): void {
  const { "failing-closed": closed, "failing-open": open } = auditAnnotations;
  assert.equal(closed, failing === "closed" ? "Error, failing closed" : undefined);
  assert.equal(open, failing === "open" ? "Error, failing open" : undefined);
  if (failing === undefined) return;
  assert.equal(allowed, failing === "open");
  assert.equal(status?.message, failing === "closed" ? "Failing closed" : undefined);
}

/** What holds for every request that cannot be read: one line that says what is accepted, and nothing about us. */
export function assertRefused(
  { status, headers, body }: Answered,
  expected: 400 | 404 | 405 | 413 | 415 | 429 | 503,
): void {
  assert.equal(status, expected, body.slice(0, 300));
  assert.match(headers.get("content-type")!, /^text\/plain; charset=utf-8$/i);
  assert.match(body, /^Cannot [^\n]*accepted[^\n]*\n$|^Cannot read the body: [^\n]+\n$/);
  assert.ok(body.length < 400, `${body.length} characters`);
  assertTellsNothing(body);
  for (const name of ["server", "x-powered-by", "via"]) assert.equal(headers.get(name), null);
}

/** No stack trace, path, or version of ours. */
export function assertTellsNothing(text: string): void {
  assert.doesNotMatch(text, /\bat (async )?[\w.<>]+ ?\(|node_modules|\.[tj]s\b|file:|\/src\/|deno|node|v8/i);
  assert.ok(!text.includes(VERSION), text);
}
