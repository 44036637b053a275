package mutating_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.stages
import data.mutating

_pod := fixtures.created(fixtures.app({}))

_operation := {"op": "add", "path": "/spec/containers/0/securityContext/readOnlyRootFilesystem", "value": true}

_excusing := {"prod": {"readonly_root_fs": {"payments": {"app": "app"}}}}

test_a_policy_changes_at_its_stage_alone if {
	every stage in ["dryrun", "patch"] {
		found := _found with input as _pod with stages.mutating as {"readonly_root_fs": stage}
		found == {at: operations |
			some at in ["dryrun", "patch"]
			operations := {_operation | at == stage}
		}
	}
}

test_what_is_excused_is_not_changed if {
	_operation in mutating.dryrun with input as _pod
	found := mutating.dryrun with input as _pod
		with data.allowlist as _excusing
		with data.environment as "prod"
	found == set()
}

test_a_removal_has_no_value if {
	spec := object.union(fixtures.app({"runAsNonRoot": true}), {"securityContext": {"runAsNonRoot": false}})
	removal := {"op": "remove", "path": "/spec/securityContext/runAsNonRoot"}
	removal in mutating.patch with input as fixtures.created(spec)
}

_found := {"dryrun": mutating.dryrun, "patch": mutating.patch}
