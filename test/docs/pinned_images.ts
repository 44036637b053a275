import type { Container, Kit, Policy } from "../../src/contract.ts";

interface Options {
  readonly immutable: ReadonlySet<string>;
}

/** Containers name their image by digest: a tag may be another image tomorrow. */
export default (kit: Kit): Policy<Options> => ({
  name: "pinned_images",
  metadata: {
    title: "Images are named by digest",
    description: "Refuses images that are named by a tag, and has them pulled at each start in new pods.",
    severity: "medium",
    controls: [],
    remediation: "Name the image by its digest: registry.example.com/team/app@sha256:...",
  },
  match: kit.pods,
  rules: ["ensure_pinned_image", "set_image_pull_policy"],
  options: optionsSchema(kit),
  validate(subject, options) {
    const containers = subject.pod?.containers ?? [];
    return containers.filter((container) => isMovable(container, { kit, options })).map((container) => ({
      rule: "ensure_pinned_image",
      message: kit.containerMessage(subject, container, "does not name its image by digest"),
      container: container.name,
      path: `${container.path}/image`,
    }));
  },
  mutate({ pod }, options) {
    const containers = pod?.containers ?? [];
    return containers
      .filter((container) => isMovable(container, { kit, options }) && container.fields.imagePullPolicy !== "Always")
      .map((container) => ({
        rule: "set_image_pull_policy",
        container: container.name,
        operations: [{ op: "add", path: `${container.path}/imagePullPolicy`, value: "Always" }],
      }));
  },
});

function optionsSchema({ v }: Kit) {
  return v.pipe(
    v.optional(v.strictObject({ immutable: v.optional(v.array(v.string()), []) }), {}),
    v.transform(({ immutable }): Options => ({ immutable: new Set(immutable) })),
  );
}

/** A reference that cannot be read is pinned to nothing. */
function isMovable({ fields: { image } }: Container, { kit, options }: { kit: Kit; options: Options }): boolean {
  const parsed = typeof image === "string" ? kit.parseImage(image) : null;
  return parsed === null || (parsed.digest === null && !options.immutable.has(parsed.registry));
}
