import type { Pod, Policy, Subject } from "../contract.ts";
import { deepEqual } from "./equal.ts";
import { isFields } from "./malformed.ts";
import { tokensOf } from "./patch.ts";
import { readPod, subjectOf } from "./subject.ts";

/**
 * Whether an update leaves what a policy judges as it was: the pod's spec (of a template: all of it), the annotations
 * and the fields that the policy names. What already runs is then never blocked.
 */
export function unchangedFor(subject: Subject): (policy: Policy) => boolean {
  const { request, oldObject } = subject;
  if (request.operation !== "UPDATE" || oldObject === null) return () => false;
  const [before, now] = [readPod(subjectOf(request, oldObject)), readPod(subject)];
  if (before === null || now === null || !samePod(before, now)) return () => false;
  return ({ judges }) =>
    (judges?.annotations ?? []).every((prefix) => deepEqual(annotations(before, prefix), annotations(now, prefix))) &&
    (judges?.fields ?? []).every((pointer) => deepEqual(valueAt(oldObject, pointer), valueAt(subject.object, pointer)));
}

function samePod(before: Pod, now: Pod): boolean {
  const isTemplate = now.path !== "";
  return deepEqual(before.spec, now.spec) && (!isTemplate || deepEqual(before.metadata, now.metadata));
}

function annotations({ metadata }: Pod, prefix: string): Record<string, unknown> {
  const all = isFields(metadata.annotations) ? metadata.annotations : {};
  return Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(prefix)));
}

function valueAt(object: unknown, pointer: string): unknown {
  let node = object;
  for (const token of tokensOf(pointer)) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, token)) return undefined;
    node = (node as Record<string, unknown>)[token];
  }
  return node;
}
