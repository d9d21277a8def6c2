"""What ids are called, beside them in facts: as of the run that writes them.

Rows' own names come first, then today's snapshots of the dataset, then the listings of the API, and
for what is in none of them any more, earlier snapshots. A name that is not known is null, and costs
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import attrs

from .._declare.operation import Call
from .._extras import require
from .._transport.session import Caller
from ..directory.lookup import NameLookup, UnknownNames, Wanted
from ..errors import APIError
from ..usage.columns import Column
from ..usage.fetched import LABELS
from ..usage.names import NAME_COLUMNS, ids_in
from .layout import DIMENSIONS, PART
from .source import Day

BESIDE_IDS: Mapping[str, Sequence[str]] = {ids: (name,) for ids, name in NAME_COLUMNS.items()}
"""The column of names beside each column of ids."""

_SNAPSHOTS = 10
"""In how many snapshots names are looked for, from the newest: more than the days that the API
restates, so that a day is not written again without the names of who has left since."""

_NAMED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "projects": {"id": ("name",)},
    "users": {"id": ("name", "email")},
    "project_service_accounts": {"id": ("name",)},
    "project_api_keys": {
        "id": ("name", "redacted_value"),
        "owner_user_id": ("owner_user_name", "owner_user_email"),
        "owner_service_account_id": ("owner_service_account_name",),
    },
}
"""The dimensions that name something: each column of ids, and where its names stand."""


class ListingReader(Caller):
    """Reads each page of a listing once in a run, be it for its names or as a dimension."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller.session, caller.options)
        self._answers: dict[str, Any] = {}

    async def execute(self, call: Call) -> Any:
        """The answer, or the error, that there was already, if there was one."""
        target = call.request.target
        if target not in self._answers:
            try:
                self._answers[target] = await super().execute(call)
            except APIError as error:
                self._answers[target] = error
        answer = self._answers[target]
        if isinstance(answer, APIError):
            raise answer
        return answer


class Names:
    """The names of one run.

    Args:
        reader: reads the listings.
        root: the dataset's folder, whose snapshots have names; ``None`` without one.
        today: the day of the run.
    """

    def __init__(self, reader: ListingReader, root: Path | None, today: date) -> None:
        self._unknown: dict[str, UnknownNames] = {}
        self._reader = reader
        self._root = root
        self._today = str(today)
        self._begun = False
        self._names: dict[str, str] = {}
        self._listed = False  # whether today's snapshots have all that is listed
        self._sought: set[str] = set()
        self._lock = anyio.Lock()

    async def beside(self, days: Sequence[Day]) -> list[Day]:
        """The same days, with names beside the ids in them."""
        async with self._lock:  # what several ask for is looked up once
            if not self._begun:
                self._begun = True
                self._names, self._listed = await anyio.to_thread.run_sync(self._kept, True)
            told, wanted = await anyio.to_thread.run_sync(_told_and_wanted, days)
            self._names = told | self._names
            await self._seek(wanted)
            names = self._names
        return await anyio.to_thread.run_sync(
            lambda: [attrs.evolve(day, columns=_named(day, names)) for day in days]
        )

    def unknown(self) -> list[str]:
        """Why some names are not known, in words; each reason is there once."""
        return [str(unknown) for unknown in self._unknown.values()]

    async def _seek(self, wanted: Wanted) -> None:
        """Look up what has no name yet, once in a run."""
        left = {*wanted.projects, *wanted.users, *wanted.keys} - self._names.keys()
        left -= self._sought
        if not left:
            return
        self._sought |= left
        if not self._listed:
            lookup = NameLookup(self._reader, self._names)
            await lookup.find(
                Wanted(
                    projects=wanted.projects & left,
                    users={id: at for id, at in wanted.users.items() if id in left},
                    keys={id: at for id, at in wanted.keys.items() if id in left},
                )
            )
            for unknown in lookup.unknown():
                before = self._unknown.get(unknown.alike, unknown)
                self._unknown[unknown.alike] = before | unknown
            self._names = {id: name for id, name in lookup.names.items() if name != id}
        if not left <= self._names.keys():
            earlier, _ = await anyio.to_thread.run_sync(self._kept, False)
            self._names = earlier | self._names

    def _kept(self, current: bool) -> tuple[dict[str, str], bool]:
        """The names in today's snapshots or in earlier ones, and whether all those are there."""
        found: dict[str, str] = {}
        if self._root is None:
            return found, False
        whole = True
        for dimension, columns in _NAMED.items():
            parts = (self._root / DIMENSIONS.folder / dimension).glob(f"*/{PART}")
            by_day = {DIMENSIONS.key_named(part.parent.name): part for part in parts}
            days = sorted((day for day in by_day if day is not None), reverse=True)
            chosen = [day for day in days if (day == self._today) is current]
            whole &= bool(chosen)
            for day in chosen[:_SNAPSHOTS]:
                found = _names_in(by_day[day], columns) | found
        return found, whole


def _told_and_wanted(days: Sequence[Day]) -> tuple[dict[str, str], Wanted]:
    """The names that rows came with, by id, and the ids of all."""
    told = {
        id: name
        for day in days
        for ids, label in LABELS.items()
        for id, name in zip(_column(day, ids), _column(day, label), strict=True)
        if id and name
    }
    ids = {column: [id for day in days for id in _column(day, column)] for column in NAME_COLUMNS}
    return told, ids_in(ids)


def _column(day: Day, name: str) -> Sequence[Any]:
    return day.columns.get(name) or [None] * day.rows


def _named(day: Day, names: Mapping[str, str]) -> dict[str, Sequence[Any]]:
    columns = dict(day.columns)
    for ids, name in NAME_COLUMNS.items():
        if ids in columns:
            pairs = zip(_column(day, name), columns[ids], strict=True)
            columns[name] = Column.packed([told or names.get(id) for told, id in pairs])
    return columns


def _names_in(path: Path, columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The names in a snapshot; none, if it cannot be read."""
    parquet = require("pyarrow.parquet", extra="arrow")
    found: dict[str, str] = {}
    try:
        wanted = [name for ids, names in columns.items() for name in (ids, *names)]
        with parquet.ParquetFile(path) as file:
            rows = file.read(columns=wanted).to_pylist()
    except (require("pyarrow", extra="arrow").ArrowInvalid, OSError):
        return found
    for row in rows:
        for ids, names in columns.items():
            name = next(filter(None, (row.get(name) for name in names)), None)
            if row.get(ids) and name:
                found.setdefault(row[ids], name)
    return found
