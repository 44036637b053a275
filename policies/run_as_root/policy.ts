import type { Change, Container, Finding, Kit, Pod, Policy } from "../../src/contract.ts";

/**
 * Containers do not run as user 0.
 *
 * Fields: `spec.securityContext` and `securityContext` of every container, whose value wins where it has one:
 * `runAsNonRoot` must be true, `runAsUser` must not be 0. On the pod itself `runAsNonRoot: false` and `runAsUser: 0`
 * are violations even where every container overrides them, as in the Pod Security Standards; unlike there, a user
 * namespace (`hostUsers: false`) excuses nothing.
 *
 * The mutation leaves user 0 to its author: with `runAsNonRoot: true` beside it the kubelet never starts the container.
 */
export default (kit: Kit): Policy => ({
  name: "run_as_root",
  metadata: {
    title: "Containers do not run as root",
    description:
      "Refuses pods and containers that may run as user 0, and sets runAsNonRoot: true on the containers of new pods.",
    severity: "high",
    controls: ["pss:restricted", "cis:5.2.7"],
    remediation: "Set securityContext.runAsNonRoot: true on the pod or on the container, remove runAsUser: 0, " +
      "and name a numeric user other than 0 in the image (USER 1000) or in runAsUser.",
    supersedes: ["run_as_non_root", "run_as_user"],
  },
  match: kit.pods,
  rules: ["ensure_no_run_as_root", "set_run_as_non_root"],
  validate(subject) {
    const { pod } = subject;
    if (!pod) return [];
    const rule = "ensure_no_run_as_root";
    const predicate = "contains a securityContext specifying run as root";
    const findings: Finding[] = pod.containers.filter((container) => mayBeRoot(container, pod)).map((container) => ({
      rule,
      message: kit.containerMessage(subject, container, predicate),
      container: container.name,
      path: offendingField(container.securityContext, container.path),
    }));
    if (!asksForRoot(pod)) return findings;
    const path = offendingField(pod.securityContext, `${pod.path}/spec`);
    return [{ rule, message: kit.podMessage(subject, predicate), path }, ...findings];
  },
  mutate({ pod }) {
    if (!pod) return [];
    const rule = "set_run_as_non_root";
    const changes: Change[] = pod.containers
      .filter((container) => isUnforced(container, pod) && !isRoot(userOf(container, pod))).map((container) => ({
        rule,
        container: container.name,
        operations: [{ op: "add", path: `${container.path}/securityContext/runAsNonRoot`, value: true }],
      }));
    if (pod.securityContext.runAsNonRoot !== false || isRoot(pod.securityContext.runAsUser)) return changes;
    // Unset means the same for the containers that an exception leaves as they are.
    return [
      { rule, operations: [{ op: "remove", path: `${pod.path}/spec/securityContext/runAsNonRoot` }] },
      ...changes,
    ];
  },
});

function mayBeRoot(container: Container, pod: Pod): boolean {
  return isUnforced(container, pod) || isRoot(userOf(container, pod));
}

function isUnforced({ securityContext }: Container, pod: Pod): boolean {
  return (securityContext.runAsNonRoot ?? pod.securityContext.runAsNonRoot) !== true;
}

function userOf({ securityContext }: Container, pod: Pod): unknown {
  return securityContext.runAsUser ?? pod.securityContext.runAsUser;
}

function asksForRoot({ securityContext }: Pod): boolean {
  return (securityContext.runAsNonRoot ?? true) !== true || isRoot(securityContext.runAsUser);
}

function isRoot(user: unknown): boolean {
  return user === 0 || user === "0";
}

function offendingField({ runAsUser }: { readonly runAsUser?: unknown }, path: string): string {
  return `${path}/securityContext/${isRoot(runAsUser) ? "runAsUser" : "runAsNonRoot"}`;
}
