# Who is excused: data.allowlist is {environment: {policy: {namespace: {container: container}}}}, data.environment one
# of its environments. Container names are chosen by the pod's author: an exception prevents accidents only.
package kube_policies.exceptions

import data.kube_policies.pods

# excused says whether an exception covers what a policy reports: about a container by its name, about the pod as a
# whole only where every container is listed. "*" is any container.
excused(policy, _) if _listed(policy)["*"]

excused(policy, report) if _listed(policy)[report.container]

excused(policy, report) if {
	not "container" in object.keys(report)
	count(_lasting) > 0
	every container in _lasting {
		_listed(policy)[container.name]
	}
}

_listed(policy) := data.allowlist[data.environment][policy][_namespace]

default _namespace := ""

_namespace := input.request.namespace if is_string(input.request.namespace)

# Ephemeral containers do not count, or debugging an excused pod would be refused.
_lasting := [container |
	some container in pods.pod.containers
	container.list != "ephemeralContainers"
]
