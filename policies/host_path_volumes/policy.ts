import type { Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: pods mount no path of the node.
 *
 * Field: `spec.volumes[*].hostPath`. Allowed: undefined.
 * Source: pod-security-admission, policy/check_hostPathVolumes.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "host_path_volumes",
  metadata: {
    title: "Pods mount no path of the host",
    description: "Refuses pods with a hostPath volume.",
    severity: "high",
    controls: ["pss:baseline"],
    remediation: "Replace the hostPath volume by an emptyDir, a configMap or a persistentVolumeClaim.",
  },
  match: kit.pods,
  rules: ["deny_host_path_volumes"],
  options: kit.podSecurityVersion,
  validate(subject) {
    const { pod } = subject;
    if (!pod || pod.spec.volumes === undefined) return [];
    const path = `${pod.path}/spec/volumes`;
    const findings: Finding[] = [];
    kit.list(pod.spec.volumes, path).forEach((entry, index) => {
      const { name, hostPath } = kit.fields(entry, `${path}/${index}`);
      if (hostPath === undefined || hostPath === null) return;
      findings.push({
        rule: "deny_host_path_volumes",
        message: kit.podMessage(subject, `must not mount the hostPath volume ${JSON.stringify(name ?? "")}`),
        path: `${path}/${index}/hostPath`,
      });
    });
    return findings;
  },
});
