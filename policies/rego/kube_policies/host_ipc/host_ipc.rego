# Pods do not share the node's IPC namespace. Field: spec.hostIPC (PodSpec, core/v1).
package kube_policies.host_ipc

import data.kube_policies.pods

remediation := concat("", [
	"Remove spec.hostIPC. ",
	"Containers of one pod share an IPC namespace already; between pods, use a socket or a queue.",
])

deny_host_ipc contains pods.pod_finding("cannot be created with hostIPC enabled", "/spec/hostIPC") if {
	pods.is_enabled(pods.field(pods.pod.spec, "hostIPC"))
}
