# What a plain OPA admission webhook needs around the same policies: the answer to an AdmissionReview.
package system

validating := review({
	"uid": input.request.uid,
	"allowed": count(data.validating.deny) == 0,
	"status": {"message": concat(", ", data.validating.deny)},
	"warnings": [message | some message in data.validating.warn],
	"auditAnnotations": {
		"denied": concat(", ", data.validating.deny),
		"warned": concat(", ", data.validating.warn),
		"monitored": concat(", ", data.validating.monitor),
	},
})

mutating := review({
	"uid": input.request.uid,
	"allowed": true,
	"patchType": "JSONPatch",
	"patch": base64.encode(json.marshal(data.mutating.patch)),
	"auditAnnotations": {"dryrun": json.marshal(data.mutating.dryrun)},
})

review(response) := {"apiVersion": input.apiVersion, "kind": "AdmissionReview", "response": response}
