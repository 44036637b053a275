# Pods do not share the node's process namespace. Field: spec.hostPID (PodSpec, core/v1).
package kube_policies.host_pid

import data.kube_policies.pods

remediation := concat("", [
	"Remove spec.hostPID. ",
	"For containers that must see each other's processes, set spec.shareProcessNamespace.",
])

deny_host_pid contains pods.pod_finding("cannot be created with hostPID enabled", "/spec/hostPID") if {
	pods.is_enabled(pods.field(pods.pod.spec, "hostPID"))
}
