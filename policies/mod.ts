import type { PolicyFactory } from "../src/contract.ts";
import allowPrivilegeEscalation from "./allow_privilege_escalation/policy.ts";
import appArmorProfile from "./app_armor_profile/policy.ts";
import capabilities from "./capabilities/policy.ts";
import capabilitiesBaseline from "./capabilities_baseline/policy.ts";
import capabilitiesRestricted from "./capabilities_restricted/policy.ts";
import hostIpc from "./host_ipc/policy.ts";
import hostNamespaces from "./host_namespaces/policy.ts";
import hostNetwork from "./host_network/policy.ts";
import hostPathVolumes from "./host_path_volumes/policy.ts";
import hostPid from "./host_pid/policy.ts";
import hostPorts from "./host_ports/policy.ts";
import hostProbesAndHostLifecycle from "./host_probes_and_host_lifecycle/policy.ts";
import imageRegistry from "./image_registry/policy.ts";
import privilegeEscalation from "./privilege_escalation/policy.ts";
import privileged from "./privileged/policy.ts";
import procMount from "./proc_mount/policy.ts";
import procMountRestricted from "./proc_mount_restricted/policy.ts";
import readonlyRootFs from "./readonly_root_fs/policy.ts";
import restrictedVolumes from "./restricted_volumes/policy.ts";
import runAsNonRoot from "./run_as_non_root/policy.ts";
import runAsRoot from "./run_as_root/policy.ts";
import runAsUser from "./run_as_user/policy.ts";
import seLinuxOptions from "./se_linux_options/policy.ts";
import seccompProfileBaseline from "./seccomp_profile_baseline/policy.ts";
import seccompProfileRestricted from "./seccomp_profile_restricted/policy.ts";
import sysctls from "./sysctls/policy.ts";
import windowsHostProcess from "./windows_host_process/policy.ts";

/** Every shipped policy by its name, which is its folder's. A test compares this table with the folders. */
export const shippedPolicies: Readonly<Record<string, PolicyFactory>> = {
  allow_privilege_escalation: allowPrivilegeEscalation,
  app_armor_profile: appArmorProfile,
  capabilities,
  capabilities_baseline: capabilitiesBaseline,
  capabilities_restricted: capabilitiesRestricted,
  host_ipc: hostIpc,
  host_namespaces: hostNamespaces,
  host_network: hostNetwork,
  host_path_volumes: hostPathVolumes,
  host_pid: hostPid,
  host_ports: hostPorts,
  host_probes_and_host_lifecycle: hostProbesAndHostLifecycle,
  image_registry: imageRegistry,
  privilege_escalation: privilegeEscalation,
  privileged,
  proc_mount: procMount,
  proc_mount_restricted: procMountRestricted,
  readonly_root_fs: readonlyRootFs,
  restricted_volumes: restrictedVolumes,
  run_as_non_root: runAsNonRoot,
  run_as_root: runAsRoot,
  run_as_user: runAsUser,
  se_linux_options: seLinuxOptions,
  seccomp_profile_baseline: seccompProfileBaseline,
  seccomp_profile_restricted: seccompProfileRestricted,
  sysctls,
  windows_host_process: windowsHostProcess,
};
