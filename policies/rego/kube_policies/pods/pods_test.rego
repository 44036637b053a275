package kube_policies.pods_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.pods

_container := {"name": "app"}

# Specs of a pod, and the first thing that is wrong with them.
_malformed := [
	{"spec": null, "says": "/spec: found null, accepted object"},
	{"spec": {"containers": {}}, "says": "/spec/containers: found object, accepted list"},
	{"spec": {"containers": "x"}, "says": "/spec/containers: found string, accepted list"},
	{"spec": {"containers": [_container, null]}, "says": "/spec/containers/1: found null, accepted object"},
	{"spec": {"containers": [{"name": 7}]}, "says": "/spec/containers/0/name: found number, accepted string"},
	{"spec": {"securityContext": []}, "says": "/spec/securityContext: found list, accepted object"},
	{"spec": {"os": "windows"}, "says": "/spec/os: found string, accepted object"},
	{
		"spec": {"initContainers": [{"securityContext": true}], "containers": 1},
		"says": "/spec/initContainers/0/securityContext: found boolean, accepted object",
	},
]

test_a_malformed_pod_is_a_finding_and_no_pod if {
	every case in _malformed {
		found := pods.ensure_well_formed with input as fixtures.created(case.spec)
		message := concat("", ["Pod Pod/payments/web is malformed: ", case.says, "."])
		{finding.message | some finding in found} == {message}
		not pods.pod with input as fixtures.created(case.spec)
	}
}

test_a_malformed_way_to_the_template_is_a_finding if {
	cases := [
		{"object": {"spec": []}, "says": "/spec: found list, accepted object"},
		{"object": {"spec": null}, "says": "/spec/template: found undefined, accepted object"},
		{"object": {}, "says": "/spec/template: found undefined, accepted object"},
		{"object": {"spec": {"template": 1}}, "says": "/spec/template: found number, accepted object"},
		{"object": {"spec": {"template": {}}}, "says": "/spec/template/spec: found undefined, accepted object"},
	]
	request := fixtures.templated({"group": "apps", "kind": "Deployment"}, {})
	every case in cases {
		broken := {"request": object.union(object.remove(request.request, {"object"}), {"object": case.object})}
		found := pods.ensure_well_formed with input as broken
		message := concat("", ["Pod Deployment/payments/web is malformed: ", case.says, "."])
		{finding.message | some finding in found} == {message}
	}
}

test_an_object_that_is_none_is_a_finding if {
	every kind in [{"group": "", "kind": "Pod"}, {"group": "apps", "kind": "Deployment"}] {
		request := fixtures.with_request(fixtures.created({}), {"kind": kind, "object": "x"})
		found := pods.ensure_well_formed with input as request
		{finding.path | some finding in found} == {""}
	}
}

test_a_template_is_found_in_every_kind if {
	paths := {"CronJob": "/spec/jobTemplate/spec/template", "Deployment": "/spec/template", "PodTemplate": "/template"}
	groups := {"CronJob": "batch", "Deployment": "apps", "PodTemplate": ""}
	every kind, path in paths {
		request := fixtures.templated({"group": groups[kind], "kind": kind}, {"containers": [_container]})
		pods.pod.path == path with input as request
		pods.pod.containers[0].path == concat("", [path, "/spec/containers/0"]) with input as request
	}
}

test_a_replication_controller_needs_no_template if {
	kind := {"group": "", "kind": "ReplicationController"}
	request := fixtures.with_request(fixtures.created({}), {"kind": kind})
	found := pods.ensure_well_formed with input as request
	found == set()
	not pods.pod with input as request
}

test_what_has_no_pod_is_not_judged if {
	every fields in [
		{"kind": {"group": "", "kind": "Service"}},
		{"kind": {"group": "example.com", "kind": "Deployment"}},
		{"operation": "DELETE"},
		{"operation": "CONNECT"},
		{"operation": "UPDATE", "subResource": "status"},
	] {
		request := fixtures.with_request(fixtures.created({"containers": "x"}), fields)
		found := pods.ensure_well_formed with input as request
		found == set()
	}
}

test_the_reference_names_the_object if {
	cases := {
		"web": {"name": "web", "generateName": "x-"},
		"web-*": {"generateName": "web-"},
		"*": {"name": 1},
	}
	every name, metadata in cases {
		request := object.remove(fixtures.created({}).request, {"object"})
		reference := pods.reference with input as {"request": object.union(request, {"object": {"metadata": metadata}})}
		reference == concat("/", ["Pod/payments", name])
	}
}

test_the_request_names_the_object_first if {
	request := fixtures.with_request(fixtures.created({}), {"name": "db", "namespace": ""})
	reference := pods.reference with input as request
	reference == "Pod//db"
}
