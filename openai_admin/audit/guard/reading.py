"""What the guard reads: hours of the last weeks, minutes, and what the models cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from anyio import to_thread

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.not_known import NotKnown
from ...directory.reading import Reads
from ...insights.fetch import usage_table
from ...usage.endpoints import endpoints
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from .history import HOURS, Place
from .prices import Counts

GROUPS = ("api_key_id", "project_id", "model")
PRICED = timedelta(days=9)
"""How far back costs are looked at, and of which the last are left out, for they still rise."""
_UNSETTLED = timedelta(days=2)

Used = Mapping[Place, Mapping[int, Mapping[str | None, Counts]]]
"""What each key used of each model, by the hour or the minute, counted since 1970."""


def watched(wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """The usage endpoints that tell keys apart; of those that are wanted."""
    names = [
        name
        for name, endpoint in endpoints().items()
        if name != "costs" and {"api_key_id", "model"} <= set(endpoint.groups)
    ]
    return tuple(name for name in names if wanted is None or name in wanted)


@attrs.frozen
class Stretch:
    """Usage of a stretch of time, by key.

    Attributes:
        used: what was used, by the hour or the minute.
        newest: the latest hour or minute with any use, by endpoint.
        unknown: hours or minutes of which not all is known, by endpoint.
        places: the keys that each endpoint was used with.
        answered: the endpoints that answered wholly, and by key.
    """

    used: Used
    newest: Mapping[str, int]
    unknown: Mapping[str, frozenset[int]]
    places: Mapping[str, frozenset[Place]]
    answered: frozenset[str]


@attrs.define
class GuardReads:
    """Reads what the guard needs, as far as it is answered.

    Attributes:
        client: an asynchronous client.
        names: the endpoints.
        filters: narrow the usage, as ``project_ids``.
        not_known: what did not come with the last reads, each as it is told.
    """

    client: AdminResources[Async]
    names: Sequence[str]
    filters: Mapping[str, Any]
    not_known: list[NotKnown] = attrs.field(factory=list)

    @property
    def now(self) -> datetime:
        """The present, by the server's clock where it told its time."""
        return self.client._caller.server_now() or datetime.now(UTC)

    async def tell_time(self) -> None:
        """Learn the server's time, where no answer has told it yet: minutes are counted by it."""
        if self.client._caller.server_now() is None:
            await Reads(self.client._caller).one(
                "projects", self.client.projects.list(limit=1), None
            )

    async def hours(self) -> tuple[Stretch, int, int]:
        """Usage by the hour of the last weeks, the first hour, and the one that it ends before."""
        until = int(self.now.timestamp()) // 3600 - 1  # the last one may still fill up
        first = until - HOURS
        table = await self._collect("usage by the hour", "1h", first * 3600, until * 3600)
        return await self._stretch(table, 3600), first, until

    async def minutes(self, first: int, until: int) -> Stretch:
        """Usage by the minute, from one minute until before another."""
        table = await self._collect("usage by the minute", "1m", first * 60, until * 60)
        return await self._stretch(table, 60)

    async def minutes_of(self, places: Sequence[Place], hour: int) -> Stretch:
        """Usage of some keys by the minute of one hour."""
        ids = sorted({key for key, _ in places})
        table = await self._collect(
            "usage by the minute", "1m", hour * 3600, (hour + 1) * 3600, api_key_ids=ids
        )
        return await self._stretch(table, 60)

    async def costs(self) -> UsageTable | None:
        """Costs by line item of some days that are settled; ``None`` where they are not known."""
        reads = self._reads()
        start, end = priced_days(self.now)
        table = await usage_table(
            reads,
            "costs",
            self._usage(),
            ["costs"],
            start_time=start,
            end_time=end,
            group_by=["line_item"],
        )
        self._end(reads)
        is_grouped = not any(each.field == "line_item" for each in table.adapted)
        return table if len(table) and is_grouped else None

    def _usage(self) -> UsageQueries[Async]:
        return UsageQueries[Async](self.client._caller)

    def _reads(self) -> Reads:
        return Reads(self.client._caller)

    def _end(self, reads: Reads) -> None:
        """Keep what did not come.

        Raises:
            APIError: nothing at all was answered.
        """
        reads.check()
        self.not_known += reads.not_known

    async def _collect(
        self, kind: str, width: str, start: int, end: int, **more: Any
    ) -> UsageTable:
        reads = self._reads()
        table = await usage_table(
            reads,
            kind,
            self._usage(),
            self.names,
            start_time=datetime.fromtimestamp(start, UTC),
            end_time=datetime.fromtimestamp(end, UTC),
            bucket_width=width,
            group_by=GROUPS,
            needed_from=datetime.fromtimestamp(start, UTC),
            **{**self.filters, **more},
        )
        self._end(reads)
        return table

    async def _stretch(self, table: UsageTable, width: int) -> Stretch:
        return await to_thread.run_sync(stretch_of, table, width, abandon_on_cancel=True)


def unknown_in(stretch: Stretch) -> frozenset[int]:
    """Hours or minutes of which not all is known, of the endpoints of which anything is."""
    of = (at for endpoint, at in stretch.unknown.items() if endpoint in stretch.newest)
    return frozenset().union(*of)


def priced_days(now: datetime) -> tuple[datetime, datetime]:
    """The days whose costs say what models cost: the last ones that are not likely to rise."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - PRICED, today - _UNSETTLED


def stretch_of(table: UsageTable, width: int) -> Stretch:
    """The use of a table by key.

    Args:
        table: usage grouped by `GROUPS`.
        width: seconds of its buckets.
    """
    found: dict[Place, dict[int, dict[str | None, Counts]]] = {}
    newest: dict[str, int] = {}
    places: dict[str, set[Place]] = {}
    for endpoint, start, key, project, model, counts in _rows(table):
        at = int(start.timestamp()) // width
        if counts.requests or counts.tokens:
            newest[endpoint] = max(at, newest.get(endpoint, at))
        if key is not None:
            places.setdefault(endpoint, set()).add((key, project))
            of = found.setdefault((key, project), {}).setdefault(at, {})
            of[model] = of[model] + counts if model in of else counts
    by_less = {each.endpoint for each in table.adapted if each.field == "api_key_id"}
    unknown: dict[str, set[int]] = {}
    windows = [(each.endpoint, each.window) for each in table.missing]
    windows += [(each.endpoint, each.window) for each in table.unreadable]
    for endpoint, window in windows:
        of_endpoint = unknown.setdefault(endpoint, set())
        of_endpoint.update(range(window.start // width, -(-window.end // width)))
    refused = {each.endpoint for each in table.missing}
    named = {*newest} | {each.endpoint for each in table.coverage if each.buckets}
    return Stretch(
        found,
        newest,
        {endpoint: frozenset(of_endpoint) for endpoint, of_endpoint in unknown.items()},
        {endpoint: frozenset(of) for endpoint, of in places.items()},
        frozenset(named - by_less - refused),
    )


def _rows(
    table: UsageTable,
) -> Iterator[tuple[str, datetime, str | None, str | None, str | None, Counts]]:
    nothing: list[Any] = [None] * len(table)
    columns = table.columns
    names = ("num_model_requests", "input_tokens", "input_cached_tokens", "output_tokens")
    places = zip(
        columns["endpoint"],
        columns["start_time"],
        *(columns.get(name) or nothing for name in (*GROUPS, *names)),
        strict=True,
    )
    for endpoint, start, key, project, model, requests, read, cached, written in places:
        counts = Counts(
            requests=requests or 0, input=read or 0, cached=cached or 0, output=written or 0
        )
        yield endpoint, start, key, project, model, counts


def by_model(used: Used, first: int, until: int) -> dict[str, Counts]:
    """What was used of each model in a stretch of hours or minutes."""
    sums: dict[str, Counts] = {}
    for of_key in used.values():
        for at, models in of_key.items():
            if first <= at < until:
                for model, counts in models.items():
                    if model is not None:
                        sums[model] = sums.get(model, Counts()) + counts
    return sums
