import type { Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: containers are not privileged, which would switch off most of what isolates them.
 *
 * Field: `securityContext.privileged` of every container. Allowed: undefined, false.
 * Source: pod-security-admission, policy/check_privileged.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "privileged",
  metadata: {
    title: "Containers are not privileged",
    description: "Refuses containers that set privileged.",
    severity: "critical",
    controls: ["pss:baseline", "cis:5.2.2"],
    remediation: "Remove securityContext.privileged from the container, and add the single capability that it needs.",
  },
  match: kit.pods,
  rules: ["deny_privileged"],
  options: kit.podSecurityVersion,
  validate(subject) {
    const containers = subject.pod?.containers.filter(({ securityContext }) => securityContext.privileged) ?? [];
    return containers.map((container) => {
      const value = JSON.stringify(container.securityContext.privileged);
      return {
        rule: "deny_privileged",
        message: kit.containerMessage(subject, container, `must not set privileged to ${value}`),
        container: container.name,
        path: `${container.path}/securityContext/privileged`,
      };
    });
  },
});
