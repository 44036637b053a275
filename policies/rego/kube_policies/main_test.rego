package kube_policies_test

import data.kube_policies
import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.rules
import data.kube_policies.stages

test_a_bad_pod_violates_every_policy if {
	spec := object.union(fixtures.app({}), {"hostIPC": true, "hostNetwork": true, "hostPID": true})
	violations := kube_policies.violations with input as fixtures.created(spec)
	{violation.policy | some violation in violations} == object.keys(rules.findings)
	every violation in violations {
		violation.remediation == rules.remediations[violation.policy]
	}
	patches := kube_policies.patches with input as fixtures.created(spec)
	{patch.policy | some patch in patches} == object.keys(rules.changes)
	{patch.rule | some patch in patches} == {rule | some found in rules.changes; some rule, _ in found}
}

test_a_malformed_pod_violates_every_policy if {
	violations := kube_policies.violations with input as fixtures.created({"containers": {}})
	{violation.policy | some violation in violations} == object.keys(rules.findings)
	{violation.rule | some violation in violations} == {"ensure_well_formed"}
	patches := kube_policies.patches with input as fixtures.created({"containers": {}})
	patches == set()
}

test_a_good_pod_passes if {
	spec := fixtures.app({
		"allowPrivilegeEscalation": false,
		"capabilities": {"drop": ["ALL"]},
		"readOnlyRootFilesystem": true,
		"runAsNonRoot": true,
	})
	violations := kube_policies.violations with input as fixtures.created(spec)
	violations == set()
	patches := kube_policies.patches with input as fixtures.created(spec)
	patches == set()
}

test_every_policy_has_a_remediation if {
	object.keys(rules.remediations) == object.keys(rules.findings)
}

test_every_stage_is_one_and_of_a_policy if {
	every policy, stage in stages.validating {
		rules.findings[policy]
		stage in {"monitor", "warn", "deny"}
	}
	every policy, stage in stages.mutating {
		rules.changes[policy]
		stage in {"dryrun", "patch"}
	}
}
