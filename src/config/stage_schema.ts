import * as v from "valibot";
import type { MutateStage, ValidateStage } from "../core/engine.ts";
import { mapByNamespace, mapOf, notAList, oneOf } from "./shapes.ts";

/** What an entry sets; the rest is left to the entry above it. */
export interface PartialStage {
  readonly validate?: ValidateStage;
  readonly mutate?: MutateStage;
}

export interface PolicyStage extends PartialStage {
  readonly namespaces: Readonly<Record<string, PartialStage>>;
}

export interface EnvironmentStages {
  readonly default: PartialStage;
  readonly policies: Readonly<Record<string, PolicyStage>>;
}

export const VALIDATE_STAGES = ["off", "monitor", "warn", "deny"] as const satisfies readonly ValidateStage[];
export const MUTATE_STAGES = ["off", "dryrun", "patch"] as const satisfies readonly MutateStage[];

const WORDS = ["off", "monitor", "warn", "deny", "dryrun", "patch"] as const;
const ACCEPTED = `${WORDS.join(", ")}, or a map of validate, mutate`;

const word = v.pipe(
  v.picklist(WORDS, ACCEPTED),
  v.description("off: both. monitor, warn, deny: validation. dryrun, patch: mutation."),
  v.transform((stage): PartialStage => {
    if (stage === "off") return { validate: "off", mutate: "off" };
    return stage === "dryrun" || stage === "patch" ? { mutate: stage } : { validate: stage };
  }),
);

const halves = {
  validate: v.optional(v.pipe(oneOf(VALIDATE_STAGES), v.description("What happens to violations."))),
  mutate: v.optional(v.pipe(oneOf(MUTATE_STAGES), v.description("What happens to patches."))),
};

const stage = v.union([word, mapOf(halves)], accepted);

const policyStage = v.pipe(
  v.union([
    word,
    mapOf({
      ...halves,
      namespaces: v.optional(
        v.pipe(
          mapByNamespace(stage),
          v.description("Stages of single namespaces, by exact name. What one leaves out is the policy's."),
        ),
      ),
    }),
  ], accepted),
  v.transform((given): PolicyStage => ({ namespaces: {}, ...given })),
);

function accepted({ input }: v.UnionIssue<v.BaseIssue<unknown>>): string {
  return typeof input === "boolean" ? `${ACCEPTED}; off is written without quotes` : ACCEPTED;
}

export const environmentStages = v.pipe(
  notAList(
    v.objectWithRest(
      {
        default: v.optional(
          v.pipe(stage, v.description("What a policy's own entry leaves out. Without it: the command's default.")),
          {},
        ),
      },
      policyStage,
      "a map of default and policies",
    ),
    "a map of default and policies",
  ),
  v.transform(({ default: fallback, ...policies }): EnvironmentStages => ({ default: fallback, policies })),
);
