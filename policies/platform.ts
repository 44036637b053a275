/** The platform's own policies, in the order in which their mutations run. */
export const platformPolicies: readonly string[] = [
  "host_ipc",
  "host_network",
  "host_pid",
  "privilege_escalation",
  "run_as_root",
  "readonly_root_fs",
  "capabilities",
  "image_registry",
];
