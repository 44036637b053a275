import type { Kit, Policy } from "../../src/contract.ts";

/**
 * Pods do not share the node's process namespace: with it a pod sees every process on the node, with its environment,
 * and may signal or trace those of its own user.
 *
 * Field: `spec.hostPID` (PodSpec, core/v1).
 */
export default (kit: Kit): Policy => ({
  name: "host_pid",
  metadata: {
    title: "Pods do not use the host's process namespace",
    description: "Refuses pods that set hostPID.",
    severity: "high",
    controls: ["pss:baseline", "cis:5.2.3"],
    remediation:
      "Remove spec.hostPID. For containers that must see each other's processes, set spec.shareProcessNamespace.",
    supersedes: ["host_namespaces/deny_shared_host_pid"],
  },
  match: kit.pods,
  rules: ["deny_host_pid"],
  validate(subject) {
    const { pod } = subject;
    if (!pod?.spec.hostPID) return [];
    const message = kit.podMessage(subject, "cannot be created with hostPID enabled");
    return [{ rule: "deny_host_pid", message, path: `${pod.path}/spec/hostPID` }];
  },
});
