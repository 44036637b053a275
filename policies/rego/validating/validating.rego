# The platform's policies as plain OPA admission has them: each stage a set of messages.
package validating

import data.kube_policies.exceptions
import data.kube_policies.rules
import data.kube_policies.stages

# Violations that are only recorded.
monitor contains message if some message in _messages.monitor

# Violations that the caller is warned of.
warn contains message if some message in _messages.warn

# Violations that refuse the request.
deny contains message if some message in _messages.deny

_messages[stage] contains message if {
	some policy, stage in stages.validating
	some rule, findings in rules.findings[policy]
	some finding in findings
	not exceptions.excused(policy, finding)
	message := concat(": ", [rule, finding.message])
}
