import type { Finding, Image, Kit, Pod, Policy, Subject } from "../../src/contract.ts";

/** Registry -> prefixes of repositories, each empty (every repository) or ended by `/`. */
type Allowed = ReadonlyMap<string, readonly string[]>;

const RULE = "deny_unapproved_registry";

/**
 * Images come from approved registries.
 *
 * Fields: `image` of every container, and `spec.volumes[*].image.reference` (image volumes, KEP-4639). A reference is
 * parsed as a container runtime does (distribution/reference) and compared by exact host, port included, and by whole
 * components of the repository: `registry.example.com/team` covers `registry.example.com/team/app`, but neither
 * `registry.example.com/team-evil/app` nor `registry.example.com.evil.net/team/app`.
 */
export default (kit: Kit): Policy<Allowed> => ({
  name: "image_registry",
  metadata: {
    title: "Images come from approved registries",
    description: "Refuses images of other registries than those allowed, and references that cannot be read.",
    severity: "high",
    controls: [],
    remediation: "Push the image to an approved registry, and name it in full: registry.example.com/team/app:1.0.",
  },
  match: kit.pods,
  rules: [RULE],
  options: optionsSchema(kit),
  validate(subject, allowed) {
    const { pod } = subject;
    if (!pod) return [];
    const findings = findingsOfVolumes(pod, subject, { kit, allowed });
    for (const container of pod.containers) {
      const problem = problemOf(container.fields.image, { kit, allowed });
      if (problem === null) continue;
      const message = kit.containerMessage(subject, container, problem);
      findings.push({ rule: RULE, message, container: container.name, path: `${container.path}/image` });
    }
    return findings;
  },
});

function optionsSchema({ v, parseImage }: Kit) {
  const entry = v.pipe(
    v.string(),
    v.check(
      (text) => prefixOf(text, parseImage) !== null,
      "accepted: host[:port] or host[:port]/path, such as registry.example.com/team",
    ),
  );
  return v.pipe(
    v.strictObject({ allowed: v.pipe(v.array(entry), v.minLength(1, "accepted: one registry or more")) }),
    v.transform(({ allowed }): Allowed => {
      const entries = allowed.map((text) => prefixOf(text, parseImage)!);
      return new Map(
        entries.map(({ registry }) => [registry, entries.filter((e) => e.registry === registry).map((e) => e.prefix)]),
      );
    }),
  );
}

/** Two components more make every entry a reference: docker.io puts a single one under `library/`. */
function prefixOf(entry: string, parseImage: Kit["parseImage"]): { registry: string; prefix: string } | null {
  const image = parseImage(`${entry}/x/x`);
  if (image === null) return null;
  const host = entry.split("/", 1)[0].toLowerCase();
  if (image.registry === "docker.io" && host !== "docker.io" && host !== "index.docker.io") return null;
  return { registry: image.registry, prefix: image.repository.slice(0, -"x/x".length) };
}

interface Judging {
  readonly kit: Kit;
  readonly allowed: Allowed;
}

function findingsOfVolumes(pod: Pod, subject: Subject, judging: Judging): Finding[] {
  const { kit } = judging;
  const findings: Finding[] = [];
  const volumes = kit.list(pod.spec.volumes, `${pod.path}/spec/volumes`);
  for (let i = 0; i < volumes.length; i++) {
    const path = `${pod.path}/spec/volumes/${i}`;
    const { image } = kit.fields(volumes[i], path);
    if (image === undefined || image === null) continue;
    const problem = problemOf(kit.fields(image, `${path}/image`).reference, judging);
    if (problem === null) continue;
    const message = kit.podMessage(subject, `has a volume that ${problem}`);
    findings.push({ rule: RULE, message, path: `${path}/image/reference` });
  }
  return findings;
}

/** What is wrong with an image; null for nothing. */
function problemOf(text: unknown, { kit, allowed }: Judging): string | null {
  if (text === undefined || text === null || text === "") return "names no image";
  const image = typeof text === "string" ? kit.parseImage(text) : null;
  if (image === null) return "names an image that is not a valid reference";
  return isAllowed(image, allowed) ? null : `uses the unapproved image ${image.registry}/${image.repository}`;
}

function isAllowed({ registry, repository }: Image, allowed: Allowed): boolean {
  return allowed.get(registry)?.some((prefix) => `${repository}/`.startsWith(prefix)) ?? false;
}
