import type { Fields, Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: containers do not set runAsUser to 0.
 *
 * Fields: `spec.securityContext.runAsUser`, `securityContext.runAsUser` of every container. Allowed: undefined, not 0.
 * Source: pod-security-admission, policy/check_runAsUser.go.
 * History: since v1.23; from v1.35 not checked for pods in a user namespace (`hostUsers: false`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "run_as_user",
  metadata: {
    title: "Containers do not run as user 0",
    description: "Refuses runAsUser: 0 on the pod or on a container.",
    severity: "high",
    controls: ["pss:restricted"],
    remediation: "Set runAsUser to a non-zero user id, or leave it out and set runAsNonRoot: true.",
  },
  match: kit.pods,
  rules: ["deny_run_as_user_zero"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || minor < 23 || (minor >= 35 && pod.spec.hostUsers === false)) return [];
    const rule = "deny_run_as_user_zero";
    const findings: Finding[] = [];
    if (mayBeRoot(pod.securityContext)) {
      const message = kit.podMessage(subject, predicateOf(pod.securityContext));
      findings.push({ rule, message, path: `${pod.path}/spec/securityContext/runAsUser` });
    }
    for (const container of pod.containers) {
      if (!mayBeRoot(container.securityContext)) continue;
      const message = kit.containerMessage(subject, container, predicateOf(container.securityContext));
      findings.push({ rule, message, container: container.name, path: `${container.path}/securityContext/runAsUser` });
    }
    return findings;
  },
});

/** What is not a number is not known to differ from 0. */
function mayBeRoot({ runAsUser }: Fields): boolean {
  if (runAsUser === undefined || runAsUser === null) return false;
  return !Number.isInteger(runAsUser) || runAsUser === 0;
}

function predicateOf({ runAsUser }: Fields): string {
  return `must not set runAsUser to ${JSON.stringify(runAsUser)}`;
}
