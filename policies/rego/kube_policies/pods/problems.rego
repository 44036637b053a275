# What is wrong with the shape of a pod. A malformed object is a violation of every policy that reads it, never a pass.
package kube_policies.pods

# problems are in the order in which a reader meets them; the first is the one that is reported.
problems := joined([
	_problems_on_the_way,
	_problems_of_pod,
	_problems_of_containers,
	misfits(field(_spec, "os"), concat("", [_path, "/spec/os"]), "object"),
]) if {
	_has_pod
} else := _problems_on_the_way

ensure_well_formed contains malformed(problems[0])

# malformed is the finding for a problem.
malformed(problem) := {
	"message": concat("", [
		"Pod ", reference, " is malformed: ", _or(problem.path, "/"),
		": found ", problem.found, ", accepted ", problem.accepted, ".",
	]),
	"path": problem.path,
	"remediation": concat("", [
		"Give ", _or(problem.path, "the object"),
		" the shape that the API documents (kubectl explain).",
	]),
}

_or("", fallback) := fallback

_or(text, _) := text if text != ""

_problems_on_the_way := [problem |
	some i, _ in _steps
	steps := array.slice(_steps, 0, i)
	some problem in misfits(at(_object, steps), _pointer(steps), "object")
]

_problems_of_pod := joined([
	unlike(_holder, _path, "object"),
	unlike(_spec, concat("", [_path, "/spec"]), "object"),
	misfits(field(_holder, "metadata"), concat("", [_path, "/metadata"]), "object"),
	misfits(field(_spec, "securityContext"), concat("", [_path, "/spec/securityContext"]), "object"),
])

_problems_of_containers := [problem |
	some list in _lists
	path := concat("/", [_path, "spec", list])
	some problem in _problems_of_list(field(_spec, list), path)
]

_problems_of_list(value, path) := array.concat(misfits(value, path, "list"), [problem |
	is_array(value)
	some i, fields in value
	some problem in _problems_of_container(fields, concat("/", [path, format_int(i, 10)]))
])

_problems_of_container(fields, path) := joined([
	unlike(fields, path, "object"),
	misfits(field(fields, "name"), concat("", [path, "/name"]), "string"),
	misfits(field(fields, "securityContext"), concat("", [path, "/securityContext"]), "object"),
])
