import type { AdmissionRequest, Change, PatchOperation, Subject } from "../../../../src/contract.ts";
import { inputOf, recordOf, setOf, textIn } from "./form.ts";

/** What the patches of a pod are asked about, and where in the subject the pod is. */
export interface PodReview {
  readonly bytes: Uint8Array;
  /** JSON Pointer, empty for a Pod. */
  readonly path: string;
}

/**
 * The review that mutating rules see. They are written for pods: of a template they see the pod that it makes, as its
 * controller would create it.
 */
export function podReview(subject: Subject): PodReview {
  const { pod, request } = subject;
  if (pod === null || pod.path === "") return { bytes: inputOf(subject), path: "" };
  const metadata = { ...pod.metadata, generateName: `${request.name ?? ""}-`, namespace: request.namespace };
  const resource = { group: "", version: "v1", resource: "pods" };
  const kind = { group: "", version: "v1", kind: "Pod" };
  const created: AdmissionRequest & Record<string, unknown> = {
    uid: request.uid,
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    namespace: request.namespace,
    operation: "CREATE",
    userInfo: request.userInfo,
    object: { apiVersion: "v1", kind: "Pod", metadata, spec: pod.spec },
    oldObject: null,
    dryRun: request.dryRun,
  };
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: created };
  return { bytes: new TextEncoder().encode(JSON.stringify(review)), path: pod.path };
}

export interface ReadOptions {
  readonly entrypoint: string;
  /** JSON Pointer that goes before every path. */
  readonly path: string;
  /** Where the set names none. */
  readonly rule?: string;
  readonly stage?: Change["stage"];
}

/**
 * A set of operations as changes, one each. All of them speak of the object as it was, and a set has no order: so what
 * shifts the items of a list comes last, and there the last item first.
 */
export function changesIn(value: unknown, { entrypoint, path, rule, stage }: ReadOptions): Change[] {
  const wanted = setOf(value, entrypoint).map((item): Wanted => {
    const record = recordOf(item, entrypoint);
    const by = { rule: textIn(record, "rule") ?? rule!, policy: textIn(record, "policy") };
    return { ...by, container: textIn(record, "container"), stage, operation: operationOf(record, path) };
  }).toSorted((a, b) => compareOperations(a.operation, b.operation));
  const own = wanted.filter(({ operation }, i) => i === 0 || !isSame(operation, wanted[i - 1].operation));
  refuseContradictions(own.map(({ operation }) => operation), entrypoint);
  return own.map(({ operation, ...by }) => ({ ...by, operations: [operation] }));
}

type Wanted = Omit<Change, "operations"> & { readonly operation: PatchOperation };

function isSame(a: PatchOperation, b: PatchOperation): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function operationOf(record: Readonly<Record<string, unknown>>, prefix: string): PatchOperation {
  const { op, path, value } = record;
  const operation = { op, path: typeof path === "string" ? prefix + path : path };
  return ("value" in record ? { ...operation, value } : operation) as PatchOperation;
}

/** By path, numbers as numbers; what shifts items after all others, and backwards. */
function compareOperations(a: PatchOperation, b: PatchOperation): number {
  const [lastA, lastB] = [a, b].map(shifts);
  if (lastA !== lastB) return lastA ? 1 : -1;
  const order = comparePaths(a.path, b.path) || compareTexts(JSON.stringify(a), JSON.stringify(b));
  return lastA ? -order : order;
}

function shifts({ op, path }: PatchOperation): boolean {
  return op === "remove" || (op === "add" && /\/\d+$/.test(path));
}

function comparePaths(a: string, b: string): number {
  const [left, right] = [String(a).split("/"), String(b).split("/")];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    return /^\d+$/.test(left[i]) && /^\d+$/.test(right[i])
      ? Number(left[i]) - Number(right[i])
      : compareTexts(left[i], right[i]);
  }
  return left.length - right.length;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One set that wants two things at one path, or something within what it takes away, has no meaning. */
function refuseContradictions(operations: readonly PatchOperation[], entrypoint: string): void {
  const seen = new Map<string, PatchOperation>();
  for (const operation of operations) {
    if (seen.has(operation.path)) throw new Error(`${entrypoint} wants different values at ${operation.path}`);
    if (!String(operation.path).endsWith("/-")) seen.set(operation.path, operation);
  }
  for (const { path } of operations) {
    const taken = ancestorsOf(String(path)).find((ancestor) =>
      ["remove", "replace"].includes(seen.get(ancestor)?.op ?? "")
    );
    if (taken !== undefined) {
      throw new Error(`${entrypoint} wants to change ${path}, and to ${seen.get(taken)!.op} ${taken}`);
    }
  }
}

/** JSON Pointers of what a path is in. */
function ancestorsOf(path: string): string[] {
  const tokens = path.split("/");
  return tokens.slice(2).map((_, i) => tokens.slice(0, i + 2).join("/"));
}
