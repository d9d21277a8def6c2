package openai_admin.plan

import rego.v1

most_removed := 5

# What was not read may make an owner, too.
makes_owner(step) if {
	some grant in step.grants
	grant in {"organization_owner", "project_owner", "unknown"}
}

# One call may take several certificates.
weight(step) := count(step.arguments.certificate_ids) if step.arguments.certificate_ids

weight(step) := 1 if not step.arguments.certificate_ids

removed := sum([weight(step) | some step in input.steps; step.action == "remove"])

deny contains reason if {
	some step in input.steps
	makes_owner(step)
	reason := sprintf("%s of %s makes an owner", [step.operation, step.subject])
}

deny contains reason if {
	removed > most_removed
	reason := sprintf("%d things would be removed, of which %d may be", [removed, most_removed])
}

deny contains reason if {
	some step in input.steps
	step.operation == "projects.archive"
	reason := sprintf("%s would be archived, which cannot be undone", [step.subject])
}
