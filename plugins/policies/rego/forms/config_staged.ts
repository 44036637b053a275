import type { Finding } from "../../../../src/contract.ts";
import { type Form, inputOf, recordOf, setOf, textIn } from "./form.ts";
import { changesIn, podReview } from "./patches.ts";

const VIOLATIONS = "kube_policies/violations";
const PATCHES = "kube_policies/patches";

/**
 * `violations` is a set of `{policy, rule, message, container?, path?, remediation?}`, `patches` one of `{policy, rule,
 * op, path, value, container?}`. The config stages each policy by its name.
 */
export const configStaged: Form = {
  entrypoints: [VIOLATIONS, PATCHES],
  build: (program, { has }) => ({
    speaksForOthers: true,
    ...(has(VIOLATIONS) && {
      validate: (subject, _options, context) =>
        setOf(program.evaluate(VIOLATIONS, inputOf(subject), context), VIOLATIONS).map(findingOf),
    }),
    ...(has(PATCHES) && {
      mutate(subject, _options, context) {
        const { bytes, path } = podReview(subject);
        const changes = changesIn(program.evaluate(PATCHES, bytes, context), { entrypoint: PATCHES, path });
        const nameless = changes.find(({ policy }) => policy === undefined);
        if (nameless) throw new TypeError(`${PATCHES} names no policy for ${nameless.operations[0].path}`);
        return changes;
      },
    }),
  }),
};

function findingOf(item: unknown): Finding {
  const record = recordOf(item, VIOLATIONS);
  const { rule, message, policy } = record as { rule: string; message: string; policy: string };
  if (policy === undefined) throw new TypeError(`${VIOLATIONS} names no policy for rule ${JSON.stringify(rule)}`);
  const [container, path, remediation] = ["container", "path", "remediation"].map((key) => textIn(record, key));
  return { policy, rule, message, container, path, remediation };
}
