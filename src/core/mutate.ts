import type { Change, Fields, PatchOperation, Subject } from "../contract.ts";
import type { Failure, Patch } from "./decision.ts";
import { type Engine, type LoadedPolicy, type MutateStage, stageOf } from "./engine.ts";
import { excuseOf } from "./exempt.ts";
import { clone } from "./freeze.ts";
import { Malformed } from "./malformed.ts";
import { ancestorsOf, apply, applyWithParents, Writes } from "./patch.ts";
import { deepEqual } from "./equal.ts";
import { expectTexts, returnedList } from "./returned.ts";
import { readPod, subjectOf } from "./subject.ts";

export interface Mutation {
  readonly patches: readonly Patch[];
  readonly failures: readonly Failure[];
  /** The operations of the stage `patch`, joined. */
  readonly operations: readonly PatchOperation[];
  /** The object after them; null when there are none. */
  readonly object: Fields | null;
}

/** JSON Pointers of what may be changed, or everything. */
export type Scope = ReadonlySet<string> | "all";

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
  const rejected = new Map<LoadedPolicy, Error>();
  for (;;) {
    const run = new Run(subject, options);
    for (const stage of ["patch", "dryrun"] as const) {
      if (!options.stages.includes(stage)) continue;
      for (const loaded of policies) {
        if (stageOf(loaded, subject.request.namespace).mutate === stage && !rejected.has(loaded)) {
          run.add(loaded, stage);
        }
      }
    }
    if (run.conflicts.size === 0) return verified(run.result(rejected), subject);
    for (const [loaded, cause] of run.conflicts) rejected.set(loaded, cause);
  }
}

/** A patch that does not apply is a 500 for the client, even under `failurePolicy: Ignore`: so it is tried here first. */
function verified(mutation: Mutation, subject: Subject): Mutation {
  if (mutation.object !== null && !deepEqual(apply(subject.object, mutation.operations), mutation.object)) {
    throw new Error("Cannot send the patch: applied as a whole it gives another object than rule by rule");
  }
  return mutation;
}

export interface MutateOptions {
  readonly engine: Engine;
  readonly scope: Scope;
  readonly stages: readonly MutateStage[];
}

type Rejected = ReadonlyMap<LoadedPolicy, Error>;

class Run {
  readonly conflicts = new Map<LoadedPolicy, Error>();
  readonly #patches: Patch[] = [];
  readonly #failures: Failure[] = [];
  readonly #operations: PatchOperation[] = [];
  readonly #writes = new Writes();
  readonly #authors = new Map<string, LoadedPolicy>();
  #subject: Subject;
  #patched: Fields | null = null;

  constructor(subject: Subject, readonly options: MutateOptions) {
    this.#subject = subject;
  }

  /** Adds what one policy wants; all of it or, when any of it fails, nothing. */
  add(loaded: LoadedPolicy, stage: "patch" | "dryrun"): void {
    if (!loaded.policy.mutate) return;
    try {
      const changes = changesOf(loaded, this.#subject)
        .filter((change) => change.operations.length > 0 && this.#isInScope(change));
      if (changes.length === 0) return;
      const draft = clone(this.#subject.object);
      const patches = changes.map((change) => this.#patch(draft, change, { loaded, stage }));
      const subject = subjectOf(this.#subject.request, draft);
      changes.forEach((change, i) => patches[i].outcome !== "excused" && this.#claim(change, { loaded, stage }));
      this.#accept(patches, subject, stage);
    } catch (cause) {
      if (cause instanceof Malformed && loaded.policy.validate) return; // which reports it
      this.#failures.push({ policy: loaded.policy.name, cause, decisive: stage === "patch" });
    }
  }

  #isInScope({ operations }: Change): boolean {
    const { scope } = this.options;
    if (scope === "all") return true;
    return operations.every(({ path }) => ancestorsOf(path).some((ancestor) => scope.has(ancestor)));
  }

  #patch(draft: Fields, { rule, container, operations }: Change, { loaded, stage }: Author): Patch {
    const policy = loaded.policy.name;
    const exception = excuseOf({ policy, container, subject: this.#subject }, this.options.engine);
    if (exception !== null) return { policy, rule, container, operations, outcome: "excused", exception };
    const completed = operations.flatMap((operation) => applyWithParents(draft, operation));
    const outcome = stage === "patch" ? "patched" : "dryrun";
    return { policy, rule, container, operations: completed, outcome, exception };
  }

  #accept(patches: readonly Patch[], subject: Subject, stage: "patch" | "dryrun"): void {
    for (const patch of patches) {
      this.#patches.push(patch);
      if (patch.outcome === "patched") patch.operations.forEach((operation) => this.#operations.push(operation));
    }
    if (patches.every(({ outcome }) => outcome === "excused")) return;
    this.#subject = subject;
    if (stage === "patch") this.#patched = subject.object;
  }

  #claim({ rule, operations }: Change, { loaded, stage }: Author): void {
    const id = `${loaded.policy.name}/${rule}`;
    this.#authors.set(id, loaded);
    for (const operation of operations) {
      for (const otherId of this.#writes.claim(operation, id)) this.#conflict([otherId, id], operation, stage);
    }
  }

  /** A dry run never stands in the way of a patch. */
  #conflict([otherId, id]: readonly [string, string], { path }: PatchOperation, stage: MutateStage): void {
    const ids = [otherId, id].sort().join(" and ");
    const conflict = new Error(`Cannot join the patches: ${ids} want different values at ${path}`);
    const other = this.#authors.get(otherId)!;
    this.conflicts.set(this.#authors.get(id)!, conflict);
    if (stageOf(other, this.#subject.request.namespace).mutate === stage) this.conflicts.set(other, conflict);
  }

  result(rejected: Rejected): Mutation {
    const { namespace } = this.#subject.request;
    const conflicts = [...rejected].map(([loaded, cause]) => ({
      policy: loaded.policy.name,
      cause,
      decisive: stageOf(loaded, namespace).mutate === "patch",
    }));
    const failures = [...this.#failures, ...conflicts];
    return { patches: this.#patches, failures, operations: this.#operations, object: this.#patched };
  }
}

interface Author {
  readonly loaded: LoadedPolicy;
  readonly stage: "patch" | "dryrun";
}

const OPERATIONS = ["add", "remove", "replace"];

function changesOf({ policy, options }: LoadedPolicy, subject: Subject): readonly Change[] {
  const from = "mutate()";
  return returnedList(policy.mutate!(subject, options), from).map((change) => {
    expectTexts(change, ["rule"], { from, optional: false });
    expectTexts(change, ["container"], { from, optional: true });
    return { ...change, operations: operationsOf(change.operations, from) } as unknown as Change;
  });
}

/** As they will be sent: what JSON cannot hold is lost here, where its policy answers for it. */
function operationsOf(returned: unknown, from: string): readonly PatchOperation[] {
  const operations = returnedList(JSON.parse(JSON.stringify(returned ?? null)), from);
  for (const operation of operations) {
    expectTexts(operation, ["op", "path"], { from, optional: false });
    const op = String(operation.op);
    if (!OPERATIONS.includes(op)) throw new TypeError(`Cannot use operation "${op}": accepted add, remove, replace`);
  }
  return operations as unknown as readonly PatchOperation[];
}
