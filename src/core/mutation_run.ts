import type { Change, Fields, PatchOperation, Policy, Subject } from "../contract.ts";
import type { Annotation, Failure, Patch } from "./decision.ts";
import { type Engine, type LoadedPolicy, stageOf, stagesOf, weaker } from "./engine.ts";
import { excuseOf } from "./exempt.ts";
import { clone } from "./freeze.ts";
import { type Reports, staged, type StagedFinding } from "./judge.ts";
import { Malformed } from "./malformed.ts";
import { ancestorsOf, applyWithParents, Writes } from "./patch.ts";
import { annotationsOf, changesOf, findingsOf, returnedVerdict } from "./returned.ts";
import { subjectOf } from "./subject.ts";

export interface Mutation {
  readonly patches: readonly Patch[];
  readonly failures: readonly Failure[];
  /** What policies found that may refuse. */
  readonly reports: Reports;
  readonly annotations: readonly Annotation[];
  /** The operations of the stage `patch`, joined. */
  readonly operations: readonly PatchOperation[];
  /** The object after them; null when there are none. */
  readonly object: Fields | null;
}

/** JSON Pointers of what may be changed, or everything. */
export type Scope = ReadonlySet<string> | "all";

export interface MutateOptions {
  readonly engine: Engine;
  readonly scope: Scope;
  readonly stages: readonly ("patch" | "dryrun")[];
  /** Whether an update leaves what the policy judges as it was; without it, it does not. */
  readonly unchanged?: (policy: Policy) => boolean;
}

/** Whose changes at one stage cannot be joined with others', and why. */
export interface Conflict extends Author {
  readonly cause: Error;
}

interface Author {
  readonly loaded: LoadedPolicy;
  readonly stage: ChangeStage;
}

type ChangeStage = "patch" | "dryrun";

/** One go through the policies, without what an earlier one found to conflict. */
export class Run {
  readonly conflicts = new Map<string, Conflict>();
  readonly #patches: Patch[] = [];
  readonly #failures: Failure[] = [];
  readonly #operations: PatchOperation[] = [];
  readonly #reports = new Map<LoadedPolicy, readonly StagedFinding[]>();
  readonly #annotations: Annotation[] = [];
  readonly #writes = new Writes();
  readonly #authors = new Map<string, Author & { readonly rule: string }>();
  /** Of policies whose changes are of both stages, those that wait for theirs. */
  readonly #waiting = new Map<LoadedPolicy, readonly Change[]>();
  #subject: Subject;
  #patched: Fields | null = null;

  constructor(subject: Subject, readonly options: MutateOptions, readonly rejected: ReadonlyMap<string, Conflict>) {
    this.#subject = subject;
  }

  /** Adds what one policy wants at this stage; all of it or, when any of it fails, nothing. */
  add(loaded: LoadedPolicy, stage: ChangeStage): void {
    const { policy } = loaded;
    const strongest = stageOf(loaded, this.#subject.request.namespace);
    const wanted = weaker(strongest.mutate, stage) === stage;
    const heard = policy.refuses && strongest.validate !== "off";
    if (!policy.mutate || !(wanted || heard)) return;
    try {
      const changes = this.#changesOf(loaded, stage);
      if (wanted && !this.rejected.has(keyOf({ loaded, stage }))) this.#join(changes, { loaded, stage });
    } catch (cause) {
      if (cause instanceof Malformed && policy.validate) return; // which reports it
      const counts = strongest.mutate === "patch" || (policy.refuses && strongest.validate === "deny");
      const decisive = stage === "patch" && counts === true && !this.#isUnchanged(policy);
      this.#failures.push({ policy: policy.name, cause, decisive, mode: loaded.failure });
    }
  }

  #join(wanted: readonly Change[], author: Author): void {
    const changes = wanted.filter((change) => change.operations.length > 0 && this.#isInScope(change));
    if (changes.length === 0) return;
    const draft = clone(this.#subject.object);
    const patches = changes.map((change) => this.#patch(draft, change, author));
    const subject = subjectOf(this.#subject.request, draft);
    changes.forEach((change, i) => patches[i].outcome !== "excused" && this.#claim(change, author));
    this.#accept(patches, subject, author.stage);
  }

  /** A policy is asked once: what it wants at another stage waits, and its findings are kept. */
  #changesOf(loaded: LoadedPolicy, stage: ChangeStage): readonly Change[] {
    const { namespace } = this.#subject.request;
    const changes = this.#waiting.get(loaded) ?? this.#ask(loaded);
    const stageFor = ({ policy, stage }: Change) => weaker(stageOf(stagesOf(loaded, policy), namespace).mutate, stage);
    this.#waiting.set(loaded, changes.filter((change) => stageFor(change) !== stage));
    return changes.filter((change) => stageFor(change) === stage);
  }

  /** What it finds counts, whatever is wrong with the rest of what it says. */
  #ask(loaded: LoadedPolicy): readonly Change[] {
    this.#waiting.set(loaded, []); // whatever happens, it is not asked again
    const { policy, options } = loaded;
    const { namespace } = this.#subject.request;
    const verdict = returnedVerdict(policy.mutate!(this.#subject, options, this.options.engine.context), FROM);
    const unchanged = this.#isUnchanged(policy);
    const findings = staged(loaded, findingsOf(verdict, FROM), { namespace, unchanged });
    if (findings.length > 0) this.#reports.set(loaded, findings);
    for (const [key, value] of annotationsOf(verdict, FROM)) {
      this.#annotations.push({ policy: policy.name, key, value });
    }
    return changesOf(verdict, FROM);
  }

  #isUnchanged(policy: Policy): boolean {
    return this.options.unchanged?.(policy) ?? false;
  }

  #isInScope({ operations }: Change): boolean {
    const { scope } = this.options;
    if (scope === "all") return true;
    return operations.every(({ path }) => ancestorsOf(path).some((ancestor) => scope.has(ancestor)));
  }

  #patch(draft: Fields, change: Change, { loaded, stage }: Author): Patch {
    const { rule, container, operations, policy = loaded.policy.name } = change;
    const exception = excuseOf({ policy, container, subject: this.#subject }, this.options.engine);
    if (exception !== null) return { policy, rule, container, operations, outcome: "excused", exception };
    const completed = operations.flatMap((operation) => applyWithParents(draft, operation));
    const outcome = stage === "patch" ? "patched" : "dryrun";
    return { policy, rule, container, operations: completed, outcome, exception };
  }

  #accept(patches: readonly Patch[], subject: Subject, stage: ChangeStage): void {
    for (const patch of patches) {
      this.#patches.push(patch);
      if (patch.outcome === "patched") patch.operations.forEach((operation) => this.#operations.push(operation));
    }
    if (patches.every(({ outcome }) => outcome === "excused")) return;
    this.#subject = subject;
    if (stage === "patch") this.#patched = subject.object;
  }

  #claim({ rule, operations, policy = "" }: Change, author: Author): void {
    const { name } = author.loaded.policy;
    const id = JSON.stringify([author.stage, name, policy, rule]);
    this.#authors.set(id, { ...author, rule: `${policy || name}/${rule}` });
    for (const operation of operations) {
      for (const otherId of this.#writes.claim(operation, id)) this.#conflict([otherId, id], operation);
    }
  }

  /** A dry run never stands in the way of a patch. */
  #conflict([otherId, id]: readonly [string, string], { path }: PatchOperation): void {
    const [other, own] = [this.#authors.get(otherId)!, this.#authors.get(id)!];
    const rules = [other.rule, own.rule].sort().join(" and ");
    const cause = new Error(`Cannot join the patches: ${rules} want different values at ${path}`);
    this.conflicts.set(keyOf(own), { ...own, cause });
    if (other.stage === own.stage) this.conflicts.set(keyOf(other), { ...other, cause });
  }

  result(): Mutation {
    const conflicts = [...this.rejected.values()].map(({ loaded, stage, cause }) => ({
      policy: loaded.policy.name,
      cause,
      decisive: stage === "patch",
      mode: loaded.failure,
    }));
    return {
      patches: this.#patches,
      failures: [...this.#failures, ...conflicts],
      reports: this.#reports,
      annotations: this.#annotations,
      operations: this.#operations,
      object: this.#patched,
    };
  }
}

function keyOf({ loaded, stage }: Author): string {
  return `${stage} ${loaded.policy.name}`;
}

const FROM = "mutate()";
