import type { Subject } from "../contract.ts";
import type { LoadedPolicy } from "./engine.ts";
import { deepEqual } from "./equal.ts";
import { type Conflict, type MutateOptions, type Mutation, Run, type Scope } from "./mutation_run.ts";
import { apply } from "./patch.ts";
import { readPod, subjectOf } from "./subject.ts";

/** What of a request's object may be changed; null for nothing. Most of a pod is immutable once it exists. */
export function scopeOf(subject: Subject): Scope | null {
  const { request } = subject;
  if (request.kind.group !== "" || request.kind.kind !== "Pod") return null;
  if (request.operation === "CREATE" && !request.subResource) return "all";
  if (request.operation !== "UPDATE" || request.subResource !== "ephemeralcontainers") return null;
  return newEphemeralContainers(subject);
}

function newEphemeralContainers(subject: Subject): Scope {
  const before = subject.oldObject && readPod(subjectOf(subject.request, subject.oldObject));
  const known = new Set(before?.containers.map(({ name }) => name));
  const containers = readPod(subject)?.containers ?? [];
  const added = containers.filter(({ list, name }) => list === "ephemeralContainers" && !known.has(name));
  return new Set(added.map(({ path }) => path));
}

/**
 * Runs the mutating rules in config order, those of stage `patch` before those of `dryrun`, each on the object as
 * the ones before it left it. Rules that want different values at one path are reported and left out, all of them:
 * which of them comes first never decides.
 */
export function mutate(subject: Subject, policies: readonly LoadedPolicy[], options: MutateOptions): Mutation {
  const rejected = new Map<string, Conflict>();
  for (;;) {
    const run = new Run(subject, options, rejected);
    for (const stage of ["patch", "dryrun"] as const) {
      if (options.stages.includes(stage)) policies.forEach((loaded) => run.add(loaded, stage));
    }
    if (run.conflicts.size === 0) return verified(run.result(), subject);
    for (const [key, conflict] of run.conflicts) rejected.set(key, conflict);
  }
}

/** A patch that does not apply is a 500 for the client, even under `failurePolicy: Ignore`: so it is tried here first. */
function verified(mutation: Mutation, subject: Subject): Mutation {
  if (mutation.object !== null && !deepEqual(apply(subject.object, mutation.operations), mutation.object)) {
    throw new Error("Cannot send the patch: applied as a whole it gives another object than rule by rule");
  }
  return mutation;
}
