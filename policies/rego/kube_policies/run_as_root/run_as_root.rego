# Containers do not run as user 0.
# Fields: spec.securityContext and securityContext of every container, whose value wins where it has one: runAsNonRoot
# must be true, runAsUser must not be 0. On the pod itself runAsNonRoot: false and runAsUser: 0 are violations even
# where every container overrides them, as in the Pod Security Standards.
# The mutation leaves user 0 to its author: with runAsNonRoot: true beside it the kubelet never starts the container.
package kube_policies.run_as_root

import data.kube_policies.pods

remediation := concat("", [
	"Set securityContext.runAsNonRoot: true on the pod or on the container, remove runAsUser: 0, ",
	"and name a numeric user other than 0 in the image (USER 1000) or in runAsUser.",
])

_predicate := "contains a securityContext specifying run as root"

_of_pod := pods.pod.securityContext

ensure_no_run_as_root contains pods.pod_finding(_predicate, concat("", ["/spec", _offending_field(_of_pod)])) if {
	_asks_for_root
}

ensure_no_run_as_root contains finding if {
	some container in pods.pod.containers
	_may_be_root(container)
	finding := pods.container_finding(container, _predicate, _offending_field(container.securityContext))
}

set_run_as_non_root contains pods.set_field(container, "/securityContext/runAsNonRoot", true) if {
	some container in pods.changeable
	_is_unforced(container)
	not _is_root(_value(container, "runAsUser"))
}

# Unset means the same for the containers that an exception leaves as they are.
set_run_as_non_root contains {"op": "remove", "path": path} if {
	pods.is_created
	_of_pod.runAsNonRoot == false
	not _is_root(pods.field(_of_pod, "runAsUser"))
	path := concat("", [pods.pod.path, "/spec/securityContext/runAsNonRoot"])
}

_may_be_root(container) if _is_unforced(container)

_may_be_root(container) if _is_root(_value(container, "runAsUser"))

_is_unforced(container) if _value(container, "runAsNonRoot") != true

_asks_for_root if not pods.field(_of_pod, "runAsNonRoot") in {pods.absent, null, true}

_asks_for_root if _is_root(_of_pod.runAsUser)

_is_root(user) if user in {0, "0"}

# The container's own value, or else the pod's.
_value(container, name) := value if {
	value := pods.field(container.securityContext, name)
	not pods.is_absent(value)
} else := pods.field(_of_pod, name)

_offending_field(security_context) := "/securityContext/runAsUser" if {
	_is_root(security_context.runAsUser)
} else := "/securityContext/runAsNonRoot"
