import type { Container, Finding, Kit, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, restricted: containers drop every capability, and add back NET_BIND_SERVICE at most.
 *
 * Fields: `securityContext.capabilities.drop` of every container. Allowed: a list that holds `ALL`, in exactly this
 * spelling. `securityContext.capabilities.add` of every container. Allowed: undefined, `[NET_BIND_SERVICE]`.
 * Source: pod-security-admission, policy/check_capabilities_restricted.go.
 * History: since v1.22; from v1.25 not checked for Windows pods (`os.name: windows`).
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "capabilities_restricted",
  metadata: {
    title: "Containers drop all capabilities",
    description: "Refuses containers that do not drop ALL, or that add a capability other than NET_BIND_SERVICE.",
    severity: "high",
    controls: ["pss:restricted", "cis:5.2.8"],
    remediation: 'Set securityContext.capabilities.drop: ["ALL"] on the container, and add NET_BIND_SERVICE at most.',
    supersedes: ["capabilities_baseline"],
  },
  match: kit.pods,
  rules: ["ensure_drop_all_capabilities", "deny_added_capabilities"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || minor < 22 || (minor >= 25 && pod.windows)) return [];
    return pod.containers.flatMap((container) => judge(subject, { container, kit }));
  },
});

function judge(subject: Subject, { container, kit }: { container: Container; kit: Kit }): Finding[] {
  const path = `${container.path}/securityContext/capabilities`;
  const capabilities = kit.fields(container.securityContext.capabilities, path);
  const dropped = kit.list(capabilities.drop, `${path}/drop`);
  const added = kit.list(capabilities.add, `${path}/add`).filter((capability) => capability !== "NET_BIND_SERVICE");
  const findings: Finding[] = [];
  const report = (rule: string, { predicate, field }: { predicate: string; field: string }) => {
    const message = kit.containerMessage(subject, container, predicate);
    findings.push({ rule, message, container: container.name, path: `${path}/${field}` });
  };
  if (!dropped.includes("ALL")) {
    report("ensure_drop_all_capabilities", { predicate: 'must drop the capabilities "ALL"', field: "drop" });
  }
  if (added.length > 0) {
    const names = added.map((capability) => JSON.stringify(capability)).join(", ");
    report("deny_added_capabilities", { predicate: `must not add the capabilities ${names}`, field: "add" });
  }
  return findings;
}
