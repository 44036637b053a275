import type { Fields, Finding, Kit, Pod, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: nobody switches off seccomp.
 *
 * Fields: `spec.securityContext.seccompProfile.type`, `securityContext.seccompProfile.type` of every container.
 * Allowed: undefined, RuntimeDefault, Localhost.
 * Annotations of the pod: `seccomp.security.alpha.kubernetes.io/pod` and, for every container,
 * `container.seccomp.security.alpha.kubernetes.io/<container>`. Allowed: undefined, `runtime/default`,
 * `docker/default`, `localhost/*`.
 * Source: pod-security-admission, policy/check_seccompProfile_baseline.go.
 * History: v1.0 to v1.18 the annotations alone, since v1.19 the fields alone.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "seccomp_profile_baseline",
  metadata: {
    title: "Seccomp is not switched off",
    description: "Refuses seccomp profiles other than the runtime's default and those installed on the node.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Set seccompProfile.type to RuntimeDefault or Localhost, or leave it out.",
  },
  match: kit.pods,
  rules: ["deny_seccomp_profile"],
  options: kit.podSecurityVersion,
  judges: { annotations: [POD_ANNOTATION, CONTAINER_ANNOTATION] },
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod) return [];
    return minor < 19 ? annotated(subject, { pod, kit }) : specified(subject, { pod, kit });
  },
});

const POD_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/";
const ANNOTATION_VALUES: ReadonlySet<unknown> = new Set(["runtime/default", "docker/default"]);
const TYPES: ReadonlySet<unknown> = new Set(["RuntimeDefault", "Localhost"]);
const RULE = "deny_seccomp_profile";

function specified(subject: Subject, { pod, kit }: { pod: Pod; kit: Kit }): Finding[] {
  const findings: Finding[] = [];
  const podPath = `${pod.path}/spec/securityContext/seccompProfile`;
  const podType = forbiddenType(kit.fields(pod.securityContext.seccompProfile, podPath), pod.securityContext);
  if (podType) {
    findings.push({ rule: RULE, message: kit.podMessage(subject, typePredicate(podType)), path: `${podPath}/type` });
  }
  for (const container of pod.containers) {
    const { securityContext } = container;
    const path = `${container.path}/securityContext/seccompProfile`;
    const type = forbiddenType(kit.fields(securityContext.seccompProfile, path), securityContext);
    if (!type) continue;
    const message = kit.containerMessage(subject, container, typePredicate(type));
    findings.push({ rule: RULE, message, container: container.name, path: `${path}/type` });
  }
  return findings;
}

/** The forbidden type as JSON, null where there is none. A profile without a type is refused as well. */
function forbiddenType({ type }: Fields, { seccompProfile }: Fields): string | null {
  if (seccompProfile === undefined || seccompProfile === null || TYPES.has(type)) return null;
  return JSON.stringify(type ?? "");
}

function typePredicate(type: string): string {
  return `must not set seccompProfile.type to ${type}`;
}

function annotated(subject: Subject, { pod, kit }: { pod: Pod; kit: Kit }): Finding[] {
  const path = `${pod.path}/metadata/annotations`;
  const annotations = kit.fields(pod.metadata.annotations, path);
  const findings: Finding[] = [];
  if (isForbidden(annotations[POD_ANNOTATION])) {
    const message = kit.podMessage(subject, annotationPredicate(annotations, POD_ANNOTATION));
    findings.push({ rule: RULE, message, path: `${path}/${kit.pointerToken(POD_ANNOTATION)}` });
  }
  for (const container of pod.containers) {
    const key = CONTAINER_ANNOTATION + container.name;
    if (!isForbidden(annotations[key])) continue;
    const message = kit.containerMessage(subject, container, annotationPredicate(annotations, key));
    findings.push({ rule: RULE, message, container: container.name, path: `${path}/${kit.pointerToken(key)}` });
  }
  return findings;
}

function isForbidden(profile: unknown): boolean {
  if (profile === undefined || ANNOTATION_VALUES.has(profile)) return false;
  return typeof profile !== "string" || !profile.startsWith("localhost/");
}

function annotationPredicate(annotations: Fields, key: string): string {
  return `must not set the annotation ${JSON.stringify(key)} to ${JSON.stringify(annotations[key])}`;
}
