import type { Finding, Kit, Pod, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: nobody switches off or replaces the runtime's AppArmor profile.
 *
 * Fields: `spec.securityContext.appArmorProfile.type`, `securityContext.appArmorProfile.type` of every container.
 * Allowed: undefined, RuntimeDefault, Localhost.
 * Annotations of the pod: `container.apparmor.security.beta.kubernetes.io/*`. Allowed: empty, `runtime/default`,
 * `localhost/*`.
 * Source: pod-security-admission, policy/check_appArmorProfile.go.
 * History: since v1.0; annotations and fields are both judged at every version.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "app_armor_profile",
  metadata: {
    title: "The default AppArmor profile is not overridden",
    description: "Refuses AppArmor profiles other than the runtime's default and those installed on the node.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Set appArmorProfile.type to RuntimeDefault or Localhost, or leave it and the annotation out.",
  },
  match: kit.pods,
  rules: ["deny_app_armor_profile"],
  options: kit.podSecurityVersion,
  judges: { annotations: [ANNOTATION] },
  validate(subject) {
    const { pod } = subject;
    if (!pod) return [];
    const findings: Finding[] = [];
    const podPath = `${pod.path}/spec`;
    const podType = overriddenType(kit, { securityContext: pod.securityContext, path: podPath });
    if (podType) findings.push(profileOf(podPath, kit.podMessage(subject, predicateOf(podType))));
    for (const container of pod.containers) {
      const type = overriddenType(kit, container);
      if (!type) continue;
      const message = kit.containerMessage(subject, container, predicateOf(type));
      findings.push({ ...profileOf(container.path, message), container: container.name });
    }
    return [...findings, ...overriddenByAnnotation(subject, { pod, kit })];
  },
});

const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";
const TYPES: ReadonlySet<unknown> = new Set(["RuntimeDefault", "Localhost"]);
const RULE = "deny_app_armor_profile";

/** The forbidden type as JSON, null where there is none. A profile without a type is refused as well. */
function overriddenType(kit: Kit, { securityContext, path }: Pick<Pod, "securityContext" | "path">): string | null {
  const { appArmorProfile } = securityContext;
  if (appArmorProfile === undefined || appArmorProfile === null) return null;
  const { type } = kit.fields(appArmorProfile, `${path}/securityContext/appArmorProfile`);
  return TYPES.has(type) ? null : JSON.stringify(type ?? "");
}

function predicateOf(type: string): string {
  return `must not set appArmorProfile.type to ${type}`;
}

function profileOf(path: string, message: string): Finding {
  return { rule: RULE, message, path: `${path}/securityContext/appArmorProfile/type` };
}

function overriddenByAnnotation(subject: Subject, { pod, kit }: { pod: Pod; kit: Kit }): Finding[] {
  const path = `${pod.path}/metadata/annotations`;
  const findings: Finding[] = [];
  const annotations = kit.fields(pod.metadata.annotations, path);
  const bad = Object.keys(annotations).filter((key) => key.startsWith(ANNOTATION) && !isAllowed(annotations[key]));
  if (bad.length === 0) return findings;
  const containers = new Map(pod.containers.map((container) => [`${ANNOTATION}${container.name}`, container]));
  for (const key of bad) {
    const predicate = `must not set the annotation ${JSON.stringify(key)} to ${JSON.stringify(annotations[key])}`;
    const container = containers.get(key);
    findings.push({
      rule: RULE,
      message: container ? kit.containerMessage(subject, container, predicate) : kit.podMessage(subject, predicate),
      ...(container && { container: container.name }),
      path: `${path}/${kit.pointerToken(key)}`,
    });
  }
  return findings;
}

function isAllowed(profile: unknown): boolean {
  if (profile === null || profile === "" || profile === "runtime/default") return true;
  return typeof profile === "string" && profile.startsWith("localhost/");
}
