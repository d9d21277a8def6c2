"""What an organization has lost, told from what the emulator keeps before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from openai_admin.emulator import Emulator
from openai_admin.emulator.role_holders import RoleHolder
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.table import Record
from tests.snapshots import Entry, Snapshot, changes

Owner = tuple[str, str | None]
"""Somebody's id, and the project that they own; ``None`` for the organization."""

_WRITE = {"organization": "api.management.write", "project": "api.project.write"}
_KINDS: Mapping[str, str] = {
    "users": "people",
    "groups": "groups",
    "group_users": "groups.members",
    "roles": "roles",
    "project_users": "projects.members",
    "project_groups": "projects.groups",
    "project_roles": "projects.roles",
    "project_service_accounts": "projects.service_accounts",
    "project_spend_alerts": "projects.spend_alerts",
    "certificates": "certificates",
    "workload_identity_providers": "identity_providers",
    "federation_rules": "identity_providers.rules",
    "external_keys": "external_keys",
    "external_storage": "projects.external_storage",
}
_WITH = ("group_users", "project_users", "project_groups")
"""What goes with a person or a group."""
_MOST = 0.3
_LEAST = 3


def owners(emulator: Emulator) -> set[Owner]:
    """Who owns the organization or a project, by whatever means."""
    store = emulator.store
    found: set[Owner] = set()
    active = [each for each in store.projects if each["status"] == "active"]
    for project in (None, *active):
        scope = Scope(store, project)
        own = {role["id"] for role in scope.roles if _owns(role, project)}
        for user in store.users:
            if not is_in(scope, user["id"]):
                continue
            holder = RoleHolder.user(scope, user["id"], also_through_groups=True)
            if own & holder.sources().keys():
                found.add((user["id"], None if project is None else project["id"]))
        if project is not None:
            for account in store.project_service_accounts[project["id"]]:
                if account["role"] == "owner":
                    found.add((account["id"], project["id"]))
    return found


def is_in(scope: Scope, user_id: str) -> bool:
    """Whether somebody is in a project, also through a group alone; all are in the organization."""
    store, project = scope.store, scope.project
    if project is None or user_id in store.project_users[project["id"]]:
        return True
    groups = store.project_groups[project["id"]]
    return any(group in groups for group in store.group_users.scopes_of(user_id))


def _owns(role: Record, project: Record | None) -> bool:
    kind = "organization" if project is None else "project"
    return (role["name"] == "owner" and role["predefined_role"]) or _WRITE[kind] in role[
        "permissions"
    ]


def exceeded(
    before: Snapshot, after: Snapshot, owned: set[Owner], owning: set[Owner]
) -> dict[str, str]:
    """The thresholds that were passed, by what ``--force`` takes, and why.

    What went with something else, as the memberships of a person, is not counted besides.
    """
    found: dict[str, str] = {}
    differing = changes(before, after)
    gone = {entry[-1] for entry in differing.removed}
    archived = {
        entry[-1]
        for entry, (_, now) in differing.changed.items()
        if entry[0] == "projects" and now["status"] == "archived"
    }
    if archived:
        found["projects"] = f"archived: {sorted(archived)}"
    lost = {each for each in owned - owning if each[1] not in archived}
    if lost:
        found["owners"] = f"no owners any more: {sorted(lost, key=str)}"
    removed = Counter(_kinds_of(differing.removed, gone | archived))
    total = Counter(_KINDS[entry[0]] for entry in before if entry[0] in _KINDS)
    for kind, number in removed.items():
        if number >= _LEAST and number > _MOST * total[kind]:
            found[kind] = f"{number} of {total[kind]} removed"
    return found


def _kinds_of(removed: Mapping[Entry, Record], gone: set[str]) -> Iterable[str]:
    """The kinds of what was removed by itself."""
    for entry, record in removed.items():
        kind = _KINDS.get(entry[0])
        of = {*entry[1:-1], record.get("project_id"), record.get("service_account_id")} - {None}
        is_with = entry[0] in _WITH and _is_gone(entry[-1], removed)
        if kind is not None and of.isdisjoint(gone) and not is_with:
            yield kind


def _is_gone(id: str, removed: Mapping[Entry, Record]) -> bool:
    """Whether a person or group is gone altogether."""
    return ("users", id) in removed or ("groups", id) in removed
