import { kit } from "../src/core/kit.ts";

export type PodSecurityLevel = "baseline" | "restricted";

export interface PodSecurityControl {
  /** The policy of that name. */
  readonly name: string;
  readonly level: PodSecurityLevel;
  /** The first minor that has it. */
  readonly since: number;
  /** The baseline control that it takes the place of at the restricted level. */
  readonly overrides?: string;
}

/**
 * Every control of the Pod Security Standards in the order of pod-security-admission (policy/registry.go): baseline
 * first, each level sorted by upstream's id.
 */
export const podSecurityControls: readonly PodSecurityControl[] = [
  { name: "app_armor_profile", level: "baseline", since: 0 },
  { name: "capabilities_baseline", level: "baseline", since: 0 },
  { name: "host_namespaces", level: "baseline", since: 0 },
  { name: "host_path_volumes", level: "baseline", since: 0 },
  { name: "host_ports", level: "baseline", since: 0 },
  { name: "host_probes_and_host_lifecycle", level: "baseline", since: 34 },
  { name: "privileged", level: "baseline", since: 0 },
  { name: "proc_mount", level: "baseline", since: 0 },
  { name: "se_linux_options", level: "baseline", since: 0 },
  { name: "seccomp_profile_baseline", level: "baseline", since: 0 },
  { name: "sysctls", level: "baseline", since: 0 },
  { name: "windows_host_process", level: "baseline", since: 0 },
  { name: "allow_privilege_escalation", level: "restricted", since: 8 },
  { name: "capabilities_restricted", level: "restricted", since: 22, overrides: "capabilities_baseline" },
  { name: "proc_mount_restricted", level: "restricted", since: 35, overrides: "proc_mount" },
  { name: "restricted_volumes", level: "restricted", since: 0, overrides: "host_path_volumes" },
  { name: "run_as_non_root", level: "restricted", since: 0 },
  { name: "run_as_user", level: "restricted", since: 23 },
  { name: "seccomp_profile_restricted", level: "restricted", since: 19, overrides: "seccomp_profile_baseline" },
];

/** Names of the controls that judge a pod at that level and version (`v1.0` ... `latest`), in upstream's order. */
export function podSecurityPolicies({ level, version }: { level: PodSecurityLevel; version: string }): string[] {
  const { minor } = kit.v.parse(kit.podSecurityVersion, { version });
  const active = podSecurityControls.filter((control) =>
    control.since <= minor && (control.level === "baseline" || level === "restricted")
  );
  const overridden = new Set(active.map(({ overrides }) => overrides));
  return active.filter(({ name }) => !overridden.has(name)).map(({ name }) => name);
}
