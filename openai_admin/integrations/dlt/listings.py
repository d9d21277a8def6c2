"""The directory as resources: listings as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypedDict

import pyarrow as pa
from anyio import to_thread

from ...directory.not_known import told
from ...errors import APIError
from ...export.source import Fetched, Source, Wanted
from ...export.unreadable import UNREADABLE
from .lacking import Lack, tell_unreadable
from .tables import Table
from .work import Work

_PROJECT = "project_id"
_WHOLE = "all"
"""The part that a listing is which is not of a project."""


class ListingState(TypedDict, total=False):
    """What dlt keeps of a listing between runs.

    Attributes:
        parts: how many rows each part has in the warehouse.
    """

    parts: dict[str, int]


def listing_table(source: Source) -> Table:
    """The table of a listing."""
    return Table(source.name, source.columns)


async def listed(work: Work, source: Source) -> AsyncGenerator[pa.Table, None]:
    """A listing as rows, in place of what the warehouse has of it.

    Where a project is refused, what the warehouse has of it stays.
    """
    run = work.run
    today = run.now.date()
    (step,) = source.steps(Wanted([today], "1d", run.now, {}, set()))
    try:
        async with aclosing(step(run.listings)) as parts:
            async for fetched in parts:
                if fetched.days:
                    yield await to_thread.run_sync(_rows, work, source, fetched)
    except APIError as error:
        await run.confirm(error)
        work.lacking.add(Lack.of(source.name, error))


def _rows(work: Work, source: Source, fetched: Fetched) -> pa.Table:
    state: ListingState = work.state
    fetched_at = work.run.now
    (day,) = fetched.days
    for part in fetched.refused:
        (reason,) = told([part], fetched.projects)
        work.lacking.add(Lack("refused", reason, part.project_id))
    # A project that could not be read may have no id.
    of = day.columns.get(_PROJECT, ()) if _PROJECT in source.columns else [_WHOLE] * day.rows
    parts = [part or "" for part in of]
    table = listing_table(source)
    rows = table.rows(day.columns, parts, fetched_at)
    before, now = work.before(source.name, state.get("parts", {})), dict(Counter(parts))
    unknown = {part.project_id for part in fetched.refused}
    known = {part: count for part, count in before.items() if part not in unknown}
    gone = table.removed(known, now, fetched_at)
    tell_unreadable(source.name, day.columns.get(UNREADABLE, ()))
    state["parts"] = {part: n for part, n in before.items() if part in unknown} | now
    return pa.concat_tables([rows, gone])
