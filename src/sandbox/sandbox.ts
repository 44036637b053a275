import { type Engine, engineOf, type Settings, withFailing } from "../core/engine.ts";
import { evaluate } from "../evaluators/evaluation.ts";
import type { Evaluation } from "../evaluators/evaluator.ts";
import { type Frame, NO_BODY } from "../evaluators/frames.ts";
import type { DescribedPolicy, Question, Reply, WireEntry } from "../evaluators/protocol.ts";
import { fromStructured } from "../evaluators/structured.ts";
import { selfTest } from "../self_test.ts";
import { type PolicyEntry, type PolicySource, type ResolvedPolicy, resolvePolicies } from "../policy_resolver.ts";

/** Engines without some policies that are kept: there are few such policies at any time. */
const MOST_VARIANTS = 16;

/** Answers what the front asks: an evaluator process without its standard input and output. */
export class Sandbox {
  readonly #tell: (reply: Reply) => void;
  #policies: readonly ResolvedPolicy[] = [];
  #engine: Engine | null = null;
  readonly #variants = new Map<string, Engine>();
  #begun: string | null = null;

  /** `tell` writes what is no answer yet. */
  constructor(tell: (reply: Reply) => void) {
    this.#tell = tell;
  }

  /** At once but for `load`: nothing that a policy left to be done later is done between two reviews. */
  answer({ meta, body }: Frame<Question>): Answer | Promise<Answer> {
    if (meta.kind === "load") return this.#load(meta, body);
    if (meta.kind === "review") return answerOf(this.#review(meta, body));
    if (meta.kind === "test") return this.#test(meta);
    const settings = fromStructured(meta.settings) as Settings;
    const quarantined = fromStructured(meta.quarantined) as ReadonlyMap<string, string>;
    this.#engine = withFailing(engineOf(this.#policies, settings), quarantined);
    this.#variants.clear();
    return { reply: { kind: "using" }, body: NO_BODY };
  }

  async #load({ entries, announced }: Question & { kind: "load" }, body: Uint8Array): Promise<Answer> {
    const { policies, issues, isPartial } = await resolvePolicies(unpacked(entries, body));
    const isAnnounced = ({ entry }: ResolvedPolicy) => announced.includes(entry);
    this.#policies = announced.length === 0
      ? policies
      : policies.map((resolved) => this.#announcing(resolved, isAnnounced(resolved)));
    return { reply: { kind: "loaded", policies: policies.map(described), issues, isPartial }, body: NO_BODY };
  }

  #test({ shipped }: Question & { kind: "test" }): Answer {
    const faults = selfTest(this.#policies, { engine: this.#used(), shipped });
    return { reply: { kind: "tested", faults }, body: NO_BODY };
  }

  #used(): Engine {
    if (this.#engine === null) throw new Error("Cannot review: no settings are in use");
    return this.#engine;
  }

  #review({ endpoint, without }: Question & { kind: "review" }, body: Uint8Array): Evaluation {
    this.#begun = null;
    const engine = this.#used();
    return evaluate(body, endpoint, without ? this.#variant(engine, without) : engine);
  }

  #variant(engine: Engine, without: Readonly<Record<string, string>>): Engine {
    const key = JSON.stringify(without);
    const known = this.#variants.get(key);
    if (known) return known;
    if (this.#variants.size >= MOST_VARIANTS) this.#variants.clear();
    const variant = withFailing(engine, new Map(Object.entries(without)));
    this.#variants.set(key, variant);
    return variant;
  }

  /** Says before each call of a policy that may never end that it begins, and before the next other one that it did. */
  #announcing(resolved: ResolvedPolicy, isAnnounced: boolean): ResolvedPolicy {
    const { policy } = resolved;
    const name = isAnnounced ? policy.name : null;
    const begin = () => {
      if (this.#begun === name) return;
      this.#begun = name;
      this.#tell({ kind: "began", policy: name });
    };
    const announcing = <Args extends unknown[], Result>(run: (...args: Args) => Result) => (...args: Args) => {
      begin();
      return run(...args);
    };
    const { validate, mutate } = policy;
    return {
      ...resolved,
      policy: {
        ...policy,
        ...(validate && { validate: announcing(validate.bind(policy)) }),
        ...(mutate && { mutate: announcing(mutate.bind(policy)) }),
      },
    };
  }
}

export interface Answer {
  readonly reply: Reply;
  readonly body: Uint8Array;
}

function answerOf(evaluation: Evaluation): Answer {
  if (!evaluation.success) return { reply: { kind: "refused", message: evaluation.message }, body: NO_BODY };
  return { reply: { kind: "answer", summary: evaluation.summary }, body: evaluation.answer };
}

function unpacked(entries: readonly WireEntry[], body: Uint8Array): PolicyEntry[] {
  let offset = 0;
  const take = (length: number) => body.slice(offset, offset += length);
  return entries.map(({ source, ...entry }) => {
    if (source.kind !== "bundle") return { ...entry, source: source as PolicySource };
    const files = new Map(source.files.map(({ name, length }) => [name, take(length)]));
    return { ...entry, source: { ...source, files } };
  });
}

function described({ policy, options: _, ...resolved }: ResolvedPolicy): DescribedPolicy {
  const { validate, mutate, options: _schema, cases: _cases, ...data } = policy;
  return { ...resolved, policy: data, validates: validate !== undefined, mutates: mutate !== undefined };
}
