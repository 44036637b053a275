import type { Container, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: no process of a container gains more rights than its parent, as by a setuid
 * program.
 *
 * Field: `securityContext.allowPrivilegeEscalation` of every container. Allowed: false.
 * Source: pod-security-admission, policy/check_allowPrivilegeEscalation.go.
 * History: since v1.8; from v1.25 not checked for Windows pods (`os.name: windows`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "allow_privilege_escalation",
  metadata: {
    title: "Containers do not allow privilege escalation",
    description: "Refuses containers that do not set allowPrivilegeEscalation: false.",
    severity: "high",
    controls: ["pss:restricted", "cis:5.2.6"],
    remediation: "Set securityContext.allowPrivilegeEscalation: false on the container.",
  },
  match: kit.pods,
  rules: ["ensure_allow_privilege_escalation_false"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || minor < 8 || (minor >= 25 && pod.windows)) return [];
    return pod.containers.filter(mayEscalate).map((container) => ({
      rule: "ensure_allow_privilege_escalation_false",
      message: kit.containerMessage(subject, container, "must set allowPrivilegeEscalation to false"),
      container: container.name,
      path: `${container.path}/securityContext/allowPrivilegeEscalation`,
    }));
  },
});

function mayEscalate({ securityContext }: Container): boolean {
  return securityContext.allowPrivilegeEscalation !== false;
}
