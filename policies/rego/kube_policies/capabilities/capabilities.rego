# Containers drop the capabilities that _drop lists, and add none but those in _allowed_add.
# Fields: securityContext.capabilities.{drop,add} of every container (Capabilities, core/v1). Names compare exactly as
# the API server stores them: net_raw and CAP_NET_RAW are other names than NET_RAW. Dropping ALL drops every one. The
# API refuses capabilities for Windows pods, of which only what they add is judged.
package kube_policies.capabilities

import data.kube_policies.pods

remediation := concat("", [
	"Set securityContext.capabilities.drop: [ALL] on the container, and add back only what it needs and is allowed: ",
	"NET_BIND_SERVICE for ports below 1024.",
])

# In capitals, without CAP_.
_drop := {"ALL"}

_allowed_add := {"NET_BIND_SERVICE"}

ensure_dropped_capabilities contains finding if {
	some container in _well_formed
	kept := _kept(container)
	count(kept) > 0
	predicate := concat("", ["does not drop capabilities ", concat(" ", kept)])
	finding := pods.container_finding(container, predicate, "/securityContext/capabilities/drop")
}

deny_added_capabilities contains finding if {
	some container in _well_formed
	added := [name | some name in pods.capability_names(container, "add"); not name in _allowed_add]
	count(added) > 0
	predicate := concat("", ["adds capabilities ", _joined(added)])
	finding := pods.container_finding(container, predicate, "/securityContext/capabilities/add")
}

ensure_well_formed contains finding if some finding in pods.ensure_well_formed

ensure_well_formed contains pods.malformed(_problems[0])

set_dropped_capabilities contains pods.set_field(container, "/securityContext/capabilities/drop/-", name) if {
	count(_problems_of("drop")) == 0
	some container in pods.changeable
	some name in _kept(container)
}

# No containers where one of them is malformed: then that is what is reported.
_well_formed := [container |
	count(_problems) == 0
	some container in pods.pod.containers
]

_problems := [problem |
	some container in pods.pod.containers
	some field in _fields
	some problem in pods.capability_problems(container, field)
]

_problems_of(field) := [problem |
	some container in pods.pod.containers
	some problem in pods.capability_problems(container, field)
]

_fields := ["add"] if pods.pod.windows

_fields := ["drop", "add"] if not pods.pod.windows

# Which of the capabilities to drop are not dropped; ALL alone where it is one of them.
_kept(container) := _undropped({name | some name in pods.capability_names(container, "drop")}) if {
	not pods.pod.windows
} else := set()

_undropped(dropped) := set() if "ALL" in dropped

_undropped(dropped) := {"ALL"} if {
	not "ALL" in dropped
	"ALL" in _drop
}

_undropped(dropped) := _drop - dropped if {
	not "ALL" in dropped
	not "ALL" in _drop
}

# Each once, in the order of the manifest; what is no text as JSON.
_joined(names) := concat(" ", [text |
	some i, text in texts
	not text in array.slice(texts, 0, i)
]) if {
	texts := [_shown(name) | some name in names]
}

_shown(name) := name if is_string(name)

_shown(name) := json.marshal(name) if not is_string(name)
