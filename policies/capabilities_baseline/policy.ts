import type { Container, Finding, Kit, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: containers add no capability beyond those that a runtime gives by default.
 *
 * Field: `securityContext.capabilities.add` of every container. Allowed: {@link DEFAULT_CAPABILITIES}, in exactly
 * this spelling: `CAP_CHOWN`, `chown` and `ALL` are refused.
 * Source: pod-security-admission, policy/check_capabilities_baseline.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "capabilities_baseline",
  metadata: {
    title: "Containers add only default capabilities",
    description: "Refuses containers that add a capability outside the default set, NET_RAW and SYS_ADMIN among them.",
    severity: "high",
    controls: ["pss:baseline"],
    remediation: "Remove the capability from securityContext.capabilities.add of the container.",
  },
  match: kit.pods,
  rules: ["deny_non_default_capabilities"],
  options: kit.podSecurityVersion,
  validate(subject) {
    return subject.pod?.containers.flatMap((container) => judge(subject, { container, kit })) ?? [];
  },
});

/** What upstream's `capabilities_allowed_1_0` holds. */
const DEFAULT_CAPABILITIES: ReadonlySet<unknown> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

function judge(subject: Subject, { container, kit }: { container: Container; kit: Kit }): Finding[] {
  const path = `${container.path}/securityContext/capabilities`;
  const added = kit.list(kit.fields(container.securityContext.capabilities, path).add, `${path}/add`);
  const forbidden = added.filter((capability) => !DEFAULT_CAPABILITIES.has(capability));
  if (forbidden.length === 0) return [];
  const names = forbidden.map((capability) => JSON.stringify(capability)).join(", ");
  return [{
    rule: "deny_non_default_capabilities",
    message: kit.containerMessage(subject, container, `must not add the capabilities ${names}`),
    container: container.name,
    path: `${path}/add`,
  }];
}
