# The pod that a request's object is, or the one that its template makes.
package kube_policies.pods

_template := ["spec", "template"]

# Where each kind keeps the object with a pod's metadata and spec (pod-security-admission, admission.go).
_paths := {
	"": {"Pod": [], "PodTemplate": ["template"], "ReplicationController": _template},
	"apps": {"DaemonSet": _template, "Deployment": _template, "ReplicaSet": _template, "StatefulSet": _template},
	"batch": {"CronJob": ["spec", "jobTemplate", "spec", "template"], "Job": _template},
	"extensions": {"DaemonSet": _template, "Deployment": _template, "ReplicaSet": _template},
}

_lists := ["initContainers", "containers", "ephemeralContainers"]

_request := input.request

_subresource := field(_request, "subResource")

# Undefined for a request that no policy judges: without a pod, or a deletion.
_steps := _paths[_request.kind.group][_request.kind.kind] if {
	_request.operation in {"CREATE", "UPDATE"}
	_subresource in {absent, null, "", "ephemeralcontainers", "resize"}
}

default _object := {}

_object := value if {
	value := field(_request, "object")
	not is_absent(value)
}

_holder := at(_object, _steps)

_path := _pointer(_steps)

_spec := field(_holder, "spec")

_has_pod if {
	_steps
	not _is_without_template
}

# Of the API's kinds this one alone may leave it out.
_is_without_template if {
	_request.kind.kind == "ReplicationController"
	is_absent(_holder)
}

# pod has path (JSON Pointer of the object with metadata and spec: "" for a Pod), spec, securityContext ({} when
# absent), containers and windows. Undefined for what has no pod, and for a malformed one.
pod := {
	"path": _path,
	"spec": _spec,
	"securityContext": _fields(_spec, "securityContext"),
	"containers": _containers,
	"windows": field(field(_spec, "os"), "name") == "windows",
} if {
	_has_pod
	count(problems) == 0
}

# Init containers, containers, ephemeral containers, in this order.
_containers := [container |
	some list in _lists
	some i, fields in field(_spec, list)
	container := {
		"name": _text(field(fields, "name")),
		"list": list,
		"path": concat("/", [_path, "spec", list, format_int(i, 10)]),
		"securityContext": _fields(fields, "securityContext"),
	}
]

_fields(value, name) := found if {
	found := field(value, name)
	is_object(found)
} else := {}

_text(value) := value if is_string(value)

_text(value) := "" if not is_string(value)

_pointer(steps) := concat("", [step |
	some name in steps
	some step in ["/", name]
])
