import { type Form, inputOf, messageOf, setOf } from "./form.ts";

const DENY = "kubernetes/admission/deny";

/** Package `kubernetes.admission` of OPA's tutorial: `deny` is a set of messages, staged under the bundle's name. */
export const tutorial: Form = {
  entrypoints: [DENY],
  build: (program, { name }) => ({
    validate: (subject, _options, context) =>
      setOf(program.evaluate(DENY, inputOf(subject), context), DENY)
        .map((message) => ({ rule: name, message: messageOf(message, DENY) })),
  }),
};
