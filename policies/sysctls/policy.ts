import type { Finding, Kit, PodSecurityVersion, Policy } from "../../src/contract.ts";

/**
 * Pod Security Standards, baseline: pods set only sysctls that concern nobody but themselves.
 *
 * Field: `spec.securityContext.sysctls[*].name`. Allowed: {@link SAFE_SYSCTLS}, in exactly this spelling.
 * Source: pod-security-admission, policy/check_sysctls.go.
 * History: since v1.0; more names are allowed from v1.27, v1.29, v1.32 and v1.37.
 */
export default (kit: Kit): Policy<PodSecurityVersion> => ({
  name: "sysctls",
  metadata: {
    title: "Pods set only safe sysctls",
    description: "Refuses sysctls that are not isolated between the pods of a node.",
    severity: "medium",
    controls: ["pss:baseline"],
    remediation: "Remove the sysctl from spec.securityContext.sysctls, or set it on the node.",
  },
  match: kit.pods,
  rules: ["deny_unsafe_sysctls"],
  options: kit.podSecurityVersion,
  validate(subject, { minor }) {
    const { pod } = subject;
    if (!pod || pod.securityContext.sysctls === undefined) return [];
    const path = `${pod.path}/spec/securityContext/sysctls`;
    const findings: Finding[] = [];
    kit.list(pod.securityContext.sysctls, path).forEach((entry, index) => {
      const { name } = kit.fields(entry, `${path}/${index}`);
      const since = SAFE_SYSCTLS.get(name);
      if (since !== undefined && since <= minor) return;
      const message = kit.podMessage(subject, `must not set the sysctl ${JSON.stringify(name ?? "")}`);
      findings.push({ rule: "deny_unsafe_sysctls", message, path: `${path}/${index}/name` });
    });
    return findings;
  },
});

/** Name and the minor from which it is allowed. */
const SAFE_SYSCTLS: ReadonlyMap<unknown, number> = new Map([
  ["kernel.shm_rmid_forced", 0],
  ["net.ipv4.ip_local_port_range", 0],
  ["net.ipv4.tcp_syncookies", 0],
  ["net.ipv4.ping_group_range", 0],
  ["net.ipv4.ip_unprivileged_port_start", 0],
  ["net.ipv4.ip_local_reserved_ports", 27],
  ["net.ipv4.tcp_keepalive_time", 29],
  ["net.ipv4.tcp_fin_timeout", 29],
  ["net.ipv4.tcp_keepalive_intvl", 29],
  ["net.ipv4.tcp_keepalive_probes", 29],
  ["net.ipv4.tcp_rmem", 32],
  ["net.ipv4.tcp_wmem", 32],
  ["net.ipv4.tcp_slow_start_after_idle", 37],
  ["net.ipv4.tcp_notsent_lowat", 37],
]);
