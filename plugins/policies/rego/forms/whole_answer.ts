import type { Change, Context, Finding, PatchOperation, Subject, Verdict } from "../../../../src/contract.ts";
import { type Form, inputOf } from "./form.ts";
import { podReview } from "./patches.ts";

const MAIN = "system/main";
const VALIDATING = "system/validating";
const MUTATING = "system/mutating";

/**
 * An AdmissionReview as the answer, by OPA's own convention. It is read, not passed on: a denial becomes a violation, a
 * warning a warned one, the patch a change, so that exceptions, an unchanged pod and other policies count as ever.
 * `system/main` is asked for the endpoint that has no entrypoint of its own; where that is both, its verdict counts for
 * the validating one and its patch for the mutating one. Of a template the patch is that of the pod that it makes.
 */
export const wholeAnswer: Form = {
  entrypoints: [MAIN, VALIDATING, MUTATING],
  build(program, { name, has }) {
    const [validating, mutating] = [VALIDATING, MUTATING].map((own) => has(own) ? own : has(MAIN) ? MAIN : null);
    const refuses = mutating !== validating;
    const ask = (entrypoint: string, { bytes, subject, context }: Asked) =>
      answerOf(program.evaluate(entrypoint, bytes, context), subject);
    return {
      selfStaged: { validate: "deny", mutate: mutating ? "patch" : "off" },
      refuses,
      ...(validating && {
        validate(subject, _options, context) {
          const answer = ask(validating, { bytes: inputOf(subject), subject, context });
          if (answer.allowed && !isAbsent(answer.patch) && validating === VALIDATING) {
            throw new TypeError(`${VALIDATING} answers with a patch, which the validating endpoint cannot send`);
          }
          return { findings: findingsOf(answer, name), annotations: annotationsOf(answer) };
        },
      }),
      ...(mutating && {
        mutate(subject, _options, context): Verdict {
          const { bytes, path } = podReview(subject);
          const patching = ask(mutating, { bytes, subject, context });
          const changes = changesOf(patching, { name, path });
          if (!refuses) return { changes, annotations: annotationsOf(patching) };
          const own = path === "" ? patching : ask(mutating, { bytes: inputOf(subject), subject, context });
          return { findings: findingsOf(own, name), changes, annotations: annotationsOf(own) };
        },
      }),
    };
  },
};

interface Asked {
  readonly bytes: Uint8Array;
  readonly subject: Subject;
  readonly context: Context;
}

interface Answer {
  readonly allowed: boolean;
  readonly status?: unknown;
  readonly warnings?: unknown;
  readonly auditAnnotations?: unknown;
  readonly patch?: unknown;
  readonly patchType?: unknown;
}

/** The response of an AdmissionReview that the API server would take (webhook/request/admissionreview.go). */
function answerOf(value: unknown, { request }: Subject): Answer {
  const review = fieldsOf(value, "the answer");
  if (review.kind !== "AdmissionReview") throw wrong("kind", review.kind, "AdmissionReview");
  const versions = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];
  if (!versions.includes(review.apiVersion as string)) {
    throw wrong("apiVersion", review.apiVersion, versions.join(", "));
  }
  const response = fieldsOf(review.response, "response");
  if (response.uid !== request.uid) throw wrong("response.uid", response.uid, "the request's");
  if (typeof response.allowed !== "boolean") throw wrong("response.allowed", response.allowed, "true or false");
  const hasPatch = !isAbsent(response.patch);
  if (hasPatch !== !isAbsent(response.patchType)) {
    throw wrong("response.patchType", response.patchType, "JSONPatch with a patch, nothing without");
  }
  if (hasPatch && response.patchType !== "JSONPatch") {
    throw wrong("response.patchType", response.patchType, "JSONPatch");
  }
  return response as unknown as Answer;
}

/** A denial counts, whatever is wrong with what stands beside it. */
function findingsOf({ allowed, status, warnings }: Answer, rule: string): Finding[] {
  const isWrong = !isAbsent(warnings) &&
    !(Array.isArray(warnings) && warnings.every((text) => typeof text === "string"));
  if (!allowed) {
    return [{ rule, message: messageOf(status), stage: "deny" }, ...(isWrong ? [] : warned(warnings, rule))];
  }
  if (isWrong) throw wrong("response.warnings", warnings, "a list of texts");
  return warned(warnings, rule);
}

function warned(warnings: unknown, rule: string): Finding[] {
  return ((warnings ?? []) as readonly string[]).map((message) => ({ rule, message, stage: "warn" }));
}

function messageOf(status: unknown): string {
  const { message, reason } = (typeof status === "object" && status !== null ? status : {}) as Record<string, unknown>;
  const text = [message, reason].find((text) => typeof text === "string" && text !== "");
  return (text as string | undefined) ?? "denied without explanation";
}

function changesOf({ allowed, patch }: Answer, { name, path }: { name: string; path: string }): Change[] {
  if (!allowed || isAbsent(patch)) return [];
  if (typeof patch !== "string") throw wrong("response.patch", patch, "the base64 of a JSON Patch");
  const operations = operationsIn(patch).map((operation) => ({ ...operation, path: path + operation.path }));
  return operations.length === 0 ? [] : [{ rule: name, operations }];
}

function operationsIn(patch: string): readonly PatchOperation[] {
  let operations: unknown;
  try {
    operations = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(patch)));
  } catch {
    throw wrong("response.patch", patch, "the base64 of a JSON Patch");
  }
  if (!Array.isArray(operations)) throw wrong("response.patch", operations, "a list of operations");
  return operations;
}

/** Their keys are checked by the core. */
function annotationsOf({ allowed, auditAnnotations }: Answer): Record<string, string> {
  const isWrong = typeof auditAnnotations !== "object" || Array.isArray(auditAnnotations);
  if (isAbsent(auditAnnotations) || (isWrong && !allowed)) return {};
  return fieldsOf(auditAnnotations, "response.auditAnnotations") as Record<string, string>;
}

function fieldsOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(path, value, "an object");
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function wrong(path: string, found: unknown, accepted: string): TypeError {
  const text = JSON.stringify(found) ?? "nothing";
  // What is long may be the object's.
  return new TypeError(`${path}: found ${text.length > 40 ? `a ${typeof found}` : text}, accepted ${accepted}`);
}
