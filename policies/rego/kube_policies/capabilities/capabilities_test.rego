package kube_policies.capabilities_test

import data.kube_policies.capabilities
import data.kube_policies.fixtures_test as fixtures

_said(what) := concat(" ", ["Resource Pod/payments/web (container=app)", what])

_undropped := _said("does not drop capabilities ALL.")

# What a container says of capabilities, and what is said of it.
_cases := [
	{"capabilities": {"drop": ["ALL"]}, "messages": set()},
	{"capabilities": {"drop": ["NET_RAW", "ALL"], "add": ["NET_BIND_SERVICE"]}, "messages": set()},
	{"capabilities": null, "messages": {_undropped}},
	{"capabilities": {"drop": ["all", ["ALL"], "CAP_ALL"]}, "messages": {_undropped}},
	{
		"capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE", "NET_BIND_SERVICE", "net_raw", "SYS_PTRACE"]},
		"messages": {_said("adds capabilities SYS_PTRACE net_raw.")},
	},
	{
		"capabilities": {"add": [null, ["NET_BIND_SERVICE"], 1]},
		"messages": {_undropped, _said("adds capabilities null [\"NET_BIND_SERVICE\"] 1.")},
	},
]

test_names_are_compared_exactly if {
	every case in _cases {
		pod := fixtures.created(fixtures.app({"capabilities": case.capabilities}))
		dropped := capabilities.ensure_dropped_capabilities with input as pod
		added := capabilities.deny_added_capabilities with input as pod
		{finding.message | some finding in (dropped | added)} == case.messages
	}
}

test_what_is_missing_is_appended if {
	changes := capabilities.set_dropped_capabilities with input as fixtures.created(fixtures.app({}))
	changes == {{
		"container": "app",
		"op": "add",
		"path": "/spec/containers/0/securityContext/capabilities/drop/-",
		"value": "ALL",
	}}
}

test_of_a_windows_pod_only_what_it_adds_is_judged if {
	spec := object.union(fixtures.app({"capabilities": {"add": ["SYS_TIME"], "drop": 1}}), {"os": {"name": "windows"}})
	pod := fixtures.created(spec)
	dropped := capabilities.ensure_dropped_capabilities with input as pod
	dropped == set()
	added := capabilities.deny_added_capabilities with input as pod
	count(added) == 1
	changes := capabilities.set_dropped_capabilities with input as pod
	changes == set()
}

test_malformed_capabilities_are_reported_alone if {
	pod := fixtures.created({"containers": [
		{"name": "logs"},
		{"name": "app", "securityContext": {"capabilities": {"drop": "ALL", "add": {}}}},
	]})
	found := capabilities.ensure_well_formed with input as pod
	{finding.path | some finding in found} == {"/spec/containers/1/securityContext/capabilities/drop"}
	dropped := capabilities.ensure_dropped_capabilities with input as pod
	dropped == set()
	changes := capabilities.set_dropped_capabilities with input as pod
	changes == set()
}
