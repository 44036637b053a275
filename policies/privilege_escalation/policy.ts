import type { Container, Kit, Policy } from "../../src/contract.ts";

/**
 * Processes do not gain more privileges than their parent, by setuid binaries for example (`no_new_privs`).
 *
 * Field: `securityContext.allowPrivilegeEscalation` of every container (SecurityContext, core/v1). Allowed: false. The
 * API refuses it for Windows pods, which are left alone.
 *
 * The mutation leaves alone what always escalates: the API server refuses `false` beside `privileged: true` and beside
 * an added CAP_SYS_ADMIN (ValidateSecurityContext, pkg/apis/core/validation). SYS_ADMIN, the name that runtimes
 * understand, is meant by that too, though not refused yet (kubernetes issue 119568).
 */
export default (kit: Kit): Policy => ({
  name: "privilege_escalation",
  metadata: {
    title: "Containers do not allow privilege escalation",
    description: "Refuses containers that do not set allowPrivilegeEscalation: false, and sets it in new pods.",
    severity: "high",
    controls: ["pss:restricted", "cis:5.2.6"],
    remediation: "Set securityContext.allowPrivilegeEscalation: false on the container. " +
      "One that is privileged or adds SYS_ADMIN always escalates: remove those first.",
    supersedes: ["allow_privilege_escalation"],
  },
  match: kit.pods,
  rules: ["ensure_no_privilege_escalation", "set_no_privilege_escalation"],
  validate(subject) {
    const { pod } = subject;
    if (!pod || pod.windows) return [];
    return pod.containers.filter(escalates).map((container) => ({
      rule: "ensure_no_privilege_escalation",
      message: kit.containerMessage(subject, container, "allows privilege escalation"),
      container: container.name,
      path: fieldOf(container),
    }));
  },
  mutate({ pod }) {
    if (!pod || pod.windows) return [];
    return pod.containers.filter((container) => escalates(container) && !alwaysEscalates(container, kit))
      .map((container) => ({
        rule: "set_no_privilege_escalation",
        container: container.name,
        operations: [{ op: "add", path: fieldOf(container), value: false }],
      }));
  },
});

function escalates({ securityContext }: Container): boolean {
  return securityContext.allowPrivilegeEscalation !== false;
}

function alwaysEscalates({ securityContext, path }: Container, kit: Kit): boolean {
  const capabilities = kit.fields(securityContext.capabilities, `${path}/securityContext/capabilities`);
  const added = kit.list(capabilities.add, `${path}/securityContext/capabilities/add`);
  return Boolean(securityContext.privileged) || added.includes("CAP_SYS_ADMIN") || added.includes("SYS_ADMIN");
}

function fieldOf({ path }: Container): string {
  return `${path}/securityContext/allowPrivilegeEscalation`;
}
