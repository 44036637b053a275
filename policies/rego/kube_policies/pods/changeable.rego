# What of a pod may be changed: most of it is immutable once it exists.
package kube_policies.pods

# is_created holds for the request that creates a pod.
is_created if {
	_is_pod
	_request.operation == "CREATE"
	_subresource in {absent, null, ""}
}

# changeable holds the containers that may be changed: those of a new pod, or the new ephemeral ones.
changeable := pod.containers if is_created

changeable := [container |
	some container in pod.containers
	container.list == "ephemeralContainers"
	not container.name in _known
] if {
	_is_pod
	_request.operation == "UPDATE"
	_subresource == "ephemeralcontainers"
}

_is_pod if {
	_request.kind.group == ""
	_request.kind.kind == "Pod"
}

_known contains _text(field(fields, "name")) if {
	some list in _lists
	some fields in field(field(field(_request, "oldObject"), "spec"), list)
}
