"""Usage and costs as resources: whole days, those that may still change fetched again."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import date, timedelta
from typing import Any, TypedDict

import attrs
import pyarrow as pa
from anyio import to_thread

from ..._causes import window_cause
from ...errors import APIError, AuthenticationError, InvalidInputError, PermissionDeniedError
from ...export.absent import told_finer
from ...export.organization import billed
from ...export.run import FAILURES
from ...export.source import Day, Fetched, Source, Wanted, midnight
from ...export.unreadable import UNREADABLE
from ...export.usage import COMPLETE, loses, width_of
from ...usage.columns import same
from ...usage.settled import settled_until
from .asked import Asked
from .lacking import Lack, tell_unreadable
from .tables import Table
from .work import Work

_log = logging.getLogger("openai_admin.integrations.dlt")

_DATE = "date"
_REFUSALS = (AuthenticationError, PermissionDeniedError)  # of all days alike


class FactState(TypedDict, total=False):
    """What dlt keeps of an endpoint between runs.

    Attributes:
        days: how many rows each day has in the warehouse.
        open: the days among them that may still change, or could not be read as a whole.
        coarse: the days that are not grouped by all fields, each with those that were refused.
        bucket_width: the width of its buckets.
    """

    days: dict[str, int]
    open: list[str]
    coarse: dict[str, list[str]]
    bucket_width: str


def fact_table(source: Source) -> Table:
    """The table of an endpoint."""
    return Table(source.name, {_DATE: date, **source.columns})


@attrs.define
class Facts:
    """An endpoint in one run.

    Attributes:
        work: the work under way.
        source: the endpoint, as an export has it.
        asked: what is asked for.
    """

    work: Work
    source: Source
    asked: Asked
    table: Table = attrs.field(init=False)
    _state: FactState = attrs.field(init=False)
    _days: dict[str, int] = attrs.field(init=False)
    _before: Mapping[str, int] = attrs.field(init=False)
    _open: set[str] = attrs.field(init=False)
    _coarse: dict[date, frozenset[str]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._state = self.work.state
        width = width_of(self.source.name, self.asked.bucket_width)
        before = self._state.setdefault("bucket_width", width)
        if before != width:
            raise InvalidInputError(
                f"The warehouse has {self.source.name} with bucket_width {before!r}: go on with"
                " that, or use another dataset and pipeline."
            )
        self.table = fact_table(self.source)
        self._days = self._state.setdefault("days", {})
        self._before = self._days
        self._open = set(self._state.get("open", ()))
        coarse = self._state.get("coarse", {})
        self._coarse = {date.fromisoformat(day): frozenset(coarse[day]) for day in coarse}

    async def fetched(self) -> AsyncGenerator[pa.Table, None]:
        """The days that the warehouse lacks, or has too early a version of, as rows."""
        asked = self.asked
        days = asked.days(self.work.run.now)
        lacking = [day for day in days if str(day) not in self._days or str(day) in self._open]
        if lacking:
            before, first = self.work.before, str(lacking[0])
            self._before = await to_thread.run_sync(before, self.source.name, self._days, first)
        kept = set(days).difference(lacking)
        coarse = {day: fields for day, fields in self._coarse.items() if day in kept}
        held = {date.fromisoformat(day) for day in self._days}
        failures = 0
        for step in self.source.steps(
            Wanted(lacking, asked.bucket_width, self.work.run.now, coarse, held)
        ):
            try:
                async with aclosing(step(self.work.run.client)) as parts:
                    async for each in parts:
                        rows = await self._taken(each, held)
                        if rows.num_rows or not each.missing:
                            yield rows  # without any, they make the table: it is known to be empty
                failures = 0
            except APIError as exc:
                error = window_cause(exc)
                await self.work.run.confirm(error)
                self.work.lacking.add(Lack.of(self.source.name, error))
                failures += 1
                if failures == FAILURES or isinstance(error, _REFUSALS):
                    break

    async def _taken(self, fetched: Fetched, held: set[date]) -> pa.Table:
        for note in fetched.notes:
            _log.warning("%s", note)
        self.work.owner.hold(billed(fetched.days))
        self.work.lacking.add(*(Lack("missing", text) for text in fetched.missing))
        self.work.lacking.add(
            *(
                Lack("left_out", str(each))
                for each in fetched.adapted
                if each.what == "grouping" or loses(each, held)
            )
        )
        days = self._finer(fetched.days)
        if days:
            days = await self.work.run.names.beside(days)
        return await to_thread.run_sync(self._rows, days)

    def _finer(self, days: Sequence[Day]) -> Sequence[Day]:
        """The days without those that the warehouse has grouped by more fields."""
        lost = {
            day.day: fields
            for day in days
            if str(day.day) in self._days
            and (fields := day.left_out - self._coarse.get(day.day, frozenset()))
        }
        if lost:
            self.work.lacking.add(Lack("left_out", told_finer(self.source.name, lost)))
        return [day for day in days if day.day not in lost]

    def _rows(self, days: Sequence[Day]) -> pa.Table:
        """Days as rows, in place of what the warehouse has of them."""
        tables = [self.table.rows({}, [], self.work.run.now)]
        for day in days:
            try:
                tables += self._day(day)
            except InvalidInputError as error:
                self.work.lacking.add(Lack("missing", f"{self.source.name} on {day.day}: {error}"))
        return pa.concat_tables(tables)

    def _day(self, day: Day) -> list[pa.Table]:
        key, now = str(day.day), self.work.run.now
        ends = midnight(day.day) + timedelta(days=1)
        is_settled = day.is_whole and ends <= settled_until(now, self.asked.restate_days)
        columns: dict[str, Sequence[Any]] = {
            **day.columns,
            _DATE: same(day.day, day.rows),
            COMPLETE: same(is_settled, day.rows),
        }
        rows = self.table.rows(columns, [key] * day.rows, now)
        gone = self.table.removed({key: self._before.get(key, 0)}, {key: day.rows}, now)
        tell_unreadable(f"{self.source.name} on {day.day}", day.columns.get(UNREADABLE, ()))
        (self._open.discard if is_settled else self._open.add)(key)
        self._coarse.pop(day.day, None)
        if day.left_out:
            self._coarse[day.day] = day.left_out
        self._keep(key, day.rows)
        return [rows, gone]

    def _keep(self, day: str, rows: int) -> None:
        """Have dlt's state say what the warehouse gets: dlt may ask for no more at any time.

        A day counts as final where it is not said to be open, so that this is said first.
        """
        self._state["open"] = sorted(self._open)
        self._state["coarse"] = {str(day): sorted(self._coarse[day]) for day in self._coarse}
        self._days[day] = rows
