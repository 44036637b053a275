package validating_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.stages
import data.validating

_pod := fixtures.created({"containers": [], "hostIPC": true})

_message := "deny_host_ipc: Pod Pod/payments/web cannot be created with hostIPC enabled."

_excusing := {"prod": {"host_ipc": {"payments": {"*": "*"}}}}

test_a_policy_reports_at_its_stage_alone if {
	every stage in ["monitor", "warn", "deny"] {
		found := _found with input as _pod with stages.validating as {"host_ipc": stage}
		found == {at: messages |
			some at in ["monitor", "warn", "deny"]
			messages := {_message | at == stage}
		}
	}
}

test_a_policy_without_a_stage_is_off if {
	found := _found with input as _pod with stages.validating as {}
	found == {"monitor": set(), "warn": set(), "deny": set()}
}

test_what_is_excused_is_not_reported if {
	_message in validating.deny with input as _pod
	found := validating.deny with input as _pod
		with data.allowlist as _excusing
		with data.environment as "prod"
	found == set()
}

test_a_malformed_pod_is_reported_by_each_policy_at_its_stage if {
	found := _found with input as fixtures.created({"containers": {}})
	message := concat(" ", [
		"ensure_well_formed: Pod Pod/payments/web is malformed:",
		"/spec/containers: found object, accepted list.",
	])
	found == {"monitor": {message}, "warn": {message}, "deny": {message}}
}

_found := {"monitor": validating.monitor, "warn": validating.warn, "deny": validating.deny}
