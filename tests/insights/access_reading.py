"""What an emulator has that decides who can do what, to see that all of it was read."""

from __future__ import annotations

from openai_admin.emulator.store import Store
from openai_admin.insights.access.facts import Facts

Item = tuple[str | None, ...]


def held(store: Store) -> set[Item]:
    """People, memberships, groups, given roles, service accounts and keys of active projects.

    Of the roles that were given to people those are left out that OpenAI has defined: by the API
    they are the membership's own.
    """
    active = {project["id"] for project in store.projects if project["status"] == "active"}
    found: set[Item] = {("person", user["id"], user["role"]) for user in store.users}
    found |= {("project", id) for id in active}
    for table, kind in ((store.user_roles, "user"), (store.group_roles, "group")):
        for id, roles in table.items():
            found |= {("given", kind, id, None, role["id"]) for role in roles}
    for table, kind in ((store.project_user_roles, "user"), (store.project_group_roles, "group")):
        for (place, id), roles in table.items():
            found |= {("given", kind, id, place, role["id"]) for role in roles if place in active}
    found = {
        item for item in found if not (item[:2] == ("given", "user") and _is_openais(item[-1]))
    }
    for group, users in store.group_users.items():
        found |= {("in group", group, user["id"]) for user in users}
    for id in active:
        found |= {("member", id, user["id"], user["role"]) for user in store.project_users[id]}
        accounts = store.project_service_accounts[id]
        found |= {("account", id, account["id"], account["role"]) for account in accounts}
        for key in store.project_api_keys[id]:
            owner = key["owner"][key["owner"]["type"]]
            found.add(("key", id, key["id"], owner["id"]))
    of_projects = {key["id"] for keys in store.project_api_keys.values() for key in keys}
    for key in store.admin_api_keys:
        if key["id"] not in of_projects:
            found.add(("admin key", key["id"], key["owner"]["id"]))
    return found


def _is_openais(role_id: str | None) -> bool:
    return role_id is not None and role_id.startswith("role-api-")


def read(facts: Facts) -> set[Item]:
    """The same, as it was read."""
    found: set[Item] = {("person", person.id, person.role) for person in facts.people}
    found |= {("project", project.id) for project in facts.projects}
    found |= {
        ("given", given.principal_type, given.principal_id, given.project_id, given.role_id)
        for given in facts.assignments
    }
    found |= {("in group", group.id, id) for group in facts.groups for id in group.member_ids or ()}
    found |= {("member", one.project_id, one.user_id, one.role) for one in facts.members}
    found |= {("account", one.project_id, one.id, one.role) for one in facts.service_accounts}
    found |= {("key", key.project_id, key.id, key.owner_id) for key in facts.keys}
    return found | {("admin key", key.id, key.owner_id) for key in facts.admin_keys}
