package kube_policies.privilege_escalation_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.privilege_escalation

_path := "/spec/containers/0/securityContext/allowPrivilegeEscalation"

_denied := {{
	"container": "app",
	"message": "Resource Pod/payments/web (container=app) allows privilege escalation.",
	"path": _path,
}}

test_all_but_false_is_denied_and_set if {
	every context in [{}, {"allowPrivilegeEscalation": null}, {"allowPrivilegeEscalation": "false"}] {
		pod := fixtures.created(fixtures.app(context))
		found := privilege_escalation.ensure_no_privilege_escalation with input as pod
		found == _denied
		changes := privilege_escalation.set_no_privilege_escalation with input as pod
		changes == {{"container": "app", "op": "add", "path": _path, "value": false}}
	}
}

test_what_always_escalates_is_denied_but_not_changed if {
	contexts := [
		{"privileged": true},
		{"privileged": "true"},
		{"capabilities": {"add": ["CAP_SYS_ADMIN"]}},
		{"capabilities": {"add": ["SYS_ADMIN"]}},
	]
	every context in contexts {
		pod := fixtures.created(fixtures.app(context))
		found := privilege_escalation.ensure_no_privilege_escalation with input as pod
		found == _denied
		changes := privilege_escalation.set_no_privilege_escalation with input as pod
		changes == set()
	}
}

test_malformed_capabilities_stop_every_change if {
	containers := [{"name": "app", "securityContext": {"capabilities": ["SYS_ADMIN"]}}, {"name": "logs"}]
	changes := privilege_escalation.set_no_privilege_escalation with input as fixtures.created({"containers": containers})
	changes == set()
}

test_false_passes if {
	pod := fixtures.created(fixtures.app({"allowPrivilegeEscalation": false}))
	found := privilege_escalation.ensure_no_privilege_escalation with input as pod
	found == set()
}

test_a_windows_pod_is_left_alone if {
	pod := fixtures.created(object.union(fixtures.app({}), {"os": {"name": "windows"}}))
	found := privilege_escalation.ensure_no_privilege_escalation with input as pod
	found == set()
}
