import type { Fields, Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: every container has a seccomp profile.
 *
 * Fields: `spec.securityContext.seccompProfile.type`, `securityContext.seccompProfile.type` of every container.
 * Allowed: RuntimeDefault, Localhost; a container may leave it out when the pod has one of them.
 * Source: pod-security-admission, policy/check_seccompProfile_restricted.go.
 * History: since v1.19; from v1.25 not checked for Windows pods (`os.name: windows`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "seccomp_profile_restricted",
  metadata: {
    title: "Containers have a seccomp profile",
    description:
      "Refuses pods whose containers are not all bound to the RuntimeDefault or a Localhost seccomp profile.",
    severity: "medium",
    controls: ["pss:restricted"],
    remediation: "Set spec.securityContext.seccompProfile.type: RuntimeDefault on the pod.",
    supersedes: ["seccomp_profile_baseline"],
  },
  match: kit.pods,
  rules: ["ensure_seccomp_profile"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || minor < 19 || (minor >= 25 && pod.windows)) return [];
    const rule = "ensure_seccomp_profile";
    const findings: Finding[] = [];
    const podPath = `${pod.path}/spec/securityContext/seccompProfile`;
    const ofPod = typeOf(pod.securityContext, { kit, path: podPath });
    if (ofPod !== null && !TYPES.has(ofPod)) {
      findings.push({ rule, message: kit.podMessage(subject, predicateOf(ofPod)), path: `${podPath}/type` });
    }
    for (const container of pod.containers) {
      const path = `${container.path}/securityContext/seccompProfile`;
      const own = typeOf(container.securityContext, { kit, path });
      if (TYPES.has(own ?? ofPod)) continue;
      const message = kit.containerMessage(subject, container, predicateOf(own));
      findings.push({ rule, message, container: container.name, path: `${path}/type` });
    }
    return findings;
  },
});

const TYPES: ReadonlySet<unknown> = new Set(["RuntimeDefault", "Localhost"]);

/** Null without a profile, empty for a profile without a type. */
function typeOf({ seccompProfile }: Fields, { kit, path }: { kit: Kit; path: string }): unknown {
  if (seccompProfile === undefined || seccompProfile === null) return null;
  return kit.fields(seccompProfile, path).type ?? "";
}

function predicateOf(type: unknown): string {
  if (type === null) return 'must set seccompProfile.type to "RuntimeDefault" or "Localhost", or its pod must';
  return `must not set seccompProfile.type to ${JSON.stringify(type)}`;
}
