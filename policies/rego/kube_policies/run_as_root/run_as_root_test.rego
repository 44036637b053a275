package kube_policies.run_as_root_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.run_as_root

_of_container := "Resource Pod/payments/web (container=app) contains a securityContext specifying run as root."

_of_pod := "Pod Pod/payments/web contains a securityContext specifying run as root."

_set := {
	"container": "app",
	"op": "add",
	"path": "/spec/containers/0/securityContext/runAsNonRoot",
	"value": true,
}

_unset := {"op": "remove", "path": "/spec/securityContext/runAsNonRoot"}

# Security contexts of the pod and of its container, and what is said and done about them.
_cases := [
	{"pod": {}, "container": {}, "messages": {_of_container}, "changes": {_set}},
	{"pod": {"runAsNonRoot": true}, "container": {}, "messages": set(), "changes": set()},
	{"pod": null, "container": {"runAsNonRoot": true}, "messages": set(), "changes": set()},
	{"pod": {"runAsNonRoot": true}, "container": {"runAsNonRoot": null}, "messages": set(), "changes": set()},
	{
		"pod": {"runAsNonRoot": true},
		"container": {"runAsNonRoot": false},
		"messages": {_of_container},
		"changes": {_set},
	},
	{"pod": {"runAsNonRoot": true}, "container": {"runAsUser": "0"}, "messages": {_of_container}, "changes": set()},
	{
		"pod": {"runAsNonRoot": true, "runAsUser": 0},
		"container": {"runAsUser": 1000},
		"messages": {_of_pod},
		"changes": set(),
	},
	{"pod": {"runAsUser": 0}, "container": {}, "messages": {_of_container, _of_pod}, "changes": set()},
	{"pod": {"runAsNonRoot": "true"}, "container": {}, "messages": {_of_container, _of_pod}, "changes": {_set}},
	{
		"pod": {"runAsNonRoot": false},
		"container": {},
		"messages": {_of_container, _of_pod},
		"changes": {_set, _unset},
	},
]

test_the_container_overrides_the_pod if {
	every case in _cases {
		spec := object.union(fixtures.app(case.container), {"securityContext": case.pod})
		found := run_as_root.ensure_no_run_as_root with input as fixtures.created(spec)
		{finding.message | some finding in found} == case.messages
		changes := run_as_root.set_run_as_non_root with input as fixtures.created(spec)
		changes == case.changes
	}
}

test_the_path_is_that_of_what_asks_for_root if {
	spec := object.union(fixtures.app({"runAsUser": 0}), {"securityContext": {"runAsNonRoot": false}})
	found := run_as_root.ensure_no_run_as_root with input as fixtures.created(spec)
	{finding.path | some finding in found} == {
		"/spec/containers/0/securityContext/runAsUser",
		"/spec/securityContext/runAsNonRoot",
	}
}

test_nothing_else_of_a_pod_that_exists_is_changed if {
	every fields in [
		{"operation": "UPDATE"},
		{"operation": "UPDATE", "subResource": "resize"},
		{"operation": "CREATE", "subResource": "ephemeralcontainers"},
		{"kind": {"group": "apps", "kind": "Deployment"}, "object": {"spec": {"template": {"spec": fixtures.app({})}}}},
	] {
		request := fixtures.with_request(fixtures.created(fixtures.app({})), fields)
		found := run_as_root.ensure_no_run_as_root with input as request
		count(found) == 1
		changes := run_as_root.set_run_as_non_root with input as request
		changes == set()
	}
}

test_only_new_ephemeral_containers_are_changed if {
	ephemeral := [{"name": "old"}, {"name": "new"}]
	update := fixtures.with_request(
		fixtures.created(object.union(fixtures.app({}), {"ephemeralContainers": ephemeral})),
		{
			"operation": "UPDATE",
			"subResource": "ephemeralcontainers",
			"oldObject": {"spec": {"ephemeralContainers": [{"name": "old"}]}},
		},
	)
	changes := run_as_root.set_run_as_non_root with input as update
	{change.container | some change in changes} == {"new"}
}
