# Who can do what, from the facts that `Access.to_dict` writes, by the numbered rules of
# `openai_admin/insights/access/rules.py`. It was written from their text alone, and so can be
# compared with the evaluation in Python.
#
# `grants` has entries [kind, id, permission, place, path], `unknown` [kind, id, place, reason,
# path]; a path is a list of steps [kind, id, place], and a place a project's id, or null for the
# organization and every project. Entries may come more than once.
package access

import rego.v1

organization_owner := "role-api-organization-owner"

# Rule 2.

archived := {p.id | some p in input.projects; p.status == "archived"}

projects := [p.id | some p in input.projects; not p.id in archived]

# Rule 4.

blocked_people := {p.id | some p in input.people; blocked(p)}

blocked(person) if person.banned == true

blocked(person) if person.enabled == false

# Rule 5: what a membership's role stands for, and 8: what a role grants.

wanted_id(place, name) := concat("-", ["role-api-organization", lower(name)]) if place == null

wanted_id(place, name) := concat("-", ["role-api-project", lower(name)]) if place != null

stands_for(role, place, name) if lower(role.name) == lower(name)

stands_for(role, place, name) if role.id == wanted_id(place, name)

predefined(place, name) := sort([r.id | some r in input.roles
	r.is_predefined == true
	r.project_id == place
	stands_for(r, place, name)])

listed(place, id) := [r.permissions | some r in input.roles
	r.id == id
	r.project_id == place
	r.permissions != null]

granted(place, id, stated) := found[0] if {
	found := listed(place, id)
	count(found) > 0
}

granted(place, id, stated) := stated if count(listed(place, id)) == 0

# Memberships: [user, place, role]; those of service accounts likewise.

memberships := array.concat(
	[[p.id, null, p.role] | some p in input.people
		counts(p)],
	[[m.user_id, m.project_id, m.role] | some m in input.members
		not m.project_id in archived],
)

counts(person) if person.role != null

counts(person) if person.is_member != false

accounts := [[a.id, a.project_id, a.role] | some a in input.service_accounts
	not a.project_id in archived]

# What is held: [who, place of the role, its id, what it grants or null, path to it].

of_memberships(found) := [[m[0], m[1], id, granted(m[1], id, null), [["membership", m[2], m[1]], ["role", id, m[1]]]] | some m in found
	m[2] != null
	lower(m[2]) != "none"
	id := predefined(m[1], m[2])[0]]

unnamed(found) := [[m[0], m[1], "unnamed", []] | some m in found
	m[2] == null]

undefined_role(found) := [[m[0], m[1], "undefined", [["membership", m[2], m[1]]]] | some m in found
	m[2] != null
	lower(m[2]) != "none"
	count(predefined(m[1], m[2])) == 0]

# Rules 6 and 7.

assignments := [a | some a in input.assignments
	not a.project_id in archived]

of_user(a) := [[a.principal_id, a.project_id, a.role_id, granted(a.project_id, a.role_id, a.permissions), [["role", a.role_id, a.project_id]]]] if count(a.sources) == 0

of_user(a) := [[a.principal_id, a.project_id, a.role_id, granted(a.project_id, a.role_id, a.permissions), [[s.type, s.id, null], ["role", a.role_id, a.project_id]]] | some s in a.sources] if count(a.sources) > 0

of_users := [h | some a in assignments
	a.principal_type == "user"
	some h in of_user(a)]

of_groups := [[user, a.project_id, a.role_id, granted(a.project_id, a.role_id, a.permissions), [["group", g.id, null], ["role", a.role_id, a.project_id]]] | some a in assignments
	a.principal_type == "group"
	some g in input.groups
	g.id == a.principal_id
	g.member_ids != null
	some user in g.member_ids]

held := array.concat(of_memberships(memberships), array.concat(of_users, of_groups))

# Rule 9.

owner_roles := {organization_owner} | {id | id := predefined(null, "owner")[0]}

owners := [[h[0], h[4]] | some h in held
	h[1] == null
	h[2] in owner_roles]

project_owner[project] := id if {
	some project in projects
	id := predefined(project, "owner")[0]
}

of_owners := [[o[0], project, id, granted(project, id, null), array.concat(o[1], [["role", id, project]])] | some o in owners
	some project in projects
	id := project_owner[project]]

without_owner_role := [[o[0], project, "undefined", o[1]] | some o in owners
	some project in projects
	not project_owner[project]]

# What people and service accounts have: [who, place, permission, path], and what is not known of
# them: [who, place, reason, path].

unblocked(found) := [f | some f in found; not f[0] in blocked_people]

allowed(found) := [[h[0], h[1], permission, h[4]] | some h in found
	h[3] != null
	some permission in h[3]]

unsaid(found) := [[h[0], h[1], "permissions", h[4]] | some h in found
	h[3] == null]

all_held := unblocked(array.concat(held, of_owners))

people_can := allowed(all_held)

people_unknown := array.concat(
	unsaid(all_held),
	unblocked(array.concat(
		without_owner_role,
		array.concat(unnamed(memberships), undefined_role(memberships)),
	)),
)

accounts_held := of_memberships(accounts)

accounts_can := allowed(accounts_held)

accounts_unknown := array.concat(unsaid(accounts_held), array.concat(unnamed(accounts), undefined_role(accounts)))

# Rules 11 to 15.

ended(key) if {
	key.expires_at != null
	trim_suffix(key.expires_at, "Z") <= trim_suffix(input.taken_at, "Z")
}

keys := [k | some k in input.keys
	not k.project_id in archived
	not ended(k)]

admin_keys := [k | some k in input.admin_keys; not ended(k)]

known_people := {p.id | some p in input.people} | {m[0] | some m in memberships} | {h[0] | some h in held}

lost(user) := "blocked" if user in blocked_people

lost(user) := "absent" if not user in known_people

owned(key) if {
	key.owner_type in {"user", "service_account"}
	key.owner_id != null
}

present(key) if {
	some a in accounts
	a[0] == key.owner_id
	a[1] == key.project_id
}

of_people := [k | some k in keys
	owned(k)
	k.owner_type == "user"]

of_accounts := [k | some k in keys
	owned(k)
	k.owner_type == "service_account"]

keys_can := array.concat(
	[["api_key", k.id, c[2], k.project_id, array.concat([["user", k.owner_id, null]], c[3])] | some k in of_people
		not lost(k.owner_id)
		some c in people_can
		c[0] == k.owner_id
		c[1] in {null, k.project_id}],
	[["api_key", k.id, c[2], k.project_id, array.concat([["service_account", k.owner_id, null]], c[3])] | some k in of_accounts
		some c in accounts_can
		c[0] == k.owner_id
		c[1] == k.project_id],
)

in_force(key) if {
	key.owner_type == "user"
	not lost(key.owner_id)
}

in_force(key) if {
	key.owner_type == "service_account"
	present(key)
}

of_leavers := [["api_key", k.id, k.project_id, "left", [[k.owner_type, k.owner_id, null]]] | some k in keys
	owned(k)
	in_force(k)
	lower(k.owner_access) == "inactive"]

keys_unknown := array.concat(
	array.concat(of_leavers, [["api_key", k.id, k.project_id, "unowned", []] | some k in keys
		not owned(k)]),
	array.concat(
		array.concat(
			[["api_key", k.id, k.project_id, lost(k.owner_id), [["user", k.owner_id, null]]] | some k in of_people
				lost(k.owner_id)],
			[["api_key", k.id, k.project_id, "absent", [["service_account", k.owner_id, null]]] | some k in of_accounts
				not present(k)],
		),
		array.concat(
			[["api_key", k.id, k.project_id, u[2], array.concat([["user", k.owner_id, null]], u[3])] | some k in of_people
				not lost(k.owner_id)
				some u in people_unknown
				u[0] == k.owner_id
				u[1] in {null, k.project_id}],
			[["api_key", k.id, k.project_id, u[2], array.concat([["service_account", k.owner_id, null]], u[3])] | some k in of_accounts
				some u in accounts_unknown
				u[0] == k.owner_id
				u[1] == k.project_id],
		),
	),
)

known_admin_keys := [k | some k in admin_keys
	k.is_admin_key != null
	k.owner_id != null]

admin_keys_can := [["admin_api_key", k.id, c[2], c[1], array.concat([["user", k.owner_id, null]], c[3])] | some k in known_admin_keys
	not lost(k.owner_id)
	some c in people_can
	c[0] == k.owner_id]

admin_keys_unknown := array.concat(
	array.concat(
		[["admin_api_key", k.id, null, "kind", []] | some k in admin_keys
			k.is_admin_key == null],
		[["admin_api_key", k.id, null, "unowned", []] | some k in admin_keys
			k.is_admin_key != null
			k.owner_id == null],
	),
	array.concat(
		[["admin_api_key", k.id, null, lost(k.owner_id), [["user", k.owner_id, null]]] | some k in known_admin_keys
			lost(k.owner_id)],
		[["admin_api_key", k.id, u[1], u[2], array.concat([["user", k.owner_id, null]], u[3])] | some k in known_admin_keys
			not lost(k.owner_id)
			some u in people_unknown
			u[0] == k.owner_id],
	),
)

# The answers.

grants := array.concat(
	array.concat(
		[["user", c[0], c[2], c[1], c[3]] | some c in people_can],
		[["service_account", c[0], c[2], c[1], c[3]] | some c in accounts_can],
	),
	array.concat(keys_can, admin_keys_can),
)

unknown := array.concat(
	array.concat(
		[["user", u[0], u[1], u[2], u[3]] | some u in people_unknown],
		[["service_account", u[0], u[1], u[2], u[3]] | some u in accounts_unknown],
	),
	array.concat(keys_unknown, admin_keys_unknown),
)

# Asking: which of the permissions that somebody has, and of `input.held`, answer a question for one
# of them or of `input.asked`.

pattern(text) := concat("", ["^", replace(replace(text, ".", "[.]"), "*", ".*"), "$"])

covers(mine, asked) if mine == asked

covers(mine, asked) if regex.match(pattern(mine), asked)

covers(mine, asked) if regex.match(pattern(asked), mine)

had := {g[2] | some g in grants} | {permission | some permission in input.held}

questions := had | {permission | some permission in input.asked}

answering := [[mine, asked] | some mine in had
	some asked in questions
	covers(mine, asked)]

# Owners: of the organization, or of a project, by a predefined role of that name or by a role that
# grants as much, whoever gives it: [kind, id, place, path]. What owners of the organization have in
# each project is theirs by the organization, and is left out.

owning_permissions(place) := {"api.management.write"} if place == null

owning_permissions(place) := {"api.management.write", "api.project.write"} if place != null

is_enough(permission, place) if {
	some wanted in owning_permissions(place)
	covers(permission, wanted)
}

owner_steps := {["role", r.id, r.project_id] | some r in input.roles
	r.is_predefined == true
	stands_for(r, r.project_id, "owner")}

makes_owner(permission, place, path) if is_enough(permission, place)

makes_owner(permission, place, path) if path[count(path) - 1] in owner_steps

by_organization(path) if path[count(path) - 2][0] == "role"

holding_ownership := [[g[0], g[1], g[3], g[4]] | some g in grants
	not by_organization(g[4])
	makes_owner(g[2], g[3], g[4])]
