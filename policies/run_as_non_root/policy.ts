import type { Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: the kubelet refuses to start a container as root.
 *
 * Fields: `spec.securityContext.runAsNonRoot`, `securityContext.runAsNonRoot` of every container. Allowed: true; a
 * container may leave it out when the pod says true.
 * Source: pod-security-admission, policy/check_runAsNonRoot.go.
 * History: since v1.0; from v1.35 not checked for pods in a user namespace (`hostUsers: false`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "run_as_non_root",
  metadata: {
    title: "Containers run as non-root",
    description: "Refuses pods whose containers are not all bound to runAsNonRoot: true.",
    severity: "high",
    controls: ["pss:restricted", "cis:5.2.7"],
    remediation: "Set spec.securityContext.runAsNonRoot: true on the pod, and remove other values from its containers.",
  },
  match: kit.pods,
  rules: ["ensure_run_as_non_root"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || (minor >= 35 && pod.spec.hostUsers === false)) return [];
    const rule = "ensure_run_as_non_root";
    const findings: Finding[] = [];
    const ofPod = pod.securityContext.runAsNonRoot ?? null;
    if (ofPod !== true && ofPod !== null) {
      const message = kit.podMessage(subject, predicateOf(ofPod));
      findings.push({ rule, message, path: `${pod.path}/spec/securityContext/runAsNonRoot` });
    }
    for (const container of pod.containers) {
      const own = container.securityContext.runAsNonRoot ?? null;
      if (own === true || (own === null && ofPod === true)) continue;
      const message = kit.containerMessage(subject, container, predicateOf(own));
      const path = `${container.path}/securityContext/runAsNonRoot`;
      findings.push({ rule, message, container: container.name, path });
    }
    return findings;
  },
});

function predicateOf(value: unknown): string {
  if (value === null) return "must set runAsNonRoot to true, or its pod must";
  return `must not set runAsNonRoot to ${JSON.stringify(value)}`;
}
