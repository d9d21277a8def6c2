"""``openai-admin usage ENDPOINT`` and ``openai-admin costs``: usage over a range of time."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from .._declare.arguments import one_of, suggest
from .._declare.methods import operation_of
from .._declare.operation import Operation
from .._wire.codec import plain
from ..directory.clock import clock_difference, clocks_differ
from ..errors import InvalidInputError
from ..resources.usage import Usage
from ..resources.usage.noted import Noted, told_notes
from ..usage.derived import added_up
from ..usage.endpoints import Endpoint, chosen, grouped
from ..usage.fetch import missing_in, unreadable_in
from ..usage.fetched import FetchedTable
from ..usage.line_items import DERIVED
from ..usage.queries import stream_windows
from ..usage.settled import settled_until, so_far
from ..usage.table import COMPLETE, FIXED, UsageTable
from ..usage.telling import told_adaptations, told_missing
from ..usage.told import Adaptation, MissingWindow
from ..usage.zones import zone_of
from . import options
from .allocated import allocating
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Entry, LazyGroup, group, single
from .loop import run
from .names import find_ids, note_unknown
from .output import Output, writing
from .parameters import Arguments, reworded
from .progress import Progress
from .ranking import COMPARED, OTHERS, Ranking, Row, labelled, marked
from .table import UNIT_OF
from .unanswered import end_unanswered
from .usage_options import SHARED, range_of

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from .comparison import Comparison

_PAGE = 1000  # rows that are written at once
_OF_TOTALS = ("totals", "by", "sort", "top", "compare")
_SAID = logging.NullHandler()

# What the API's pages need; a command asks for a range and gets all of it.
_LEFT_OUT = frozenset({"start_time", "end_time", "limit", "page"})
_ALIASES = {"bucket_width": "--width", "project_ids": "--project"}
_OWN = {"whole_days=True": "--whole-days", "tz": "--tz"}


def usage_group() -> LazyGroup:
    """The group of all usage endpoints, and ``all`` of them at once."""
    entries = {
        name.replace("_", "-"): Entry(operation.summary, _loader(name))
        for name, operation in _endpoints().items()
    }
    entries["all"] = Entry("Show every endpoint's usage in one table.", _loader("all"))
    return group("Show usage and costs over a range of time.", entries)


def _loader(name: str) -> Callable[[], Any]:
    return lambda: endpoint_command(name)


def _endpoints() -> dict[str, Operation]:
    return {n: operation_of(v) for n, v in vars(Usage).items() if hasattr(v, "operation")}


def endpoint_command(name: str) -> Any:
    """The command of one endpoint, or of ``all``."""
    known = _endpoints()
    offered = [known[name]] if name != "all" else list(known.values())
    # Costs are among all endpoints.
    values = {"group_by": tuple(DERIVED)} if name in ("costs", "all") else None
    arguments = [Arguments(o, without=_LEFT_OUT, aliases=_ALIASES, values=values) for o in offered]
    own = {p.name: p for a in reversed(arguments) for p in a.signature()}

    def function(**written: Any) -> None:
        values: dict[str, Any] = {}
        for each in arguments:
            values |= each.values(written)
        try:
            _Query(name, values, written).run()
        except InvalidInputError as exc:
            for each in arguments:
                exc = each.reworded(exc)
            raise InvalidInputError(reworded(str(exc), _OWN)) from None

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            *own.values(),
            *options.parameters(SHARED),
        ]
    )
    every = "Show every endpoint's usage in one table."
    help = every if name == "all" else arguments[0].description()
    return single(name, function, help=f"{help}\n\nWithout a range: the last 30 days.")


def costs() -> Any:
    """The command ``costs``, which is ``usage costs`` as well."""
    return endpoint_command("costs")


class _Query:
    """One run of a usage command."""

    def __init__(self, name: Any, values: dict[str, Any], written: Mapping[str, Any]) -> None:
        self._name = name
        comparison = None if written["compare"] == "none" else written["compare"]
        self._written = written = {**written, "compare": comparison}
        self._zone: tzinfo = UTC if written["tz"] is None else zone_of(written["tz"])
        self._values = values | range_of(written, self._zone)
        self._is_total = any(written[name] for name in _OF_TOTALS)
        if written["compare"] and written["by"]:
            raise CommandError("Pass --compare or --by, not both: whole ranges are compared.")
        self._allocating = allocating(
            self._values.get("group_by"),
            written["allocation"],
            self._endpoints(),
            is_narrowed=bool(self._filters()),
            is_zoned=written["tz"] is not None,
        )
        self._target = Target.of(written)
        self._output = Output.of(
            written, days=self._days(), projects=self._values.get("project_ids", ())
        )
        self._missing: list[MissingWindow] = []
        self._notes: list[str] = []
        self._noted: list[Noted] = []
        self._adapted: list[Adaptation] = []
        self._unnamed: list[str] = []
        self._so_far: str | None = None
        self._is_empty = True
        self._comparison: Comparison | None = None

    def _days(self) -> tuple[date, date]:
        """The first day of the range, and the one after its last."""
        end = self._values.get("end_time") or datetime.now(UTC)
        last = (end - timedelta(microseconds=1)).astimezone(self._zone).date()
        return self._values["start_time"].astimezone(self._zone).date(), last + timedelta(days=1)

    def run(self) -> None:
        """Fetch and write."""
        names = self._columns()
        self._output.check(names)
        self._check_measure(names)
        # Said below, and not a second time by Python, which prints warnings that nobody handles.
        logging.getLogger("openai_admin.usage").addHandler(_SAID)
        run(self._work(names))
        adapted = told_adaptations(self._adapted)
        if self._allocating is not None:
            self._notes = [*self._notes, *self._allocating.notes]
        for note in filter(None, (*self._notes, *told_notes(self._noted), *adapted, self._so_far)):
            print(note, file=sys.stderr)
        lacks = list(self._unnamed)
        if self._allocating is not None:
            lacks += self._allocating.lacks
        if any(each.loses and not self._is_needed(each) for each in self._adapted):
            lacks.insert(0, "The result lacks what the API refused.")
        if self._missing:
            parts = "; ".join(told_missing(self._missing))
            lacks.insert(0, f"Parts could not be fetched and are not in the result: {parts}.")
        end_lacking(*lacks, allowed=self._written["allow_missing"])

    def _columns(self) -> list[str]:
        """The columns that the result will have."""
        meant = self._endpoints()
        groups = self._groups(meant)
        metrics = list(dict.fromkeys(m for e in meant for m in e.metrics))
        if self._is_total:
            names = [*self._kept_apart(), *metrics, COMPLETE]
        else:
            names = [*FIXED, COMPLETE, *groups, *metrics]
        if self._written["with_names"]:
            from ..usage.names import NAME_COLUMNS  # brings other resources

            for ids, named in NAME_COLUMNS.items():
                if ids in names:
                    names.insert(names.index(ids) + 1, named)
        if self._written["compare"]:
            after = self._measure() or metrics[0]
            at = names.index(UNIT_OF.get(after, after)) + 1
            names[at:at] = COMPARED
        if self._written["top"]:
            names.append(OTHERS)
        return names

    def _measure(self) -> str | None:
        """What the largest has most of; ``None`` where that differs by the row."""
        metrics = [m for e in self._endpoints() for m in e.metrics]
        sort = (self._written["sort"] or "").removeprefix("-")
        if sort in metrics and sort not in UNIT_OF.values():
            return sort
        return None if self._name == "all" else metrics[0]

    def _check_measure(self, names: Sequence[str]) -> None:
        """Refuse what totals cannot be put in order or compared by.

        Raises:
            CommandError: `--sort` names no column, or `--compare` no measure.
        """
        sort = self._written["sort"]
        if sort is not None and (column := sort.removeprefix("-")) not in names:
            raise CommandError(
                f"--sort: there is no column {column!r}; there are {one_of(names)}"
                f"{suggest(column, names)}"
            )
        if self._written["compare"] and self._measure() is None:
            raise CommandError(
                "--compare needs --sort with what to compare of all endpoints, such as"
                " num_model_requests."
            )

    def _kept_apart(self) -> list[str]:
        """What totals are kept apart by."""
        period = self._written["by"]
        return [
            *(["endpoint"] if self._name == "all" else []),
            *([] if period is None else [period]),
            *dict.fromkeys(self._values.get("group_by") or ()),
        ]

    def _endpoints(self) -> list[Endpoint]:
        width = self._values.get("bucket_width", "1d")
        return chosen(self._name, width=width, filters=self._filters())

    def _filters(self) -> frozenset[str]:
        return frozenset(self._values) - {"start_time", "end_time", "bucket_width", "group_by"}

    def _groups(self, meant: Sequence[Endpoint]) -> list[str]:
        """The fields to group by, those of an allocation among them."""
        groups = self._values.get("group_by")
        if self._allocating is not None:
            return self._allocating.grouped(meant, groups or ())
        return grouped(meant, groups, derived=True)

    def _is_needed(self, adaptation: Adaptation) -> bool:
        """Whether what was changed matters to an allocation alone, which says what it lacks."""
        return self._allocating is not None and self._allocating.is_needed(adaptation)

    async def _work(self, names: list[str]) -> None:
        if self._output.chosen() == "table":
            hidden = {"end_time", OTHERS, *([] if self._name == "all" else ["endpoint"])}
            names = [n for n in names if n not in hidden]
        async with (
            Progress(f"Fetching {self._name}") as progress,
            connected(self._target, on_event=progress.show_wait) as client,
        ):
            self._values, _ = await find_ids(
                client, f"usage.{self._name}", self._values, str, progress
            )
            counts = {metric for endpoint in self._endpoints() for metric in endpoint.metrics}
            counts |= {n for n in (*COMPARED, OTHERS) if n in names}
            with writing(
                self._output,
                names,
                _plain_row,
                zeros=False,
                counts=counts,
                foremost=self._measure() if self._is_total else None,
            ) as writer:
                async with aclosing(self._pages(client)) as pages:
                    async for rows in pages:
                        with progress.quiet():
                            writer.page(rows)
                writer.end()
            if self._is_empty:
                await note_unknown(client, self._values, progress)
            if clocks := clocks_differ(clock_difference(client.usage._caller)):
                print(clocks, file=sys.stderr)

    async def _pages(self, client: AsyncOpenAIAdmin) -> AsyncGenerator[list[Row], None]:
        """The rows, some at a time; all at once only where a column needs to know them all."""
        written = self._written
        whole = self._is_total or self._allocating or written["with_names"] or written["tz"]
        groups = self._values.get("group_by", ())
        (endpoint, *others) = self._endpoints()
        if whole or others or any(g in endpoint.derived for g in groups):
            table = await self._table(client)
            rows = self._arranged(table) if self._is_total else list(table.rows())
            size = len(rows) if self._output.chosen() == "table" else _PAGE  # in line with totals
            for at in range(0, len(rows), size or 1):
                yield rows[at : at + size]
            return
        rows = []
        windows = stream_windows(
            client.usage,
            self._name,
            adapt="all",
            whole_days=written["whole_days"],
            partial=True,
            **self._values,
        )
        is_answered = False
        async with aclosing(windows):
            async for received in windows:
                self._missing += missing_in(self._name, received)
                self._notes += received.said
                self._noted += received.noted
                self._adapted += received.adapted
                settled = self._settled(client)
                unread = unreadable_in(self._name, received)
                is_answered = is_answered or bool(received.buckets)
                part = FetchedTable(
                    [(endpoint, received.buckets)],
                    group_by=groups,
                    unreadable=unread,
                    settled_until=settled,
                )
                self._is_empty = self._is_empty and not len(part)
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
        self._is_empty = not len(table)
        told = [each.missing for each in table.adapted]
        self._missing = [window for window in table.missing if window not in told]
        if not any(coverage.buckets for coverage in table.coverage):
            end_unanswered(self._missing, allowed=self._written["allow_missing"])
        self._notes = table.notes
        self._adapted = table.adapted
        if self._is_total and (len(table) or not self._missing):  # nothing known has no total
            fetched = table
            table = self._totals(fetched, self._kept_apart())
            if self._written["compare"]:
                table = await self._compared(client, fetched, table)
        elif self._allocating is not None and not self._is_total:
            table = added_up(table, self._groups(self._endpoints()))
        if self._written["with_names"]:
            table = await client.usage.name(table)
            self._unnamed = table.unnamed
        return table

    async def _collected(self, client: AsyncOpenAIAdmin, other: Mapping[str, Any]) -> UsageTable:
        """What is asked for, or the same of another range, with the columns of an allocation."""
        values = {**self._values, **other}
        if self._allocating is not None:
            values["group_by"] = self._allocating.fetched
        table = await client.usage.collect(
            self._name,
            adapt="all",
            partial=True,
            **{name: self._written[name] for name in ("tz", "whole_days")},
            **values,
        )
        if self._allocating is not None:
            table = await self._allocating.applied(client, table, is_first=not other)
        return table

    def _settled(self, client: AsyncOpenAIAdmin) -> datetime:
        """The moment up to which figures are settled; note it if the range goes on after it."""
        now = client.usage._caller.server_now() or datetime.now(UTC)
        settled = settled_until(now)
        end = min(now, self._values.get("end_time", now))
        self._so_far = so_far(settled, self._values["start_time"], end, self._zone)
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
        start, end = self._values["start_time"], self._values.get("end_time") or now
        width = self._values.get("bucket_width", "1d")
        compare = self._written["compare"]
        before = Before.of(start, end, width=width, zone=self._zone, compare=compare)
        earlier = await self._collected(
            client, {"start_time": before.fetched_from, "end_time": before.end}
        )
        self._comparison = Comparison(
            fetched,
            earlier,
            before,
            keys=totals.dimensions,
            measure=self._measure() or fetched.metrics[0],
        )
        self._notes = [*self._notes, *self._comparison.notes()]
        return self._comparison.added(totals)

    def _arranged(self, table: UsageTable) -> list[Row]:
        """Totals in order; in a table for people, with what they add up to."""
        compared = ["previous"] if self._comparison is not None else []
        ranking = Ranking(
            keys=table.dimensions,
            metrics={
                None if self._name != "all" else e.name: [*e.metrics, *compared]
                for e in self._endpoints()
            },
            measure=self._measure(),
            sort=self._written["sort"],
            period=None if self._written["top"] else self._written["by"],
            top=self._written["top"],
        )
        is_table = self._output.chosen() == "table"
        rows = ranking.arranged(
            marked(table, self._written["by"], is_settled=self._so_far is None),
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
            rows = labelled(rows, places, lacks=lacks, alike=not self._written["by"])
        if self._comparison is not None:
            rows = [self._comparison.changed(row) for row in rows]
        return rows if is_table else [{n: row.get(n) for n in self._columns()} for row in rows]


def _plain_row(row: Row) -> Row:
    return {name: plain(value) for name, value in row.items()}
