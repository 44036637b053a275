# The capabilities that a container drops or adds.
package kube_policies.pods

# capability_names is the list under drop or add; empty where there is none.
capability_names(container, name) := names if {
	names := field(field(container.securityContext, "capabilities"), name)
	is_array(names)
} else := []

# capability_problems says what is wrong with the shape of that list.
capability_problems(container, name) := array.concat(
	misfits(capabilities, path, "object"),
	misfits(field(capabilities, name), concat("/", [path, name]), "list"),
) if {
	capabilities := field(container.securityContext, "capabilities")
	path := concat("", [container.path, "/securityContext/capabilities"])
}
