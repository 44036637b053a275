package kube_policies.readonly_root_fs_test

import data.kube_policies.fixtures_test as fixtures
import data.kube_policies.readonly_root_fs

_path := "/spec/containers/0/securityContext/readOnlyRootFilesystem"

test_all_but_true_is_denied_and_set if {
	every context in [{}, null, {"readOnlyRootFilesystem": false}, {"readOnlyRootFilesystem": "true"}] {
		pod := fixtures.created(fixtures.app(context))
		found := readonly_root_fs.ensure_readonly_root_fs with input as pod
		found == {{
			"container": "app",
			"message": "Resource Pod/payments/web (container=app) does not have a read-only root filesystem.",
			"path": _path,
		}}
		changes := readonly_root_fs.set_readonly_root_fs with input as pod
		changes == {{"container": "app", "op": "add", "path": _path, "value": true}}
	}
}

test_read_only_passes if {
	pod := fixtures.created(fixtures.app({"readOnlyRootFilesystem": true}))
	_is_silent with input as pod
}

test_a_windows_pod_is_left_alone if {
	pod := fixtures.created(object.union(fixtures.app({}), {"os": {"name": "windows"}}))
	_is_silent with input as pod
}

test_a_running_pod_is_judged_but_not_changed if {
	update := fixtures.with_request(fixtures.created(fixtures.app({})), {"operation": "UPDATE"})
	found := readonly_root_fs.ensure_readonly_root_fs with input as update
	count(found) == 1
	changes := readonly_root_fs.set_readonly_root_fs with input as update
	changes == set()
}

_is_silent if {
	readonly_root_fs.ensure_readonly_root_fs == set()
	readonly_root_fs.set_readonly_root_fs == set()
}
