"""Groups of the demo organization, its roles, and who has them."""

from __future__ import annotations

from collections.abc import Sequence

from ..metering.shape import DAY
from ..roles import Scope
from ..store import Store
from ..table import Record
from .people import People
from .projects import PlannedProject

# Name, age in days, whether the identity provider manages it, and its first and last member.
GROUPS = (
    ("Platform Engineering", 390, False, 3, 11),
    ("Data Science", 300, False, 10, 18),
    ("Finance", 240, False, 30, 33),
    ("All Staff", 200, True, 0, 40),
)


def add_groups(store: Store, projects: Sequence[PlannedProject], people: People) -> None:
    """Fill the tables of groups and roles, and give some of these to users and groups."""
    engineering, science, finance, _ = [
        add_group(store, name, age, managed, people.members[first:last])
        for name, age, managed, first, last in GROUPS
    ]
    organization = Scope(store)
    auditor = _role(
        organization,
        people,
        "Auditor",
        "Reads the audit log and nothing else.",
        ["api.audit_logs.read"],
    )
    analyst = _role(
        organization, people, "Cost analyst", "Reads usage and costs.", ["api.usage.read"]
    )
    organization.group_table(finance["id"]).add({"id": analyst["id"]})
    organization.user_table(people.members[12]["id"]).add({"id": auditor["id"]})

    by_name = {project.record["name"]: project for project in projects}
    for name, group in (("Developer Copilot", engineering), ("Data Platform", science)):
        project = by_name[name]
        scope = Scope(store, project.record)
        role = _role(
            scope, people, "Prompt editor", "Changes prompts, but no keys.", ["api.prompts.write"]
        )
        store.project_groups[project.id].add(
            {"id": group["id"], "created_at": group["created_at"] + 2 * DAY}
        )
        scope.group_table(group["id"]).add({"id": role["id"]})
        scope.user_table(project.members[-1]["id"]).add({"id": role["id"]})


def add_group(
    store: Store, name: str, age: int, managed: bool, members: Sequence[Record]
) -> Record:
    """Add a group that was created `age` days ago, with its members."""
    group = store.groups.add(
        {
            "id": store.new_id("group"),
            "name": name,
            "created_at": store.now() - age * DAY,
            "group_type": "group",
            "is_scim_managed": managed,
        }
    )
    for user in members:
        store.group_users[group["id"]].add({"id": user["id"]})
    return group


def _role(
    scope: Scope, people: People, name: str, description: str, permissions: list[str]
) -> Record:
    return scope.define(
        name,
        permissions,
        description,
        creator=people.owners[0],
        created_at=scope.store.now() - 180 * DAY,
    )
