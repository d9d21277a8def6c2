"""The audit log as a resource: what happened since the last run, each event once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypedDict

import attrs
import pyarrow as pa

from ...errors import APIError
from ...export.schema import values_of
from ...export.source import Source
from ...export.unreadable import UNREADABLE, unread_item
from ...resources.audit_logs import AuditLog
from ...resources.audit_logs.items import Item, items_of, key_of, time_of
from .asked import Asked
from .lacking import Lack, tell_unreadable
from .tables import Table
from .work import Work

OVERLAP = 3600
"""Seconds before the newest event of a run from which the next one begins, for late events."""

_PAGE = 100
_AT_ONCE = 1000  # events in a table of rows


class AuditState(TypedDict, total=False):
    """What dlt keeps of the audit log between runs.

    Attributes:
        since: where the warehouse begins, in Unix seconds.
        floor: everything from there to this moment, in Unix seconds, is in the warehouse.
    """

    since: int
    floor: int


def audit_table(source: Source) -> Table:
    """The table of the audit log."""
    return Table(source.name, source.columns, in_parts=False)


@attrs.define
class Events:
    """The audit log in one run.

    Attributes:
        work: the work under way.
        source: the log, as an export has it.
        asked: what is asked for.
    """

    work: Work
    source: Source
    asked: Asked
    table: Table = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.table = audit_table(self.source)

    async def fetched(self) -> AsyncGenerator[pa.Table, None]:
        """Events as rows, newest first; the next run begins after them if all of them came."""
        state: AuditState = self.work.state
        since, end = self.asked.seconds(self.work.run.now)
        begin = state["floor"] if state.get("since", since + 1) <= since else since
        if end is not None and end <= begin:
            return  # all of that is in the warehouse
        newest = begin
        rows: dict[str, Mapping[str, Any]] = {}
        before: set[str] = set()  # a page may begin with what the one before ended with
        pager = self.work.run.client.audit_logs.list(limit=_PAGE, effective_at=(begin, end))
        try:
            async with aclosing(pager.pages()) as pages:
                async for page in pages:
                    items = items_of(page)
                    items += [part for part in page.unreadable if part.path == ("data",)]
                    found = {key_of(item): _row(item) for item in items}
                    rows |= {key: found[key] for key in found if key not in before}
                    before = set(found)
                    now = self.work.run.now.timestamp()
                    times = filter(None, map(time_of, items))
                    newest = max([newest, *(time for time in times if time <= now)])
                    if len(rows) >= _AT_ONCE:
                        yield self._rows(list(rows.values()))
                        rows = {}
            yield self._rows(list(rows.values()))
            state["since"] = min(since, state.get("since", since))
            state["floor"] = max(begin, newest - OVERLAP)
        except APIError as error:
            await self.work.run.confirm(error)
            self.work.lacking.add(Lack.of(self.source.name, error))

    def _rows(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
        tell_unreadable(self.source.name, columns.get(UNREADABLE, ()))
        return self.table.rows(columns, [""] * len(rows), self.work.run.now)


def _row(item: Item) -> dict[str, Any]:
    if isinstance(item, AuditLog):
        return dict(values_of(item, AuditLog))
    return {**unread_item(item), "id": key_of(item)}
