import type { Container, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: containers see the masked /proc.
 *
 * Field: `securityContext.procMount` of every container. Allowed: undefined, Default.
 * Source: pod-security-admission, policy/check_procMount_baseline.go.
 * History: since v1.0; from v1.35 not checked for pods in a user namespace (`hostUsers: false`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "proc_mount",
  metadata: {
    title: "Containers see the masked /proc",
    description: "Refuses containers that ask for another procMount than the default, unless in a user namespace.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Remove securityContext.procMount from the container, or set hostUsers: false on the pod.",
  },
  match: kit.pods,
  rules: ["deny_unmasked_proc_mount"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || (minor >= 35 && pod.spec.hostUsers === false)) return [];
    return pod.containers.filter(isUnmasked).map((container) => {
      const value = JSON.stringify(container.securityContext.procMount);
      return {
        rule: "deny_unmasked_proc_mount",
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
