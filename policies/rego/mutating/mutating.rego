# The platform's changes as plain OPA admission has them: each stage a set of JSON Patch operations (RFC 6902).
package mutating

import data.kube_policies.exceptions
import data.kube_policies.rules
import data.kube_policies.stages

# Operations that are only recorded.
dryrun contains operation if some operation in _operations.dryrun

# Operations that are applied.
patch contains operation if some operation in _operations.patch

_operations[stage] contains operation if {
	some policy, stage in stages.mutating
	some changes in rules.changes[policy]
	some change in changes
	not exceptions.excused(policy, change)
	operation := object.remove(change, {"container"})
}
