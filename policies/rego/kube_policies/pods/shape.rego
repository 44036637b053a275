# What Kubernetes reads null as, and how to read what may have another shape than it should.
package kube_policies.pods

# Of a field that is not there; no JSON value equals it.
absent := set()

# field is absent also where the value is no object.
field(value, name) := object.get(value, name, absent) if is_object(value)

field(value, _) := absent if not is_object(value)

# at follows the names in steps; it is absent also where something on the way is no object.
at(value, []) := value

at(value, steps) := object.get(value, steps, absent) if {
	count(steps) > 0
	is_object(value)
}

at(value, steps) := absent if {
	count(steps) > 0
	not is_object(value)
}

# Kubernetes reads null as if the field were not there.
is_absent(value) if value in {absent, null}

# is_enabled holds for everything but an absent or zero value: a text where a boolean belongs still counts.
is_enabled(value) if not value in {absent, null, false, 0, ""}

# misfits holds the problem with a value of another type than the accepted one (object, list or string), if it has one.
# An absent value has none.
misfits(value, path, accepted) := [problem |
	not is_absent(value)
	some problem in unlike(value, path, accepted)
]

# unlike is misfits where an absent value is a problem as well.
unlike(value, path, accepted) := [{"path": path, "found": found, "accepted": accepted} |
	found := _type_names[type_name(value)]
	found != accepted
]

_type_names := {
	"array": "list",
	"boolean": "boolean",
	"null": "null",
	"number": "number",
	"object": "object",
	"set": "undefined",
	"string": "string",
}

# joined is one list of all the members of lists.
joined(lists) := [member |
	some list in lists
	some member in list
]
