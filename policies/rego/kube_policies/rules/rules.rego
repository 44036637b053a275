# Every policy with its rules. A new policy gets its lines here.
package kube_policies.rules

import data.kube_policies.capabilities
import data.kube_policies.host_ipc
import data.kube_policies.host_network
import data.kube_policies.host_pid
import data.kube_policies.pods
import data.kube_policies.privilege_escalation
import data.kube_policies.readonly_root_fs
import data.kube_policies.run_as_root

# What each validating rule finds.
findings := {
	"capabilities": {
		"ensure_dropped_capabilities": capabilities.ensure_dropped_capabilities,
		"deny_added_capabilities": capabilities.deny_added_capabilities,
		"ensure_well_formed": capabilities.ensure_well_formed,
	},
	"host_ipc": {
		"deny_host_ipc": host_ipc.deny_host_ipc,
		"ensure_well_formed": pods.ensure_well_formed,
	},
	"host_network": {
		"deny_host_network": host_network.deny_host_network,
		"ensure_well_formed": pods.ensure_well_formed,
	},
	"host_pid": {
		"deny_host_pid": host_pid.deny_host_pid,
		"ensure_well_formed": pods.ensure_well_formed,
	},
	"privilege_escalation": {
		"ensure_no_privilege_escalation": privilege_escalation.ensure_no_privilege_escalation,
		"ensure_well_formed": pods.ensure_well_formed,
	},
	"readonly_root_fs": {
		"ensure_readonly_root_fs": readonly_root_fs.ensure_readonly_root_fs,
		"ensure_well_formed": pods.ensure_well_formed,
	},
	"run_as_root": {
		"ensure_no_run_as_root": run_as_root.ensure_no_run_as_root,
		"ensure_well_formed": pods.ensure_well_formed,
	},
}

# What each mutating rule changes.
changes := {
	"capabilities": {"set_dropped_capabilities": capabilities.set_dropped_capabilities},
	"privilege_escalation": {"set_no_privilege_escalation": privilege_escalation.set_no_privilege_escalation},
	"readonly_root_fs": {"set_readonly_root_fs": readonly_root_fs.set_readonly_root_fs},
	"run_as_root": {"set_run_as_non_root": run_as_root.set_run_as_non_root},
}

# What an author of a manifest should change.
remediations := {
	"capabilities": capabilities.remediation,
	"host_ipc": host_ipc.remediation,
	"host_network": host_network.remediation,
	"host_pid": host_pid.remediation,
	"privilege_escalation": privilege_escalation.remediation,
	"readonly_root_fs": readonly_root_fs.remediation,
	"run_as_root": run_as_root.remediation,
}
