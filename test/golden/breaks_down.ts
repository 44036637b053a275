import type { Kit, Policy } from "../../src/contract.ts";

interface Options {
  readonly validate: readonly string[];
  readonly mutate: readonly string[];
  readonly contradict: readonly string[];
}

/**
 * Breaks down on the objects that its options name, and contradicts another policy on others: so that the golden
 * decisions hold what failures come to. A pod without a name of its own is known by its `generateName`.
 */
export default (kit: Kit): Policy<Options> => ({
  name: "breaks_down",
  metadata: {
    title: "Breaks down",
    description: "Throws on the objects that its options name.",
    severity: "low",
    controls: [],
    remediation: "Name fewer objects in its options.",
  },
  match: [
    ...kit.pods,
    { group: "", kinds: ["Service"] },
    { group: "apps", kinds: ["ControllerRevision"] },
  ],
  rules: ["set_writable_root_fs"],
  options: kit.v.strictObject({
    validate: kit.v.array(kit.v.string()),
    mutate: kit.v.array(kit.v.string()),
    contradict: kit.v.array(kit.v.string()),
  }),
  validate({ reference }, { validate }) {
    if (validate.includes(reference)) throw new Error(`Cannot judge ${reference}`);
    return [];
  },
  mutate({ reference, pod }, { mutate, contradict }) {
    if (mutate.includes(reference)) throw new Error(`Cannot change ${reference}`);
    if (!pod || !contradict.includes(reference)) return [];
    return pod.containers.map(({ name, path }) => ({
      rule: "set_writable_root_fs",
      container: name,
      operations: [{ op: "add", path: `${path}/securityContext/readOnlyRootFilesystem`, value: false }],
    }));
  },
});
