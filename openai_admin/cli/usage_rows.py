"""The rows of a usage command, and what is to be told of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..resources.usage.noted import Noted, told_notes
from ..usage.derived import added_up
from ..usage.fetch import missing_in, unreadable_in
from ..usage.fetched import FetchedTable
from ..usage.queries import stream_windows
from ..usage.settled import settled_until, so_far
from ..usage.table import UsageTable
from ..usage.telling import told_adaptations, told_missing
from ..usage.told import Adaptation, MissingWindow
from .output import Output
from .ranking import Ranking, Row, labelled, marked
from .unanswered import end_unanswered
from .usage_asked import Asked

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from .comparison import Comparison

_PAGE = 1000  # rows that are written at once


class Rows:
    """The rows that a usage command shows, fetched when they are asked for.

    Args:
        asked: what it was asked for.
        output: where they will be written.

    Attributes:
        is_empty: whether nothing came.
    """

    def __init__(self, asked: Asked, output: Output) -> None:
        self._asked = asked
        self._output = output
        self._missing: list[MissingWindow] = []
        self._notes: list[str] = []
        self._noted: list[Noted] = []
        self._adapted: list[Adaptation] = []
        self._unnamed: list[str] = []
        self._so_far: str | None = None
        self._comparison: Comparison | None = None
        self.is_empty = True

    def told(self) -> list[str]:
        """What is to be told of them, each as a sentence."""
        allocated = self._asked.allocating.notes if self._asked.allocating is not None else []
        adapted = told_adaptations(self._adapted)
        notes = [*self._notes, *allocated, *told_notes(self._noted), *adapted]
        return [*filter(None, (*notes, self._so_far))]

    def lacks(self) -> list[str]:
        """What is not known of them, each as a sentence."""
        lacks = list(self._unnamed)
        if self._asked.allocating is not None:
            lacks += self._asked.allocating.lacks
        if any(each.loses and not self._asked.is_needed(each) for each in self._adapted):
            lacks.insert(0, "The result lacks what the API refused.")
        if self._comparison is not None:
            lacks += self._comparison.lacks()
        if self._missing:
            parts = "; ".join(told_missing(self._missing))
            lacks.insert(0, f"Parts could not be fetched and are not in the result: {parts}.")
        return lacks

    async def pages(self, client: AsyncOpenAIAdmin) -> AsyncGenerator[list[Row], None]:
        """The rows, some at a time; all at once only where a column needs to know them all."""
        asked, written = self._asked, self._asked.written
        whole = asked.is_total or asked.allocating or written["with_names"] or written["tz"]
        groups = asked.values.get("group_by", ())
        (endpoint, *others) = asked.endpoints()
        if whole or others or any(g in endpoint.derived for g in groups):
            table = await self._table(client)
            rows = self._arranged(table) if asked.is_total else list(table.rows())
            size = len(rows) if self._output.chosen() == "table" else _PAGE  # in line with totals
            for at in range(0, len(rows), size or 1):
                yield rows[at : at + size]
            return
        rows = []
        windows = stream_windows(
            client.usage,
            asked.name,
            adapt="all",
            whole_days=written["whole_days"],
            partial=True,
            **asked.values,
        )
        is_answered = False
        async with aclosing(windows):
            async for received in windows:
                self._missing += missing_in(asked.name, received)
                self._notes += received.said
                self._noted += received.noted
                self._adapted += received.adapted
                settled = self._settled(client)
                unread = unreadable_in(asked.name, received)
                is_answered = is_answered or bool(received.buckets)
                part = FetchedTable(
                    [(endpoint, received.buckets)],
                    group_by=groups,
                    unreadable=unread,
                    settled_until=settled,
                )
                self.is_empty = self.is_empty and not len(part)
                for row in part.rows():
                    rows.append(row)
                    if len(rows) >= _PAGE:
                        yield rows
                        rows = []
        if not is_answered:
            end_unanswered(self._missing, allowed=written["allow_missing"])
        yield rows

    async def _table(self, client: AsyncOpenAIAdmin) -> UsageTable:
        table = await self._collected(client, {})
        self._settled(client)
        self.is_empty = not len(table)
        told = [each.missing for each in table.adapted]
        self._missing = [window for window in table.missing if window not in told]
        if not any(coverage.buckets for coverage in table.coverage):
            end_unanswered(self._missing, allowed=self._asked.written["allow_missing"])
        self._notes = table.notes
        self._adapted = table.adapted
        if self._asked.is_total and (len(table) or not self._missing):  # nothing known has no total
            fetched = table
            table = self._totals(fetched, self._asked.kept_apart())
            if self._asked.written["compare"]:
                table = await self._compared(client, fetched, table)
        elif self._asked.allocating is not None and not self._asked.is_total:
            table = added_up(table, self._asked.groups(self._asked.endpoints()))
        if self._asked.written["with_names"]:
            table = await client.usage.name(table)
            self._unnamed = table.unnamed
        return table

    async def _collected(self, client: AsyncOpenAIAdmin, other: Mapping[str, Any]) -> UsageTable:
        """What is asked for, or the same of another range, with the columns of an allocation."""
        values = {**self._asked.values, **other}
        if self._asked.allocating is not None:
            values["group_by"] = self._asked.allocating.fetched
        table = await client.usage.collect(
            self._asked.name,
            adapt="all",
            partial=True,
            **{name: self._asked.written[name] for name in ("tz", "whole_days")},
            **values,
        )
        if self._asked.allocating is not None:
            table = await self._asked.allocating.applied(client, table, is_first=not other)
        return table

    def _settled(self, client: AsyncOpenAIAdmin) -> datetime:
        """The moment up to which figures are settled; note it if the range goes on after it."""
        now = client.usage._caller.server_now() or datetime.now(UTC)
        settled = settled_until(now)
        end = min(now, self._asked.values.get("end_time", now))
        self._so_far = so_far(settled, self._asked.values["start_time"], end, self._asked.zone)
        return settled

    def _totals(self, table: UsageTable, by: list[str]) -> UsageTable:
        """Totals; a line for each currency where there are several, which never add up."""
        totals = table.totals(by=by)
        if not totals.mixes_currencies:
            self._notes = totals.notes
            return totals
        totals = table.totals(by=[*by, "currency"])
        self._notes = [*totals.notes, "Amounts in several currencies have a line for each."]
        return totals

    async def _compared(
        self, client: AsyncOpenAIAdmin, fetched: UsageTable, totals: UsageTable
    ) -> UsageTable:
        """Totals with those of the period before beside them."""
        from .comparison import Before, Comparison  # brings the insights

        now = client.usage._caller.server_now() or datetime.now(UTC)
        start, end = self._asked.values["start_time"], self._asked.values.get("end_time") or now
        width = self._asked.values.get("bucket_width", "1d")
        compare = self._asked.written["compare"]
        before = Before.of(start, end, width=width, zone=self._asked.zone, compare=compare)
        earlier = await self._collected(
            client, {"start_time": before.fetched_from, "end_time": before.end}
        )
        self._comparison = Comparison(
            fetched,
            earlier,
            before,
            keys=totals.dimensions,
            measure=self._asked.measure() or fetched.metrics[0],
        )
        self._notes = [*self._notes, *self._comparison.notes()]
        return self._comparison.added(totals)

    def _arranged(self, table: UsageTable) -> list[Row]:
        """Totals in order; in a table for people, with what they add up to."""
        compared = ["previous"] if self._comparison is not None else []
        ranking = Ranking(
            keys=table.dimensions,
            metrics={
                None if self._asked.name != "all" else e.name: [*e.metrics, *compared]
                for e in self._asked.endpoints()
            },
            measure=self._asked.measure(),
            sort=self._asked.written["sort"],
            period=None if self._asked.written["top"] else self._asked.written["by"],
            top=self._asked.written["top"],
        )
        is_table = self._output.chosen() == "table"
        rows = ranking.arranged(
            marked(table, self._asked.written["by"], is_settled=self._so_far is None),
            with_totals=is_table,
        )
        if is_table:
            lacks = {e.endpoint for e in self._missing}
            lacks |= {e.endpoint for e in self._adapted if e.missing is not None}
            lacks |= {e.endpoint for e in table.unreadable}
            lacks |= {e.endpoint for e in table.silent}
            hidden = {"currency", *(["endpoint"] if ranking.measure is None else [])}
            shown = set(self._output.named() or table.dimensions) - hidden
            places = [column for column in table.dimensions if column in shown]
            rows = labelled(rows, places, lacks=lacks, alike=not self._asked.written["by"])
        if self._comparison is not None:
            rows = [self._comparison.changed(row) for row in rows]
        if is_table:
            return rows
        return [{n: row.get(n) for n in self._asked.columns()} for row in rows]
