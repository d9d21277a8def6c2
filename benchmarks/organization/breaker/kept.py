"""What is protected as the emulator keeps it: itself, what it has, and who has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from openai_admin.emulator import Emulator
from openai_admin.emulator.role_holders import RoleHolder
from openai_admin.emulator.roles import Scope
from tests.snapshots import Snapshot, changes

from .judge import is_in

Fact = tuple[str, ...]
"""What is so: who has which role in which place and by which groups, or who is in what."""


def touched(
    before: Snapshot, after: Snapshot, had: set[Fact], has: set[Fact], kept: Mapping[str, str]
) -> Iterable[str]:
    """What is another than it was of what is protected.

    Args:
        before: what there was.
        after: what there is.
        had: the facts of then.
        has: the facts of now.
        kept: the ids of what is protected, by kind.
    """
    differing = changes(before, after)
    ids = {*kept.values()}
    for entry in {*differing.added, *differing.removed, *differing.changed}:
        if not ids.isdisjoint(entry):
            yield f"{entry}"
    for fact in had ^ has:
        if not ids.isdisjoint(fact):
            yield f"{fact}"


def facts(emulator: Emulator) -> set[Fact]:
    """Who has which role and where, also through groups, and who has access to which project."""
    store = emulator.store
    found: set[Fact] = set()
    for project in (None, *(each for each in store.projects if each["status"] == "active")):
        scope = Scope(store, project)
        permits = {role["id"]: ",".join(sorted(role["permissions"])) for role in scope.roles}
        place = "organization" if project is None else project["id"]
        for kind, id in _those_in(scope):
            found.add(("in", place, id))
            holder = (
                RoleHolder.group(scope, id)
                if kind == "group"
                else RoleHolder.user(scope, id, also_through_groups=True)
            )
            for role, groups in holder.sources().items():
                found.add(("has", place, id, role, permits[role], *sorted(groups)))
    for group in store.groups:
        found |= {("in", group["id"], user["id"]) for user in store.group_users[group["id"]]}
    return found


def _those_in(scope: Scope) -> Iterator[tuple[str, str]]:
    """The people and groups that are in a project, or in the organization."""
    store, project = scope.store, scope.project
    yield from (("user", user["id"]) for user in store.users if is_in(scope, user["id"]))
    groups = store.groups if project is None else store.project_groups[project["id"]]
    yield from (("group", group["id"]) for group in groups)
