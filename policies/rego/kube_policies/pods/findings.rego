# What policies say about a pod and its containers.
package kube_policies.pods

# reference is <kind>/<namespace>/<name>; a nameless object is <generateName>*.
reference := concat("/", [_request.kind.kind, _namespace, _name])

_metadata := field(field(_request, "object"), "metadata")

_namespace := _first([field(_request, "namespace"), field(_metadata, "namespace"), ""])

_name := _first([
	field(_request, "name"),
	field(_metadata, "name"),
	concat("", [_text(field(_metadata, "generateName")), "*"]),
])

# _first is the first text that is not empty, "" where there is none.
_first(values) := [value |
	some value in values
	is_string(value)
	value != ""
][0]

_first(values) := "" if every value in values {
	_text(value) == ""
}

# pod_finding says something of the pod as a whole; the path starts at the pod.
pod_finding(predicate, path) := {
	"message": concat("", ["Pod ", reference, " ", predicate, "."]),
	"path": concat("", [pod.path, path]),
}

# container_finding says something of one container; the path starts at it.
container_finding(container, predicate, path) := {
	"container": container.name,
	"message": concat("", ["Resource ", reference, " (container=", container.name, ") ", predicate, "."]),
	"path": concat("", [container.path, path]),
}

# set_field is the change that gives a field of a container a value; the path starts at the container.
set_field(container, path, value) := {
	"container": container.name,
	"op": "add",
	"path": concat("", [container.path, path]),
	"value": value,
}
