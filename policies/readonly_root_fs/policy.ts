import type { Container, Kit, Policy } from "../../src/contract.ts";

/**
 * Containers cannot write to their root filesystem, so that what was scanned is what runs.
 *
 * Field: `securityContext.readOnlyRootFilesystem` (container SecurityContext, core/v1). The API refuses it for
 * Windows pods, which are left alone.
 */
export default (kit: Kit): Policy => ({
  name: "readonly_root_fs",
  metadata: {
    title: "Containers have a read-only root filesystem",
    description: "Refuses containers with a writable root filesystem, and makes it read-only in new pods.",
    severity: "medium",
    controls: [],
    remediation:
      "Set securityContext.readOnlyRootFilesystem: true on the container, and mount an emptyDir where it writes.",
  },
  match: kit.pods,
  rules: ["ensure_readonly_root_fs", "set_readonly_root_fs"],
  validate(subject) {
    const { pod } = subject;
    if (!pod || pod.windows) return [];
    return pod.containers.filter(isWritable).map((container) => ({
      rule: "ensure_readonly_root_fs",
      message: kit.containerMessage(subject, container, "does not have a read-only root filesystem"),
      container: container.name,
      path: fieldOf(container),
    }));
  },
  mutate({ pod }) {
    if (!pod || pod.windows) return [];
    return pod.containers.filter(isWritable).map((container) => ({
      rule: "set_readonly_root_fs",
      container: container.name,
      operations: [{ op: "add", path: fieldOf(container), value: true }],
    }));
  },
});

function isWritable({ securityContext }: Container): boolean {
  return securityContext.readOnlyRootFilesystem !== true;
}

function fieldOf({ path }: Container): string {
  return `${path}/securityContext/readOnlyRootFilesystem`;
}
