"""What the ids in a table are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .._declare.operation import CallExecutor
from .._transport.aside import to_end
from ..directory.lookup import NameLookup, Wanted
from .columns import mapped
from .table import UsageTable

NAME_COLUMNS: Mapping[str, str] = {
    "project_id": "project_name",
    "user_id": "user_name",
    "api_key_id": "api_key_name",
}
"""The column of names that follows each column of ids."""


async def named(caller: CallExecutor, table: UsageTable) -> UsageTable:
    """A table with names beside its ids: those that its rows came with, else those of listings.

    `None` stands where an id has no name; the table's `unnamed` says which listings could not be
    read that may have it.
    """
    names, wanted = await to_end(names_and_ids_in, table)
    lookup = NameLookup(caller, names)
    await lookup.find(wanted)
    with_names = await to_end(
        with_columns_of_names, table, dict.fromkeys(NAME_COLUMNS, lookup.names)
    )
    with_names.unnamed = [str(unknown) for unknown in lookup.unknown()]
    return with_names


def names_and_ids_in(table: UsageTable) -> tuple[dict[str, str], Wanted]:
    """The names that rows came with, and the ids in a table; of many rows, work for a worker."""
    return names_in_rows(table), ids_in(table.columns)


def with_columns_of_names(table: UsageTable, names: Mapping[str, Mapping[str, str]]) -> UsageTable:
    """A table with a column of names beside each column of ids.

    Args:
        table: the table.
        names: by the column of ids, and the id.
    """
    return table.with_columns(
        {
            name: (ids, mapped(table.columns[ids], names[ids].get))
            for ids, name in NAME_COLUMNS.items()
            if ids in table.columns
        }
    )


def names_in_rows(table: UsageTable) -> dict[str, str]:
    """The names that rows came with, by id: departed people and deleted projects have no others."""
    return {id: name for names in table.names.values() for id, name in names.items()}


def ids_in(columns: Mapping[str, Sequence[Any]]) -> Wanted:
    """The ids in a table's columns, with the projects that people and keys have rows of."""
    return Wanted(
        projects=_placed(columns, "project_id").keys(),
        users=_placed(columns, "user_id"),
        keys=_placed(columns, "api_key_id"),
    )


def _placed(columns: Mapping[str, Sequence[Any]], column: str) -> Mapping[str, AbstractSet[str]]:
    """The ids in a column, each with those of the projects beside it."""
    if column not in columns:
        return {}
    ids = columns[column]
    projects = columns.get("project_id", [None] * len(ids))
    placed: dict[str, set[str]] = {}
    for id, project in set(zip(ids, projects, strict=True)):
        if id is not None:
            places = placed.setdefault(id, set())
            if project is not None:
                places.add(project)
    return placed
