# The stage of each policy in the self-staged packages, validating and mutating. Edit this file; a policy that is not
# listed is off.
package kube_policies.stages

# monitor, warn or deny.
validating := {
	"capabilities": "warn",
	"host_ipc": "deny",
	"host_network": "deny",
	"host_pid": "deny",
	"privilege_escalation": "deny",
	"readonly_root_fs": "monitor",
	"run_as_root": "deny",
}

# dryrun or patch.
mutating := {
	"capabilities": "patch",
	"privilege_escalation": "patch",
	"readonly_root_fs": "dryrun",
	"run_as_root": "patch",
}
