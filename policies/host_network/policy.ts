import type { Kit, Policy } from "../../src/contract.ts";

/**
 * Pods do not share the node's network namespace: with it a pod sees the node's traffic, reaches services that
 * listen on the node's loopback, and escapes network policies.
 *
 * Field: `spec.hostNetwork` (PodSpec, core/v1).
 */
export default (kit: Kit): Policy => ({
  name: "host_network",
  metadata: {
    title: "Pods do not use the host's network",
    description: "Refuses pods that set hostNetwork.",
    severity: "high",
    controls: ["pss:baseline", "cis:5.2.5"],
    remediation: "Remove spec.hostNetwork, and expose the pod with a Service.",
    supersedes: ["host_namespaces/deny_shared_host_network"],
  },
  match: kit.pods,
  rules: ["deny_host_network"],
  validate(subject) {
    const { pod } = subject;
    if (!pod?.spec.hostNetwork) return [];
    const message = kit.podMessage(subject, "cannot be created with hostNetwork enabled");
    return [{ rule: "deny_host_network", message, path: `${pod.path}/spec/hostNetwork` }];
  },
});
