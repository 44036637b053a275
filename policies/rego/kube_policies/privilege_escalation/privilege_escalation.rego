# Processes do not gain more privileges than their parent, by setuid binaries for example (no_new_privs).
# Field: securityContext.allowPrivilegeEscalation of every container (SecurityContext, core/v1). Allowed: false. The API
# refuses it for Windows pods, which are left alone.
# The mutation leaves alone what always escalates: the API server refuses false beside privileged: true and beside an
# added CAP_SYS_ADMIN (ValidateSecurityContext, pkg/apis/core/validation). SYS_ADMIN, the name that runtimes
# understand, is meant by that too, though not refused yet (kubernetes issue 119568).
package kube_policies.privilege_escalation

import data.kube_policies.pods

remediation := concat("", [
	"Set securityContext.allowPrivilegeEscalation: false on the container. ",
	"One that is privileged or adds SYS_ADMIN always escalates: remove those first.",
])

_field := "/securityContext/allowPrivilegeEscalation"

ensure_no_privilege_escalation contains pods.container_finding(container, "allows privilege escalation", _field) if {
	some container in _escalating
}

set_no_privilege_escalation contains pods.set_field(container, _field, false) if {
	count(_problems) == 0
	some container in _escalating
	container in pods.changeable
	not _always_escalates(container)
}

_escalating := [container |
	not pods.pod.windows
	some container in pods.pod.containers
	pods.field(container.securityContext, "allowPrivilegeEscalation") != false
]

_problems := [problem |
	some container in _escalating
	some problem in pods.capability_problems(container, "add")
]

_always_escalates(container) if pods.is_enabled(pods.field(container.securityContext, "privileged"))

_always_escalates(container) if {
	some name in pods.capability_names(container, "add")
	name in {"CAP_SYS_ADMIN", "SYS_ADMIN"}
}
