import type { Fields, Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: no Windows container runs as a process of the node.
 *
 * Fields: `spec.securityContext.windowsOptions.hostProcess`, `securityContext.windowsOptions.hostProcess` of every
 * container. Allowed: undefined, false.
 * Source: pod-security-admission, policy/check_windowsHostProcess.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "windows_host_process",
  metadata: {
    title: "No Windows container is a host process",
    description: "Refuses windowsOptions.hostProcess on the pod or on a container.",
    severity: "critical",
    controls: ["pss:baseline"],
    remediation: "Remove windowsOptions.hostProcess from the pod and its containers.",
  },
  match: kit.pods,
  rules: ["deny_windows_host_process"],
  options: kit.podSecurityVersion,
  validate(subject) {
    const { pod } = subject;
    if (!pod) return [];
    const rule = "deny_windows_host_process";
    const findings: Finding[] = [];
    const podPath = `${pod.path}/spec/securityContext/windowsOptions`;
    const ofPod = hostProcessOf(pod.securityContext, { kit, path: podPath });
    if (ofPod) findings.push({ rule, message: kit.podMessage(subject, ofPod), path: `${podPath}/hostProcess` });
    for (const container of pod.containers) {
      const path = `${container.path}/securityContext/windowsOptions`;
      const ofContainer = hostProcessOf(container.securityContext, { kit, path });
      if (!ofContainer) continue;
      const message = kit.containerMessage(subject, container, ofContainer);
      findings.push({ rule, message, container: container.name, path: `${path}/hostProcess` });
    }
    return findings;
  },
});

/** What to say of it, null where there is nothing to say. */
function hostProcessOf({ windowsOptions }: Fields, { kit, path }: { kit: Kit; path: string }): string | null {
  const { hostProcess } = kit.fields(windowsOptions, path);
  return hostProcess ? `must not set windowsOptions.hostProcess to ${JSON.stringify(hostProcess)}` : null;
}
