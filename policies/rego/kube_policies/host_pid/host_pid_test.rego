package kube_policies.host_pid_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.host_pid

test_enabled_is_denied if {
	every value in [true, "true", "false", 1, [], {}] {
		found := host_pid.deny_host_pid with input as fixtures.created({"hostPID": value})
		found == {{
			"message": "Pod Pod/payments/web cannot be created with hostPID enabled.",
			"path": "/spec/hostPID",
		}}
	}
}

test_disabled_or_absent_passes if {
	every spec in [{}, {"hostPID": null}, {"hostPID": false}, {"hostPID": 0}, {"hostPID": ""}] {
		found := host_pid.deny_host_pid with input as fixtures.created(spec)
		found == set()
	}
}

test_a_template_is_judged_as_its_pods_will_be if {
	input_of_deployment := fixtures.templated({"group": "apps", "kind": "Deployment"}, {"hostPID": true})
	found := host_pid.deny_host_pid with input as input_of_deployment
	found == {{
		"message": "Pod Deployment/payments/web cannot be created with hostPID enabled.",
		"path": "/spec/template/spec/hostPID",
	}}
}

test_a_deletion_is_not_judged if {
	deletion := fixtures.with_request(fixtures.created({"hostPID": true}), {"operation": "DELETE"})
	found := host_pid.deny_host_pid with input as deletion
	found == set()
}
