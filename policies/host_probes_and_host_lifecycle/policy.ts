import type { Container, Finding, Kit, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: the kubelet probes the pod, and nothing else on its behalf.
 *
 * Fields: `host` of `httpGet` and `tcpSocket`, in `livenessProbe`, `readinessProbe`, `startupProbe`,
 * `lifecycle.postStart` and `lifecycle.preStop` of every container. Allowed: undefined, empty; 127.0.0.1 is refused.
 * Source: pod-security-admission, policy/check_hostProbesAndhostLifecycle.go.
 * History: since v1.34.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "host_probes_and_host_lifecycle",
  metadata: {
    title: "Probes and lifecycle hooks name no host",
    description: "Refuses a host in probes and lifecycle hooks, by which the kubelet can be made to call any server.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Remove host from the httpGet or tcpSocket of the probe or hook: it then calls the pod.",
  },
  match: kit.pods,
  rules: ["deny_probe_or_lifecycle_host"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    if (!subject.pod || minor < 34) return [];
    return subject.pod.containers.flatMap((container) => judge(subject, { container, kit }));
  },
});

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const HOOKS = ["postStart", "preStop"] as const;
const ACTIONS = ["httpGet", "tcpSocket"] as const;

function judge(subject: Subject, { container, kit }: { container: Container; kit: Kit }): Finding[] {
  const findings: Finding[] = [];
  const judgeHandler = (value: unknown, field: string) => {
    if (value === undefined) return;
    const handler = kit.fields(value, `${container.path}/${field}`);
    for (const action of ACTIONS) {
      const path = `${container.path}/${field}/${action}`;
      const { host } = kit.fields(handler[action], path);
      if (host === undefined || host === null || host === "") continue;
      const predicate = `must not set ${field.replace("/", ".")}.${action}.host to ${JSON.stringify(host)}`;
      const message = kit.containerMessage(subject, container, predicate);
      findings.push({
        rule: "deny_probe_or_lifecycle_host",
        message,
        container: container.name,
        path: `${path}/host`,
      });
    }
  };
  for (const probe of PROBES) judgeHandler(container.fields[probe], probe);
  if (container.fields.lifecycle === undefined) return findings;
  const lifecycle = kit.fields(container.fields.lifecycle, `${container.path}/lifecycle`);
  for (const hook of HOOKS) judgeHandler(lifecycle[hook], `lifecycle/${hook}`);
  return findings;
}
