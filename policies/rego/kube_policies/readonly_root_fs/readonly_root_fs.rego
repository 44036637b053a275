# Containers cannot write to their root filesystem, so that what was scanned is what runs.
# Field: securityContext.readOnlyRootFilesystem (container SecurityContext, core/v1). The API refuses it for Windows
# pods, which are left alone.
package kube_policies.readonly_root_fs

import data.kube_policies.pods

remediation := concat("", [
	"Set securityContext.readOnlyRootFilesystem: true on the container, ",
	"and mount an emptyDir where it writes.",
])

_field := "/securityContext/readOnlyRootFilesystem"

ensure_readonly_root_fs contains finding if {
	some container in _writable
	finding := pods.container_finding(container, "does not have a read-only root filesystem", _field)
}

set_readonly_root_fs contains pods.set_field(container, _field, true) if {
	some container in _writable
	container in pods.changeable
}

_writable := [container |
	not pods.pod.windows
	some container in pods.pod.containers
	pods.field(container.securityContext, "readOnlyRootFilesystem") != true
]
