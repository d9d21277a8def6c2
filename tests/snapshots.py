"""Everything that an organization has, by place and id, so that before and after can be compared.

`stored` is what an emulator keeps, to the last field; `listed` is what the official client is told,
which knows nothing of this package. Both leave out when a key was last used, since asking moves it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping
from typing import Any

import attrs
import openai

from openai_admin.emulator import Emulator
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.table import Record, Scoped, Table

Entry = tuple[str, ...]
"""Where something is: the kind, what it belongs to, its id."""
Snapshot = Mapping[Entry, Record]

_HISTORY = "audit_logs"
_MOVING = ("last_used_at", "api_key_last_used_at")
_MADE_BY = frozenset({"created_by", "created_by_user_obj"})


@attrs.frozen
class Changes:
    """What differs between two snapshots."""

    added: Snapshot
    removed: Snapshot
    changed: Mapping[Entry, tuple[Record, Record]]
    """What it was, and what it is."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """What came, what went, and what is not as it was."""
    return Changes(
        added={entry: after[entry] for entry in after if entry not in before},
        removed={entry: before[entry] for entry in before if entry not in after},
        changed={
            entry: (before[entry], after[entry])
            for entry in before
            if entry in after and before[entry] != after[entry]
        },
    )


def mentioning(snapshot: Snapshot, *texts: str) -> set[Entry]:
    """The entries in which one of these stands as a whole text, in any letter case.

    Who once made something is not counted: nobody holds what they have made.
    """
    wanted = {text.casefold() for text in texts}
    return {
        entry
        for entry, record in snapshot.items()
        if not wanted.isdisjoint(text.casefold() for text in (*entry, *_texts(record)))
    }


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _MADE_BY:
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _still(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in _MOVING}


def stored(emulator: Emulator) -> Snapshot:
    """All tables and settings of an emulator but the audit log, and the ids of accepted keys."""
    store = emulator.store
    for project in (None, *store.projects):
        Scope(store, project).roles  # noqa: B018 - the predefined ones stand there once asked for
    found: dict[Entry, Record] = {}
    for name, value in vars(store).items():
        if isinstance(value, Table) and name != _HISTORY:
            found.update({(name, record["id"]): _still(record) for record in value})
        elif isinstance(value, Scoped):
            for scope, table in value.items():
                place = scope if isinstance(scope, tuple) else (scope,)
                found.update({(name, *place, record["id"]): _still(record) for record in table})
    found.update({("settings", *name): value for name, value in store.settings.items()})
    found.update({("accepted key", id): {} for id in store.keys._by_id})
    return found


async def listed(client: openai.AsyncOpenAI) -> Snapshot:
    """All that the official client lists, of archived projects their own entry alone."""
    seen = _Listed()
    api = client.admin.organization
    await seen.add("roles", of=api.roles.list())
    await seen.add("invites", of=api.invites.list())
    await seen.add("admin_api_keys", of=api.admin_api_keys.list())
    await seen.add("certificates", of=api.certificates.list())
    await seen.add("spend_alerts", of=api.spend_alerts.list())
    for id in await seen.add("users", of=api.users.list()):
        await seen.add("user_roles", id, of=api.users.roles.list(id))
    for id in await seen.add("groups", of=api.groups.list()):
        await seen.add("group_users", id, of=api.groups.users.list(id))
        await seen.add("group_roles", id, of=api.groups.roles.list(id))
    for project in await seen.add("projects", of=api.projects.list(include_archived=True)):
        if seen.found["projects", project]["status"] != "archived":
            await _project(seen, client, project)
    return seen.found


async def settings(client: openai.AsyncOpenAI) -> Snapshot:
    """What `listed` leaves out: limits, retention, tools, models, tiers, keys and identities."""
    seen = _Listed()
    api = client.admin.organization
    await seen.set("spend_limit", to=api.spend_limit.retrieve())
    await seen.set("data_retention", to=api.data_retention.retrieve())
    await seen.add("external_keys", of=api.external_keys.list())
    providers = api.workload_identity_providers
    for provider in await seen.add("providers", of=providers.list()):
        await seen.add("rules", provider, of=providers.federation_rules.list(provider))
    async for project in api.projects.list():
        id = project.id
        await seen.set("project_spend_limit", id, to=api.projects.spend_limit.retrieve(id))
        await seen.set("project_data_retention", id, to=api.projects.data_retention.retrieve(id))
        await seen.set("project_tools", id, to=api.projects.hosted_tool_permissions.retrieve(id))
        await seen.set("project_models", id, to=api.projects.model_permissions.retrieve(id))
        await seen.set("project_tiers", id, to=api.projects.service_tier_settings.retrieve(id))
        await seen.add("project_rate_limits", id, of=api.projects.rate_limits.list_rate_limits(id))
        await seen.add("project_storage", id, of=api.external_storage.list(project_id=id))
    return seen.found


async def _project(seen: _Listed, client: openai.AsyncOpenAI, project: str) -> None:
    api = client.admin.organization.projects
    await seen.add("project_roles", project, of=api.roles.list(project))
    await seen.add("project_certificates", project, of=api.certificates.list(project))
    await seen.add("project_spend_alerts", project, of=api.spend_alerts.list(project))
    await seen.add("project_service_accounts", project, of=api.service_accounts.list(project))
    keys = api.api_keys.list(project, owner_project_access="any")
    await seen.add("project_api_keys", project, of=keys)
    for user in await seen.add("project_users", project, of=api.users.list(project)):
        roles = api.users.roles.list(user, project_id=project)
        await seen.add("project_user_roles", project, user, of=roles)
    for group in await seen.add("project_groups", project, of=api.groups.list(project)):
        given = api.groups.roles.list(group, project_id=project)
        await seen.add("project_group_roles", project, group, of=given)


class _Listed:
    def __init__(self) -> None:
        self.found: dict[Entry, Record] = {}

    async def set(self, *place: str, to: Awaitable[Any]) -> None:
        """Note what exists once, unless it is not set."""
        try:
            self.found[place] = (await to).to_dict(mode="json", use_api_names=True)
        except openai.NotFoundError:
            return

    async def add(self, *place: str, of: AsyncIterable[Any]) -> list[str]:
        """Note all items of a listing, and return their ids."""
        ids: list[str] = []
        async for item in of:
            record = item.to_dict(mode="json", use_api_names=True)
            id = record.get("id") or record["group_id"]
            self.found[*place, id] = _still(record)
            ids.append(id)
        return ids
