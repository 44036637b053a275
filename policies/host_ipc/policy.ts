import type { Kit, Policy } from "../../src/contract.ts";

/**
 * Pods do not share the node's IPC namespace: with it a pod reads and writes the shared memory and the message queues
 * of processes on the node.
 *
 * Field: `spec.hostIPC` (PodSpec, core/v1).
 */
export default (kit: Kit): Policy => ({
  name: "host_ipc",
  metadata: {
    title: "Pods do not use the host's IPC namespace",
    description: "Refuses pods that set hostIPC.",
    severity: "high",
    controls: ["pss:baseline", "cis:5.2.4"],
    remediation:
      "Remove spec.hostIPC. Containers of one pod share an IPC namespace already; between pods, use a socket or a queue.",
    supersedes: ["host_namespaces/deny_shared_host_ipc"],
  },
  match: kit.pods,
  rules: ["deny_host_ipc"],
  validate(subject) {
    const { pod } = subject;
    if (!pod?.spec.hostIPC) return [];
    const message = kit.podMessage(subject, "cannot be created with hostIPC enabled");
    return [{ rule: "deny_host_ipc", message, path: `${pod.path}/spec/hostIPC` }];
  },
});
