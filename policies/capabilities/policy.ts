import type { Container, Finding, Kit, Policy } from "../../src/contract.ts";

interface Options {
  readonly drop: ReadonlySet<string>;
  readonly allowedAdd: ReadonlySet<string>;
}

const DROP = ["ALL"];
const ALLOWED_ADD = ["NET_BIND_SERVICE"];
const NONE: readonly unknown[] = [];

/**
 * Containers drop the capabilities that `drop` lists, and add none but those in `allowedAdd`.
 *
 * Fields: `securityContext.capabilities.{drop,add}` of every container (Capabilities, core/v1). Names compare exactly
 * as the API server stores them: `net_raw` and `CAP_NET_RAW` are other names than NET_RAW. Dropping ALL drops every one.
 * The API refuses capabilities for Windows pods, of which only what they add is judged.
 */
export default (kit: Kit): Policy<Options> => ({
  name: "capabilities",
  metadata: {
    title: "Containers drop capabilities and add none that are not allowed",
    description: "Refuses containers that keep or add Linux capabilities, and drops capabilities in new pods.",
    severity: "high",
    controls: ["pss:baseline", "pss:restricted", "cis:5.2.8", "cis:5.2.9", "cis:5.2.10"],
    remediation: "Set securityContext.capabilities.drop: [ALL] on the container, and add back only what it needs and " +
      "is allowed: NET_BIND_SERVICE for ports below 1024.",
    supersedes: ["capabilities_baseline", "capabilities_restricted"],
  },
  match: kit.pods,
  rules: ["ensure_dropped_capabilities", "deny_added_capabilities", "set_dropped_capabilities"],
  options: optionsSchema(kit),
  validate(subject, options) {
    const { pod } = subject;
    if (!pod) return [];
    const findings: Finding[] = [];
    for (const container of pod.containers) {
      const { name, path } = container;
      const kept = pod.windows ? [] : keptBy(container, { kit, options });
      if (kept.length > 0) {
        const message = kit.containerMessage(subject, container, `does not drop capabilities ${join(kept)}`);
        findings.push({ rule: "ensure_dropped_capabilities", message, container: name, path: fieldOf(path, "drop") });
      }
      const added = namesIn(container, "add", kit).filter((capability) =>
        !options.allowedAdd.has(capability as string)
      );
      if (added.length > 0) {
        const message = kit.containerMessage(subject, container, `adds capabilities ${join(added)}`);
        findings.push({ rule: "deny_added_capabilities", message, container: name, path: fieldOf(path, "add") });
      }
    }
    return findings;
  },
  mutate({ pod }, options) {
    if (!pod || pod.windows) return [];
    return pod.containers.map((container) => ({
      rule: "set_dropped_capabilities",
      container: container.name,
      operations: keptBy(container, { kit, options }).map((value) => (
        { op: "add" as const, path: `${fieldOf(container.path, "drop")}/-`, value }
      )),
    })).filter(({ operations }) => operations.length > 0);
  },
});

function optionsSchema({ v }: Kit) {
  const name = v.pipe(
    v.string(),
    v.regex(/^(?!CAP_)[A-Z][A-Z0-9_]*$/, "accepted: a capability in capitals without CAP_, such as NET_RAW, or ALL"),
  );
  return v.pipe(
    v.optional(
      v.strictObject({ drop: v.optional(v.array(name), DROP), allowedAdd: v.optional(v.array(name), ALLOWED_ADD) }),
      {},
    ),
    v.transform(({ drop, allowedAdd }): Options => ({ drop: new Set(drop), allowedAdd: new Set(allowedAdd) })),
  );
}

/** Which of the capabilities to drop are not dropped; ALL alone where it is one of them. */
function keptBy(container: Container, { kit, options }: { kit: Kit; options: Options }): string[] {
  const dropped = namesIn(container, "drop", kit);
  if (dropped.includes("ALL")) return [];
  if (options.drop.has("ALL")) return ["ALL"];
  return [...options.drop].filter((name) => !dropped.includes(name));
}

function namesIn({ securityContext, path }: Container, field: "add" | "drop", kit: Kit): readonly unknown[] {
  const { capabilities } = securityContext;
  if (capabilities === undefined) return NONE;
  return kit.list(kit.fields(capabilities, `${path}/securityContext/capabilities`)[field], fieldOf(path, field));
}

function fieldOf(path: string, field: "add" | "drop"): string {
  return `${path}/securityContext/capabilities/${field}`;
}

function join(names: readonly unknown[]): string {
  return [...new Set(names.map((name) => typeof name === "string" ? name : JSON.stringify(name)))].join(" ");
}
