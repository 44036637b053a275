# Pods do not share the node's network namespace. Field: spec.hostNetwork (PodSpec, core/v1).
package kube_policies.host_network

import data.kube_policies.pods

remediation := "Remove spec.hostNetwork, and expose the pod with a Service."

deny_host_network contains pods.pod_finding("cannot be created with hostNetwork enabled", "/spec/hostNetwork") if {
	pods.is_enabled(pods.field(pods.pod.spec, "hostNetwork"))
}
