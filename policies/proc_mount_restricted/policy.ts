import type { Container, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: containers see the masked /proc, also in a user namespace.
 *
 * Field: `securityContext.procMount` of every container. Allowed: undefined, Default.
 * Source: pod-security-admission, policy/check_procMount_restricted.go.
 * History: since v1.35; before, the baseline control `proc_mount` does the same.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "proc_mount_restricted",
  metadata: {
    title: "Containers see the masked /proc, also in user namespaces",
    description: "Refuses containers that ask for another procMount than the default.",
    severity: "medium",
    controls: ["pss:restricted"],
    remediation: "Remove securityContext.procMount from the container.",
    supersedes: ["proc_mount"],
  },
  match: kit.pods,
  rules: ["deny_any_unmasked_proc_mount"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || minor < 35) return [];
    return pod.containers.filter(isUnmasked).map((container) => {
      const value = JSON.stringify(container.securityContext.procMount);
      return {
        rule: "deny_any_unmasked_proc_mount",
        message: kit.containerMessage(subject, container, `must not set procMount to ${value}`),
        container: container.name,
        path: `${container.path}/securityContext/procMount`,
      };
    });
  },
});

function isUnmasked({ securityContext: { procMount } }: Container): boolean {
  return procMount !== undefined && procMount !== null && procMount !== "Default";
}
