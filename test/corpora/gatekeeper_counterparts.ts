import type { PspCase } from "./gatekeeper_psp.ts";

/** A policy of ours that judges what a template of gatekeeper-library judges. */
interface Counterpart {
  readonly policy: string;
  readonly options?: unknown;
}

/** What stands for each template, given its constraint's parameters; none where we judge nothing of the kind. */
export const COUNTERPARTS: Record<string, (parameters: PspCase["parameters"]) => readonly Counterpart[]> = {
  "allow-privilege-escalation": () => [{ policy: "allow_privilege_escalation" }],
  "apparmor": () => [{ policy: "app_armor_profile" }],
  "capabilities": ({ allowedCapabilities, requiredDropCapabilities = [] }) => [
    { policy: "capabilities", options: { drop: requiredDropCapabilities, allowedAdd: allowedCapabilities } },
  ],
  "flexvolume-drivers": () => [],
  "forbidden-sysctls": () => [{ policy: "sysctls", options: { version: "v1.29" } }],
  "fsgroup": () => [],
  "host-filesystem": () => [{ policy: "host_path_volumes" }],
  "host-namespaces": () => [{ policy: "host_pid" }, { policy: "host_ipc" }],
  "host-network-ports": ({ hostNetwork }) => [
    { policy: "host_ports" },
    ...(hostNetwork ? [] : [{ policy: "host_network" }]),
  ],
  "host-probes-lifecycle": () => [{ policy: "host_probes_and_host_lifecycle" }],
  "host-process": () => [{ policy: "windows_host_process" }],
  "privileged-containers": () => [{ policy: "privileged" }],
  "proc-mount": () => [{ policy: "proc_mount", options: { version: "v1.34" } }],
  "read-only-root-filesystem": () => [{ policy: "readonly_root_fs" }],
  "seccomp": () => [{ policy: "seccomp_profile_baseline", options: { version: "v1.18" } }],
  "seccompv2": ({ allowedProfiles }) => {
    const unset = (allowedProfiles as string[]).includes("not configured");
    return [{ policy: unset ? "seccomp_profile_baseline" : "seccomp_profile_restricted" }];
  },
  "selinux": () => [{ policy: "se_linux_options" }],
  "users": () => [{ policy: "run_as_root" }],
  "volumes": () => [{ policy: "restricted_volumes" }],
};

/** An update that no API server sends: without an `oldObject` nothing shows that the pod is as it was. */
export const UPDATES_WITHOUT_OLD_OBJECT: readonly string[] = [
  "allow-privilege-escalation/allow-privilege-escalation/update",
  "capabilities/capabilities-baseline/update",
  "capabilities/capabilities-restricted/update",
  "forbidden-sysctls/forbidden-sysctls/update",
  "forbidden-sysctls/forbidden-sysctls-wildcard/update",
  "forbidden-sysctls/forbidden-sysctls3/update",
  "forbidden-sysctls/forbidden-sysctls4-empty-allowedSysctls/update",
  "forbidden-sysctls/forbidden-sysctls5-unspecified-allowedSysctls/update",
  "host-filesystem/host-filesystem/update",
  "host-namespaces/host-namespace/update",
  "host-network-ports/port-range-with-host-network-allowed/update",
  "host-network-ports/port-range-with-host-network-forbidden/update",
  "host-probes-lifecycle/host-probes-lifecycle-disallowed/update",
  "host-process/host-process-disallowed/update",
  "privileged-containers/privileged-containers-disallowed/update",
  "proc-mount/default-proc-mount-required/update",
  "read-only-root-filesystem/require-read-only-root-filesystem/update",
  "selinux/require-matching-selinux-options/update",
  "users/users-and-groups-together/update",
  "volumes/host-path-disallowed/update",
];

/** `exemptImages`: here an exception names an environment, a policy, a namespace and a container. */
export const EXEMPT_IMAGES: readonly string[] = [
  "allow-privilege-escalation/allow-privilege-escalation/example_allowed_exempt",
  "host-network-ports/port-range-with-host-network-allowed/example_allowed_out_of_range_exempted",
  "privileged-containers/privileged-containers-disallowed/example_allowed_exempt",
  "proc-mount/default-proc-mount-required/example_allowed_exempt_image",
  "read-only-root-filesystem/require-read-only-root-filesystem/example_allowed_exempted",
  "read-only-root-filesystem/full-wildcard/example_disallowed",
  "read-only-root-filesystem/wildcard-prefix/example_allowed_safe_prefix",
  "seccompv2/seccomp-baseline/example_allowed_exempt_image",
  "seccompv2/seccomp-restricted/example_allowed_exempt_image",
];

/** Parameters that ours do not have, and one thing that the Pod Security Standards see otherwise. */
const OTHERS: Record<string, string> = {
  "apparmor/apparmor/example_allowed_override":
    "the Pod Security Standards forbid Unconfined on the pod even where every container overrides it",
  "forbidden-sysctls/forbidden-sysctls-wildcard/example_allowed": "forbiddenSysctls: which are safe is not an option",
  "forbidden-sysctls/forbidden-sysctls4-empty-allowedSysctls/example_allowed":
    "allowedSysctls: which are safe is not an option",
  "host-filesystem/host-filesystem/example_allowed": "allowedHostPaths: no path of the host is allowed",
  "host-network-ports/port-range-with-host-network-allowed/example_allowed_in_range":
    "min and max: no port of the host is allowed",
  "host-network-ports/port-range-with-host-network-forbidden/example_allowed_in_range":
    "min and max: no port of the host is allowed",
  "seccomp/default-seccomp-required/example_disallowed_localhost":
    "allowedProfiles: every profile that is installed on the node is allowed",
};

/** Every case that we judge otherwise than is expected there, with the reason. */
export const DISAGREEMENTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(UPDATES_WITHOUT_OLD_OBJECT.map((id) => [id, "an update without oldObject is judged in full"])),
  ...Object.fromEntries(EXEMPT_IMAGES.map((id) => [id, "exemptImages: exceptions are by container name"])),
  ...OTHERS,
};

/** Cases of templates that nothing here corresponds to, by template, with the reason. */
export const WITHOUT_COUNTERPART: Readonly<Record<string, { reason: string; cases: readonly string[] }>> = {
  "flexvolume-drivers": {
    reason: "allowedFlexVolumes: restricted_volumes refuses every flexVolume",
    cases: [
      "flexvolume-drivers/flexvolume-drivers/example_allowed",
      "flexvolume-drivers/flexvolume-drivers/example_disallowed",
      "flexvolume-drivers/flexvolume-drivers/update",
    ],
  },
  "fsgroup": {
    reason: "fsGroup is no part of the Pod Security Standards",
    cases: [
      "fsgroup/fsgroup-empty-ranges/example_allowed",
      "fsgroup/fsgroup-empty-ranges/example_disallowed",
      "fsgroup/fsgroup-empty-ranges/update",
      "fsgroup/fsgroup-no-rules/example_allowed",
      "fsgroup/fsgroup-no-rules/example_disallowed",
      "fsgroup/fsgroup-no-rules/update",
      "fsgroup/fsgroup/example_allowed",
      "fsgroup/fsgroup/example_disallowed",
      "fsgroup/fsgroup/update",
    ],
  },
};
