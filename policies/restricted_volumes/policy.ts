import type { Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: pods mount only volumes that need no right on the node or its network.
 *
 * Field: the source of `spec.volumes[*]`. Allowed: {@link SOURCES}, or none, which the API server makes an emptyDir.
 * A source that nobody knows is refused; upstream never sees one.
 * Source: pod-security-admission, policy/check_restrictedVolumes.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "restricted_volumes",
  metadata: {
    title: "Pods mount only restricted volume types",
    description: "Refuses hostPath, nfs, iscsi and every other inline volume outside the restricted types.",
    severity: "medium",
    controls: ["pss:restricted"],
    remediation: "Use a configMap, secret, projected, emptyDir, ephemeral, csi, image or persistentVolumeClaim volume.",
    supersedes: ["host_path_volumes"],
  },
  match: kit.pods,
  rules: ["deny_restricted_volume_types"],
  options: kit.podSecurityVersion,
  validate(subject) {
    const { pod } = subject;
    if (!pod || pod.spec.volumes === undefined) return [];
    const path = `${pod.path}/spec/volumes`;
    const findings: Finding[] = [];
    kit.list(pod.spec.volumes, path).forEach((entry, index) => {
      const volume = kit.fields(entry, `${path}/${index}`);
      for (const key in volume) {
        if (key === "name" || SOURCES.has(key) || volume[key] === undefined || volume[key] === null) continue;
        const predicate = `must not mount the volume ${JSON.stringify(volume.name ?? "")} of type ${
          JSON.stringify(key)
        }`;
        findings.push({
          rule: "deny_restricted_volume_types",
          message: kit.podMessage(subject, predicate),
          path: `${path}/${index}/${kit.pointerToken(key)}`,
        });
      }
    });
    return findings;
  },
});

const SOURCES: ReadonlySet<string> = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);
