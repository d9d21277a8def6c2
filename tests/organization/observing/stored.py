"""What an observed state says, as the items of what an emulator has (`access_reading.held`)."""

from __future__ import annotations

from collections.abc import Iterable

from openai_admin.organization.state import State
from tests.insights.access_reading import Item

OBSERVED = ("person", "project", "given", "in group", "member", "account")
"""The kinds of items that a file is about."""


def observed(state: State) -> set[Item]:
    """People, memberships, groups, given roles and service accounts by their ids."""
    document, found = state.document, set[Item]()
    people = {label: person.id for label, person in (document.people or {}).items() if person.id}
    groups = {label: group.id for label, group in (document.groups or {}).items()}
    for label, person in (document.people or {}).items():
        if label in people:
            found.add(("person", people[label], person.role))
            found |= _given(state, "user", people[label], None, person.roles)
    for label, group in (document.groups or {}).items():
        found |= {("in group", group.id, people[member]) for member in group.members or ()}
        found |= _given(state, "group", groups[label], None, group.roles)
    for project in (document.projects or {}).values():
        found.add(("project", project.id))
        for label, member in (project.members or {}).items():
            if label in people:
                found.add(("member", project.id, people[label], member.role))
                found |= _given(state, "user", people[label], project.id, member.roles)
        for label, access in (project.groups or {}).items():
            found |= _given(state, "group", groups[label], project.id, access.roles)
        for account in (project.service_accounts or {}).values():
            found.add(("account", project.id, account.id, account.role or "none"))
    return found


def through_groups(state: State) -> set[Item]:
    """The roles that people have through groups."""
    return {
        item
        for (place, id), roles in state.inherited.items()
        for item in _given(state, "user", id, place, roles)
    }


def _given(
    state: State, kind: str, id: str | None, place: str | None, roles: Iterable[str] | None
) -> set[Item]:
    ids = {state.role_ids[place, name] for name in roles or ()}
    return {
        ("given", kind, id, place, role)
        for role in ids
        if kind == "group" or not role.startswith("role-api-")
    }
