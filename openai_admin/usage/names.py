"""What the ids in a table are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from .._declare.operation import CallExecutor
from .._declare.resource import Async
from .._transport.tasks import Work, run_all
from ..resources.projects import Project, Projects
from ..resources.projects.api_keys import ProjectAPIKeys
from ..resources.users import Users
from .table import UsageTable

NAME_COLUMNS: Mapping[str, str] = {
    "project_id": "project_name",
    "user_id": "user_name",
    "api_key_id": "api_key_name",
}
"""The column of names that follows each column of ids."""


@attrs.frozen
class Names:
    """Names by id.

    Attributes:
        projects: of projects, archived ones too.
        users: of the organization's people; their e-mail address where they have no name.
        keys: of project API keys.
    """

    projects: Mapping[str, str] = attrs.field(factory=dict)
    users: Mapping[str, str] = attrs.field(factory=dict)
    keys: Mapping[str, str] = attrs.field(factory=dict)

    def of(self, column: str) -> Mapping[str, str]:
        """The names for a column of ids."""
        return {"project_id": self.projects, "user_id": self.users, "api_key_id": self.keys}[column]

    def beside(self, table: UsageTable) -> UsageTable:
        """The table with names beside its ids; `None` where an id is unknown."""
        added = {
            name: (ids, [self.of(ids).get(i) for i in table.columns[ids]])
            for ids, name in NAME_COLUMNS.items()
            if ids in table.columns
        }
        return table.with_columns(added)


async def names_of(caller: CallExecutor, table: UsageTable) -> Names:
    """The names of a table's ids: those that its rows came with, and listings for the others.

    A departed person or a deleted project is named in no listing, only in rows.
    """
    columns = [column for column in NAME_COLUMNS if column in table.columns]
    unnamed = [
        column
        for column in columns
        if not set(table.columns[column]) <= {None, *table.names.get(column, ())}
    ]
    listed = await _fetch(caller, unnamed)
    return Names(
        projects={**listed.projects, **table.names.get("project_id", {})},
        users={**listed.users, **table.names.get("user_id", {})},
        keys=listed.keys,
    )


async def _fetch(caller: CallExecutor, of: Sequence[str]) -> Names:
    """Fetch the names of some kinds of ids, each list once."""
    projects: list[Project] = []
    users: dict[str, str] = {}
    keys: dict[str, str] = {}

    async def people() -> None:
        async for user in Users[Async](caller).list(limit=100):
            users[user.id] = user.name or user.email or user.id

    async def keys_of(project_id: str) -> None:
        async for key in ProjectAPIKeys[Async](caller).list(project_id, limit=100):
            keys[key.id] = key.name or key.id

    async def places() -> None:
        listed = Projects[Async](caller).list(limit=100, include_archived=True)
        projects.extend([project async for project in listed])
        if "api_key_id" in of:
            # An archived project's keys cannot be listed.
            active = [project.id for project in projects if project.status != "archived"]
            await run_all([partial(keys_of, project_id) for project_id in active])

    wanted: list[Work] = []
    if "project_id" in of or "api_key_id" in of:
        wanted.append(places)
    if "user_id" in of:
        wanted.append(people)
    await run_all(wanted)
    return Names({p.id: p.name or p.id for p in projects}, users, keys)
