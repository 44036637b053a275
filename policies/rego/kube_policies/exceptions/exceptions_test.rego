package kube_policies.exceptions_test

import data.kube_policies.exceptions
import data.kube_policies.fixtures_test as fixtures

_pod := fixtures.created({
	"initContainers": [{"name": "setup"}],
	"containers": [{"name": "app"}],
	"ephemeralContainers": [{"name": "debugger"}],
})

_listing(names) := {"prod": {"host_ipc": {"payments": {name: name | some name in names}}}}

# A report about the pod as a whole.
_of_pod := {"message": "x"}

_of(name) := {"container": name}

# Names that are listed, a report, and whether it is excused.
_cases := [
	{"listed": [], "report": _of("app"), "excused": false},
	{"listed": ["app"], "report": _of("app"), "excused": true},
	{"listed": ["app"], "report": _of("setup"), "excused": false},
	{"listed": ["app"], "report": _of_pod, "excused": false},
	{"listed": ["app", "setup"], "report": _of_pod, "excused": true},
	{"listed": ["debugger"], "report": _of("debugger"), "excused": true},
	{"listed": ["*"], "report": _of("debugger"), "excused": true},
	{"listed": ["*"], "report": _of_pod, "excused": true},
]

test_a_container_is_excused_by_its_name_and_a_pod_by_every_name if {
	every case in _cases {
		found := {true | exceptions.excused("host_ipc", case.report)} with input as _pod
			with data.allowlist as _listing(case.listed)
			with data.environment as "prod"
		found == {true | case.excused}
	}
}

test_an_exception_is_of_one_policy_namespace_and_environment if {
	not exceptions.excused("host_pid", _of("app")) with input as _pod
		with data.allowlist as _listing(["app"])
		with data.environment as "prod"
	not exceptions.excused("host_ipc", _of("app")) with input as _pod
		with data.allowlist as _listing(["app"])
		with data.environment as "dev"
	elsewhere := fixtures.with_request(_pod, {"namespace": "search"})
	not exceptions.excused("host_ipc", _of("app")) with input as elsewhere
		with data.allowlist as _listing(["app"])
		with data.environment as "prod"
}

test_without_any_exceptions_nothing_is_excused if {
	not exceptions.excused("host_ipc", _of("app")) with input as _pod
}

test_a_pod_without_containers_is_not_excused if {
	not exceptions.excused("host_ipc", _of_pod) with input as fixtures.created({})
		with data.allowlist as _listing(["app"])
		with data.environment as "prod"
}

test_cluster_scoped_is_the_empty_namespace if {
	request := {"request": object.remove(_pod.request, {"namespace"})}
	exceptions.excused("host_ipc", _of("app")) with input as request
		with data.allowlist as {"prod": {"host_ipc": {"": {"app": "app"}}}}
		with data.environment as "prod"
}
