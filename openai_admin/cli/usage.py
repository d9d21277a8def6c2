"""``openai-admin usage ENDPOINT`` and ``openai-admin costs``: usage over a range of time."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._declare.methods import operation_of
from .._declare.operation import Operation
from ..directory.clock import clock_difference, clocks_differ
from ..errors import InvalidInputError
from ..resources.usage import Usage
from ..usage.endpoints import Endpoint, chosen, grouped
from ..usage.export import plain
from ..usage.fetch import missing_in
from ..usage.fetched import FetchedTable
from ..usage.line_items import DERIVED
from ..usage.queries import stream_windows
from ..usage.settled import settled_until
from ..usage.table import COMPLETE, FIXED, Adaptation, MissingWindow, UsageTable
from ..usage.telling import told_adaptations, told_missing
from ..usage.zones import zone_of
from . import options
from .connect import Target, connected
from .dates import DEFAULT_RANGE, MONTH_HELP, SINCE_HELP, UNTIL_HELP, time_range
from .errors import end_lacking
from .lazy import Entry, LazyGroup, group, single
from .loop import run
from .names import find_ids, note_unknown
from .output import Output, writing
from .parameters import Arguments, reworded
from .progress import Progress

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

_PAGE = 1000  # rows that are written at once
_SAID = logging.NullHandler()

_Since = Annotated[
    str | None,
    typer.Option(
        "--start-time", "--since", metavar="TIME", show_default=DEFAULT_RANGE, help=SINCE_HELP
    ),
]
_Until = Annotated[
    str | None,
    typer.Option("--end-time", "--until", metavar="TIME", help=UNTIL_HELP),
]
_Month = Annotated[str | None, typer.Option("--month", metavar="PERIOD", help=MONTH_HELP)]
_Totals = Annotated[
    bool, typer.Option("--totals", help="Add up the whole range: a row for each group.")
]
_By = Annotated[
    Literal["date", "week", "month"] | None,
    typer.Option(
        "--by",
        metavar="PERIOD",
        help="Add up each date, week or month: a row for each group in each, quiet ones too.",
    ),
]
_Zone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Days, weeks and months of a time zone, such as America/New_York, in times given too;"
        " costs are estimates then.",
    ),
]
_WholeDays = Annotated[
    bool,
    typer.Option(
        "--whole-days",
        help="Widen the range to whole days; else costs of parts of days are refused.",
    ),
]
_Names = Annotated[
    bool, typer.Option("--with-names", help="Add the names of projects, people and keys.")
]
_Partial = Annotated[
    bool,
    typer.Option("--partial", help="Go on when a part cannot be fetched, and name it at the end."),
]
_SHARED: Mapping[str, tuple[Any, Any]] = {
    "start_time": (_Since, None),
    "end_time": (_Until, None),
    "month": (_Month, None),
    "tz": (_Zone, None),
    "whole_days": (_WholeDays, False),
    "totals": (_Totals, False),
    "by": (_By, None),
    "with_names": (_Names, False),
    "partial": (_Partial, False),
    "allow_missing": (options.AllowMissing, False),
    **options.OUTPUT,
    **options.TARGET,
}
# What the API's pages need; a command asks for a range and gets all of it.
_LEFT_OUT = frozenset({"start_time", "end_time", "limit", "page"})
_ALIASES = {"bucket_width": "--width"}
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
            *options.parameters(_SHARED),
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
        self._written = written
        self._zone: tzinfo = UTC if written["tz"] is None else zone_of(written["tz"])
        self._values = values | _range(written, self._zone)
        self._is_total = bool(written["totals"] or written["by"])
        self._target = Target.of(written)
        self._output = Output.of(written)
        self._missing: list[MissingWindow] = []
        self._notes: list[str] = []
        self._adapted: list[Adaptation] = []
        self._unnamed: list[str] = []
        self._so_far: str | None = None
        self._is_empty = True

    def run(self) -> None:
        """Fetch and write."""
        names = self._columns()
        self._output.check(names)
        # Said below, and not a second time by Python, which prints warnings that nobody handles.
        logging.getLogger("openai_admin.usage").addHandler(_SAID)
        run(self._work(names))
        adapted = told_adaptations(self._adapted)
        for note in filter(None, (*self._notes, *adapted, self._so_far)):
            print(note, file=sys.stderr)
        lacks = list(self._unnamed)
        if any(each.loses for each in self._adapted):
            lacks.insert(0, "The result lacks what the API refused.")
        if self._missing:
            parts = "; ".join(told_missing(self._missing))
            lacks.insert(0, f"Parts could not be fetched and are not in the result: {parts}.")
        end_lacking(*lacks, allowed=self._written["allow_missing"])

    def _columns(self) -> list[str]:
        """The columns that the result will have."""
        meant = self._endpoints()
        groups = grouped(meant, self._values.get("group_by"), derived=True)
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
        return names

    def _kept_apart(self) -> list[str]:
        """What totals are kept apart by."""
        period = self._written["by"]
        return [
            *(["endpoint"] if self._name == "all" else []),
            *([] if period is None else [period]),
            *dict.fromkeys(self._values.get("group_by") or ()),
        ]

    def _endpoints(self) -> list[Endpoint]:
        filters = frozenset(self._values) - {"start_time", "end_time", "bucket_width", "group_by"}
        width = self._values.get("bucket_width", "1d")
        return chosen(self._name, width=width, filters=filters)

    async def _work(self, names: list[str]) -> None:
        if self._output.chosen() == "table":
            hidden = {"end_time", COMPLETE, *([] if self._name == "all" else ["endpoint"])}
            names = [n for n in names if n not in hidden]
        async with (
            Progress(f"Fetching {self._name}") as progress,
            connected(self._target, on_event=progress.show_wait) as client,
        ):
            self._values, _ = await find_ids(
                client, f"usage.{self._name}", self._values, str, progress
            )
            counts = {metric for endpoint in self._endpoints() for metric in endpoint.metrics}
            with writing(self._output, names, _plain_row, zeros=False, counts=counts) as writer:
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
        whole = self._is_total or written["with_names"] or written["partial"] or written["tz"]
        groups = self._values.get("group_by", ())
        (endpoint, *others) = self._endpoints()
        if whole or others or any(g in endpoint.derived for g in groups):
            rows = list((await self._table(client)).rows())
            for at in range(0, len(rows), _PAGE):
                yield rows[at : at + _PAGE]
            return
        rows = []
        windows = stream_windows(
            client.usage,
            self._name,
            adapt="all",
            whole_days=written["whole_days"],
            **self._values,
        )
        async with aclosing(windows):
            async for received in windows:
                self._missing += missing_in(self._name, received)
                self._notes += received.notes
                self._adapted += received.adapted
                settled = self._settled(client)
                for bucket in received.buckets:
                    self._is_empty = self._is_empty and not bucket.results
                    part = FetchedTable(
                        [(endpoint, [bucket])], group_by=groups, settled_until=settled
                    )
                    rows += part.rows()
                    if len(rows) >= _PAGE:
                        yield rows
                        rows = []
        yield rows

    async def _table(self, client: AsyncOpenAIAdmin) -> UsageTable:
        table = await client.usage.collect(
            self._name,
            adapt="all",
            partial=self._written["partial"] or "endpoints",
            **{name: self._written[name] for name in ("tz", "whole_days")},
            **self._values,
        )
        self._settled(client)
        self._is_empty = not len(table)
        told = [each.missing for each in table.adapted]
        self._missing = [window for window in table.missing if window not in told]
        self._notes = table.notes
        self._adapted = table.adapted
        if self._is_total and (len(table) or not self._missing):  # nothing known has no total
            table = self._totals(table, self._kept_apart())
        if self._written["with_names"]:
            table = await client.usage.name(table)
            self._unnamed = table.unnamed
        return table

    def _settled(self, client: AsyncOpenAIAdmin) -> datetime:
        """The moment up to which figures are settled; note it if the range goes on after it."""
        now = client.usage._caller.server_now() or datetime.now(UTC)
        settled = settled_until(now)
        if min(now, self._values.get("end_time", now)) > settled:
            first = max(settled, self._values["start_time"]).astimezone(self._zone)
            self._so_far = (
                f"So far: days from {first:%Y-%m-%d} ({self._zone}) on may still be restated."
            )
        return settled

    def _totals(self, table: UsageTable, by: list[str]) -> UsageTable:
        """Totals; a line for each currency where there are several, which never add up."""
        totals = table.totals(by=by)
        if not totals.mixes_currencies:
            return totals
        self._notes = [*table.notes, "Amounts in several currencies have a line for each."]
        return table.totals(by=[*by, "currency"])


Row = dict[str, Any]


def _plain_row(row: Row) -> Row:
    return {name: plain(value) for name, value in row.items()}


def _range(written: Mapping[str, Any], zone: tzinfo) -> dict[str, datetime]:
    start, end = time_range(
        written["start_time"],
        written["end_time"],
        month=written["month"],
        now=datetime.now(UTC),
        names=("--start-time/--since", "--end-time/--until"),
        zone=zone,
    )
    return {"start_time": start} | ({"end_time": end} if end is not None else {})
