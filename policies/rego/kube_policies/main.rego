# The platform's policies for kube-policies, which stages them by its config: a config-staged bundle.
package kube_policies

import data.kube_policies.rules

# What is wrong with a request's object, as {policy, rule, message, container?, path, remediation}.
violations contains violation if {
	some policy, found in rules.findings
	some rule, findings in found
	some finding in findings
	named := {"policy": policy, "rule": rule, "remediation": rules.remediations[policy]}
	violation := object.union(named, finding)
}

# What to change in a pod, as {policy, rule, op, path, value?, container?}.
patches contains patch if {
	some policy, found in rules.changes
	some rule, changes in found
	some change in changes
	patch := object.union({"policy": policy, "rule": rule}, change)
}
