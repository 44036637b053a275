import type { Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: pods do not share the namespaces of the node.
 *
 * Fields: `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC`. Allowed: undefined, false.
 * Source: pod-security-admission, policy/check_hostNamespaces.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "host_namespaces",
  metadata: {
    title: "Pods do not share the host's namespaces",
    description: "Refuses pods that set hostNetwork, hostPID or hostIPC.",
    severity: "high",
    controls: ["pss:baseline", "cis:5.2.3", "cis:5.2.4", "cis:5.2.5"],
    remediation: "Remove hostNetwork, hostPID and hostIPC from the pod's spec.",
  },
  match: kit.pods,
  rules: RULES.map(([, rule]) => rule),
  options: kit.podSecurityVersion,
  validate(subject) {
    const { pod } = subject;
    if (!pod) return [];
    return RULES.filter(([field]) => pod.spec[field]).map(([field, rule]) => ({
      rule,
      message: kit.podMessage(subject, `must not set ${field} to ${JSON.stringify(pod.spec[field])}`),
      path: `${pod.path}/spec/${field}`,
    }));
  },
});

const RULES = [
  ["hostNetwork", "deny_shared_host_network"],
  ["hostPID", "deny_shared_host_pid"],
  ["hostIPC", "deny_shared_host_ipc"],
] as const;
