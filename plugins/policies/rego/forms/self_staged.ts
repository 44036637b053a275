import type { Change, Finding } from "../../../../src/contract.ts";
import { type Form, inputOf, messageOf, setOf } from "./form.ts";
import { changesIn, podReview } from "./patches.ts";

const VALIDATING = { "validating/monitor": "monitor", "validating/warn": "warn", "validating/deny": "deny" } as const;
const MUTATING = { "mutating/dryrun": "dryrun", "mutating/patch": "patch" } as const;

/**
 * Packages `validating` (sets of messages, each `<rule>: ...`) and `mutating` (sets of JSON Patch operations), as plain
 * OPA admission pipelines have them: the stage is the author's, and so are exceptions, from `data.allowlist`.
 */
export const selfStaged: Form = {
  entrypoints: [...Object.keys(VALIDATING), ...Object.keys(MUTATING)],
  build(program, { name, has }) {
    const validating = Object.entries(VALIDATING).filter(([entrypoint]) => has(entrypoint));
    const mutating = Object.entries(MUTATING).filter(([entrypoint]) => has(entrypoint));
    return {
      selfStaged: { validate: validating.at(-1)?.[1] ?? "off", mutate: mutating.at(-1)?.[1] ?? "off" },
      ...(validating.length > 0 && {
        validate(subject, _options, context) {
          const input = inputOf(subject);
          return validating.flatMap(([entrypoint, stage]) =>
            setOf(program.evaluate(entrypoint, input, context), entrypoint)
              .map((text): Finding => ({ ...ruleAndMessage(messageOf(text, entrypoint), name), stage }))
          );
        },
      }),
      ...(mutating.length > 0 && {
        mutate(subject, _options, context) {
          const { bytes, path } = podReview(subject);
          return mutating.flatMap(([entrypoint, stage]): Change[] =>
            changesIn(program.evaluate(entrypoint, bytes, context), { entrypoint, path, rule: name, stage })
              .map((change) => ({ ...change, policy: undefined }))
          );
        },
      }),
    };
  },
};

/** `<rule>: <message>`; without a rule the bundle's name is one. */
function ruleAndMessage(text: string, name: string): { rule: string; message: string } {
  const [, rule, message] = /^([A-Za-z_][\w.-]*): (.*)$/s.exec(text) ?? [text, name, text];
  return { rule, message };
}
