import type { Container, Finding, Kit, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: containers take no port of the node.
 *
 * Field: `ports[*].hostPort` of every container. Allowed: undefined, 0.
 * Source: pod-security-admission, policy/check_hostPorts.go.
 * History: since v1.0.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "host_ports",
  metadata: {
    title: "Containers take no port of the host",
    description: "Refuses containers that set a hostPort.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Remove hostPort from the container's ports, and expose the pod with a Service.",
  },
  match: kit.pods,
  rules: ["deny_host_ports"],
  options: kit.podSecurityVersion,
  validate(subject) {
    return subject.pod?.containers.flatMap((container) => judge(subject, { container, kit })) ?? [];
  },
});

function judge(subject: Subject, { container, kit }: { container: Container; kit: Kit }): Finding[] {
  const findings: Finding[] = [];
  if (container.fields.ports === undefined) return findings;
  const path = `${container.path}/ports`;
  kit.list(container.fields.ports, path).forEach((entry, index) => {
    const { hostPort } = kit.fields(entry, `${path}/${index}`);
    if (hostPort === undefined || hostPort === null || hostPort === 0) return;
    findings.push({
      rule: "deny_host_ports",
      message: kit.containerMessage(subject, container, `must not use the hostPort ${JSON.stringify(hostPort)}`),
      container: container.name,
      path: `${path}/${index}/hostPort`,
    });
  });
  return findings;
}
