import * as v from "valibot";
import type { AdmissionRequest } from "../contract.ts";
import { isFields } from "./malformed.ts";
import { oneLine } from "./text.ts";

/** The versions of AdmissionReview that are read, and answered in kind. */
export const VERSIONS = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"] as const;

export type ReviewVersion = typeof VERSIONS[number];

export type ParsedReview =
  | {
    readonly success: true;
    readonly version: ReviewVersion;
    readonly request: AdmissionRequest;
    readonly response: unknown;
  }
  | { readonly success: false; readonly message: string };

const name = v.nullish(v.string());
const object = v.nullish(v.custom(isFields, "accepted: object or null"));
const OPERATIONS = ["CREATE", "UPDATE", "DELETE", "CONNECT"] as const;

const groupVersion = { group: v.string(), version: v.string() };

/** Only the envelope: valibot leaves out keys such as `constructor`, so its output is never judged. */
const envelope = v.looseObject({
  apiVersion: v.picklist(VERSIONS),
  kind: v.literal("AdmissionReview"),
  request: v.looseObject({
    uid: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/, "accepted: 1 to 128 printable characters")),
    kind: v.looseObject({ ...groupVersion, kind: v.pipe(v.string(), v.minLength(1)) }),
    resource: v.looseObject({ ...groupVersion, resource: v.string() }),
    subResource: name,
    name,
    namespace: name,
    operation: v.picklist(OPERATIONS),
    userInfo: v.nullish(v.looseObject({ username: name, groups: v.nullish(v.array(v.string())) })),
    object,
    oldObject: object,
    dryRun: v.nullish(v.boolean()),
  }),
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const received = new WeakMap<AdmissionRequest, Uint8Array>();

/** The bytes of the AdmissionReview that a request was read from; undefined for a request that was not read, but made. */
export function bytesOf(request: AdmissionRequest): Uint8Array | undefined {
  return received.get(request);
}

/** The bytes of an AdmissionReview of a request that was made. */
export function reviewBytes(request: AdmissionRequest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ apiVersion: VERSIONS[0], kind: "AdmissionReview", request }));
}

/** Reads the bytes of an AdmissionReview (API type admission.k8s.io/v1 or v1beta1). */
export function parseReview(body: Uint8Array): ParsedReview {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    return { success: false, message: "Cannot read the body: it is not one JSON document in UTF-8" };
  }
  const review = readReview(value);
  if (review.success) received.set(review.request, body);
  return review;
}

/** Checks the envelope of a parsed AdmissionReview and hands out its request as it was sent. */
export function readReview(value: unknown): ParsedReview {
  const result = v.safeParse(envelope, value, { abortEarly: true });
  if (result.success) {
    const review = value as { apiVersion: ReviewVersion; request: AdmissionRequest; response?: unknown };
    return { success: true, version: review.apiVersion, request: review.request, response: review.response };
  }
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? "the body";
  return {
    success: false,
    message: `Cannot read the AdmissionReview: ${path}: found ${
      issue.received === "undefined" ? "nothing" : shown(issue.received)
    }, accepted: ${accepted(path, issue)}`,
  };
}

/** Of a missing key valibot says the name alone. */
const CHOICES = new Map<string, readonly string[]>([["apiVersion", VERSIONS], ["request.operation", OPERATIONS]]);

function accepted(path: string, { message, expected, received }: v.BaseIssue<unknown>): string {
  const choices = CHOICES.get(path);
  if (choices) return choices.join(", ");
  if (message.startsWith("accepted: ")) return message.slice("accepted: ".length);
  return received === "undefined" ? "a value" : expected ?? "another value";
}

/** What a caller sent is shown to the caller only, and not at length. */
function shown(received: string): string {
  return oneLine(received.length > 60 ? `${received.slice(0, 60)}...` : received);
}
