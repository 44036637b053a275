package kube_policies.host_network_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.host_network

test_enabled_is_denied if {
	every value in [true, "true", "false", 1, [], {}] {
		found := host_network.deny_host_network with input as fixtures.created({"hostNetwork": value})
		found == {{
			"message": "Pod Pod/payments/web cannot be created with hostNetwork enabled.",
			"path": "/spec/hostNetwork",
		}}
	}
}

test_disabled_or_absent_passes if {
	every spec in [{}, {"hostNetwork": null}, {"hostNetwork": false}, {"hostNetwork": 0}, {"hostNetwork": ""}] {
		found := host_network.deny_host_network with input as fixtures.created(spec)
		found == set()
	}
}

test_a_template_is_judged_as_its_pods_will_be if {
	input_of_deployment := fixtures.templated({"group": "apps", "kind": "Deployment"}, {"hostNetwork": true})
	found := host_network.deny_host_network with input as input_of_deployment
	found == {{
		"message": "Pod Deployment/payments/web cannot be created with hostNetwork enabled.",
		"path": "/spec/template/spec/hostNetwork",
	}}
}

test_a_deletion_is_not_judged if {
	deletion := fixtures.with_request(fixtures.created({"hostNetwork": true}), {"operation": "DELETE"})
	found := host_network.deny_host_network with input as deletion
	found == set()
}
