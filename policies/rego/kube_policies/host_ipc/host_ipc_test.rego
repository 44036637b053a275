package kube_policies.host_ipc_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.host_ipc

test_enabled_is_denied if {
	every value in [true, "true", "false", 1, [], {}] {
		found := host_ipc.deny_host_ipc with input as fixtures.created({"hostIPC": value})
		found == {{
			"message": "Pod Pod/payments/web cannot be created with hostIPC enabled.",
			"path": "/spec/hostIPC",
		}}
	}
}

test_disabled_or_absent_passes if {
	every spec in [{}, {"hostIPC": null}, {"hostIPC": false}, {"hostIPC": 0}, {"hostIPC": ""}] {
		found := host_ipc.deny_host_ipc with input as fixtures.created(spec)
		found == set()
	}
}

test_a_template_is_judged_as_its_pods_will_be if {
	input_of_deployment := fixtures.templated({"group": "apps", "kind": "Deployment"}, {"hostIPC": true})
	found := host_ipc.deny_host_ipc with input as input_of_deployment
	found == {{
		"message": "Pod Deployment/payments/web cannot be created with hostIPC enabled.",
		"path": "/spec/template/spec/hostIPC",
	}}
}

test_a_deletion_is_not_judged if {
	deletion := fixtures.with_request(fixtures.created({"hostIPC": true}), {"operation": "DELETE"})
	found := host_ipc.deny_host_ipc with input as deletion
	found == set()
}
