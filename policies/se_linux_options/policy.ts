import type { Fields, Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: containers keep their SELinux confinement.
 *
 * Fields: `spec.securityContext.seLinuxOptions`, `securityContext.seLinuxOptions` of every container.
 * Allowed: `type` undefined, empty, container_t, container_init_t, container_kvm_t or container_engine_t; `user` and
 * `role` undefined or empty.
 * Source: pod-security-admission, policy/check_seLinuxOptions.go.
 * History: since v1.0; container_engine_t from v1.31.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "se_linux_options",
  metadata: {
    title: "SELinux confinement is not changed",
    description: "Refuses SELinux types outside the container ones, and any SELinux user or role.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Remove seLinuxOptions.user and seLinuxOptions.role, and use the type container_t or none.",
  },
  match: kit.pods,
  rules: ["deny_se_linux_options"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod) return [];
    const rule = "deny_se_linux_options";
    const findings: Finding[] = [];
    const podPath = `${pod.path}/spec/securityContext/seLinuxOptions`;
    for (const [field, value] of forbidden(kit.fields(pod.securityContext.seLinuxOptions, podPath), minor)) {
      findings.push({ rule, message: kit.podMessage(subject, predicateOf(field, value)), path: `${podPath}/${field}` });
    }
    for (const container of pod.containers) {
      const path = `${container.path}/securityContext/seLinuxOptions`;
      for (const [field, value] of forbidden(kit.fields(container.securityContext.seLinuxOptions, path), minor)) {
        const message = kit.containerMessage(subject, container, predicateOf(field, value));
        findings.push({ rule, message, container: container.name, path: `${path}/${field}` });
      }
    }
    return findings;
  },
});

const TYPES: ReadonlySet<unknown> = new Set(["container_t", "container_init_t", "container_kvm_t"]);

function forbidden({ type, user, role }: Fields, minor: number): [field: string, value: unknown][] {
  const values: [string, unknown][] = [];
  const allowed = isEmpty(type) || TYPES.has(type) || (type === "container_engine_t" && minor >= 31);
  if (!allowed) values.push(["type", type]);
  if (!isEmpty(user)) values.push(["user", user]);
  if (!isEmpty(role)) values.push(["role", role]);
  return values;
}

function predicateOf(field: string, value: unknown): string {
  return `must not set seLinuxOptions.${field} to ${JSON.stringify(value)}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
