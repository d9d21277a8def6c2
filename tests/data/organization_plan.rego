# What a plan of `openai-admin org plan --format json` must not do unseen: make an owner, remove many
# things, archive a project. Each entry of `deny` is a reason, in words.
package openai_admin.plan

import rego.v1

most_removed := 5

# A step says in `power` why it grants power; that it makes an owner stands there in words.
makes_owner(step) if {
	step.power != null
	regex.match(`\bowner\b`, step.power)
}

makes_owner(step) if {
	step.operation in {"users.update", "invites.create", "projects.users.create", "projects.users.update"}
	step.arguments.role == "owner"
}

makes_owner(step) if {
	step.operation == "invites.create"
	some granted in step.arguments.projects
	granted.role == "owner"
}

deny contains reason if {
	some step in input.steps
	makes_owner(step)
	reason := sprintf("%s of %s makes an owner", [step.operation, step.subject])
}

# One call may take several certificates.
weight(step) := count(step.arguments.certificate_ids) if step.arguments.certificate_ids

weight(step) := 1 if not step.arguments.certificate_ids

removed := sum([weight(step) | some step in input.steps; step.action == "remove"])

deny contains sprintf("%d things would be removed, of which %d may be", [removed, most_removed]) if removed > most_removed

deny contains reason if {
	some step in input.steps
	step.operation == "projects.archive"
	reason := sprintf("%s would be archived, which cannot be undone", [step.subject])
}
