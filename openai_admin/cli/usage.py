"""``openai-admin usage ENDPOINT`` and ``openai-admin costs``: usage over a range of time."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._declare.methods import operation_of
from .._declare.operation import Operation
from ..errors import InvalidInputError
from ..resources.usage import Usage
from ..usage.endpoints import Endpoint, chosen, grouped
from ..usage.export import plain
from ..usage.fetch import missing_in
from ..usage.queries import stream_windows
from ..usage.table import FIXED, Adaptation, FetchedTable, UsageTable
from . import options
from .connect import Target, connected
from .dates import DEFAULT_RANGE, MONTH_HELP, SINCE_HELP, UNTIL_HELP, time_range
from .errors import end_lacking
from .lazy import Entry, LazyGroup, group, single
from .loop import run
from .output import Output, writing
from .parameters import Arguments
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
    "totals": (_Totals, False),
    "with_names": (_Names, False),
    "partial": (_Partial, False),
    "allow_missing": (options.AllowMissing, False),
    **options.OUTPUT,
    **options.TARGET,
}
# What the API's pages need; a command asks for a range and gets all of it.
_LEFT_OUT = frozenset({"start_time", "end_time", "limit", "page"})
_ALIASES = {"bucket_width": "--width"}


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
    arguments = [Arguments(o, without=_LEFT_OUT, aliases=_ALIASES) for o in offered]
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
            raise exc from None

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
        self._values = values | _range(written)
        self._target = Target.of(written)
        self._output = Output.of(written)
        self._missing: list[str] = []
        self._notes: list[str] = []
        self._adapted: list[Adaptation] = []
        self._unnamed: list[str] = []

    def run(self) -> None:
        """Fetch and write."""
        names = self._columns()
        self._output.check(names)
        # Said below, and not a second time by Python, which prints warnings that nobody handles.
        logging.getLogger("openai_admin.usage").addHandler(_SAID)
        run(self._work(names))
        for note in (*self._notes, *self._adapted):
            print(note, file=sys.stderr)
        lacks = list(self._unnamed)
        if any(each.loses for each in self._adapted):
            lacks.insert(0, "The result lacks what the API refused.")
        if self._missing:
            parts = "; ".join(self._missing).rstrip(".")
            lacks.insert(0, f"Parts could not be fetched and are not in the result: {parts}.")
        end_lacking(*lacks, allowed=self._written["allow_missing"])

    def _columns(self) -> list[str]:
        """The columns that the result will have."""
        groups = list(dict.fromkeys(self._values.get("group_by", ())))
        meant = self._endpoints()
        grouped(meant, groups)
        metrics = list(dict.fromkeys(m for e in meant for m in e.metrics))
        fixed = ["endpoint"] if self._name == "all" else []
        if not self._written["totals"]:
            fixed = list(FIXED)
        names = [*fixed, *groups, *metrics]
        if self._written["with_names"]:
            from ..usage.names import NAME_COLUMNS  # brings other resources

            for ids, named in NAME_COLUMNS.items():
                if ids in names:
                    names.insert(names.index(ids) + 1, named)
        return names

    def _endpoints(self) -> list[Endpoint]:
        filters = frozenset(self._values) - {"start_time", "end_time", "bucket_width", "group_by"}
        width = self._values.get("bucket_width", "1d")
        return chosen(self._name, width=width, filters=filters)

    async def _work(self, names: list[str]) -> None:
        if self._output.chosen() == "table":
            hidden = {"end_time"} if self._name == "all" else {"end_time", "endpoint"}
            names = [n for n in names if n not in hidden]
        async with (
            Progress(f"Fetching {self._name}") as progress,
            connected(self._target, on_event=progress.show_wait) as client,
        ):
            counts = {metric for endpoint in self._endpoints() for metric in endpoint.metrics}
            with writing(self._output, names, _plain_row, zeros=False, counts=counts) as writer:
                async with aclosing(self._pages(client)) as pages:
                    async for rows in pages:
                        with progress.quiet():
                            writer.page(rows)
                writer.end()

    async def _pages(self, client: AsyncOpenAIAdmin) -> AsyncGenerator[list[Row], None]:
        """The rows, some at a time; all at once only where a column needs to know them all."""
        whole = self._written["totals"] or self._written["with_names"] or self._written["partial"]
        if whole or self._name == "all":
            rows = list((await self._table(client)).rows())
            for at in range(0, len(rows), _PAGE):
                yield rows[at : at + _PAGE]
            return
        rows = []
        (endpoint,) = self._endpoints()
        groups = self._values.get("group_by", ())
        windows = stream_windows(client.usage, self._name, adapt="all", **self._values)
        async with aclosing(windows):
            async for received in windows:
                self._missing += map(str, missing_in(self._name, received))
                self._notes += received.notes
                self._adapted += received.adapted
                for bucket in received.buckets:
                    rows += FetchedTable([(endpoint, [bucket])], group_by=groups).rows()
                    if len(rows) >= _PAGE:
                        yield rows
                        rows = []
        yield rows

    async def _table(self, client: AsyncOpenAIAdmin) -> UsageTable:
        partial = self._written["partial"]
        table = await client.usage.collect(self._name, partial=partial, adapt="all", **self._values)
        told = [each.missing for each in table.adapted]
        self._missing = [str(window) for window in table.missing if window not in told]
        self._notes = table.notes
        self._adapted = table.adapted
        if self._written["totals"]:
            by = ["endpoint"] if self._name == "all" else []
            table = self._totals(table, [*by, *self._values.get("group_by", ())])
        if self._written["with_names"]:
            table = await client.usage.name(table)
            self._unnamed = table.unnamed
        return table

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


def _range(written: Mapping[str, Any]) -> dict[str, datetime]:
    start, end = time_range(
        written["start_time"],
        written["end_time"],
        month=written["month"],
        now=datetime.now(UTC),
        names=("--start-time/--since", "--end-time/--until"),
    )
    return {"start_time": start} | ({"end_time": end} if end is not None else {})
