"""Usage and costs as a source of an export."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
from anyio import to_thread

from .._declare.resource import Async
from .._transport.lengths import Portions
from .._wire.models import Page
from ..resources.usage import Usage
from ..resources.usage.results import UsageBucket
from ..usage.adapt import Adapter, without
from ..usage.endpoints import Endpoint, endpoints
from ..usage.fetch import Received, missing_in, receive
from ..usage.fetched import FetchedTable, row_fields
from ..usage.grouping import Refused
from ..usage.line_items import DERIVED, derive
from ..usage.packing import Packer
from ..usage.plan import Window, plan_windows
from ..usage.sizes import aside_of, asking, sizes_of
from ..usage.told import Adaptation
from .absent import not_quiet, told_missing
from .beside import Beside
from .names import BESIDE_IDS
from .regained import Probe
from .schema import column_name, columns_of, placed, text_of
from .source import Day, Fetched, Source, Step, Wanted, runs, seconds_of
from .unreadable import UNREADABLE
from .whole_days import Days, by_whole_days

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

_SECONDS = 86400

_DAY = timedelta(days=1)
COMPLETE = "complete"
"""The column: whether the day was settled when it was fetched, so that no run fetches it again."""

_OPTIONAL = frozenset({("costs", "user_id")})
"""What not every organization has beside the other groupings (costs by people together with
projects): where it is refused the column is null, and nothing is lost that there could be."""


def width_of(name: str, bucket_width: str) -> str:
    """The width of an endpoint's buckets: costs come by day only; listings have none."""
    if name not in endpoints():
        return ""
    return "1d" if name == "costs" else bucket_width


def usage_source(endpoint: Endpoint) -> Source:
    """An endpoint, grouped by all that it can be grouped by."""
    kinds = columns_of(endpoint.row)
    if endpoint.name == "costs":
        kinds |= {"amount": kinds["amount_value"], "currency": str}
    names = ("start_time", "end_time", *endpoint.groups, *endpoint.metrics, *endpoint.labels)
    columns = {name: kinds.get(name, datetime) for name in names}
    columns |= {COMPLETE: bool, UNREADABLE: str}
    columns = placed(columns, {**BESIDE_IDS, "line_item": tuple(DERIVED)})

    def steps(wanted: Wanted) -> list[Step]:
        width = width_of(endpoint.name, wanted.bucket_width)
        lane = _Lane(
            endpoint,
            wanted.days,
            width,
            int(wanted.now.timestamp()),
            wanted.held,
            wanted.project_ids,
        )
        return [*lane.steps(), *([lane.regain(wanted.coarse)] if wanted.coarse else [])]

    by_project = "project_ids" in endpoint.filters
    return Source(endpoint.name, columns, snapshot=False, steps=steps, by_project=by_project)


def _stretches(days: Sequence[date], held: AbstractSet[date]) -> list[tuple[date, date]]:
    """The days to fetch as stretches without a gap, in order.

    If an earlier run ended at the first day that the API answers for, that is the oldest day that
    the dataset has. So the day before is asked for by itself: if it is refused, as it most often
    is, that is one small request, and no search. It is always asked for, since the API may have
    come to answer for more.

    A hole in the dataset is asked for together with the days beside it: a bucket after it tells a
    day that does not come from a quiet one, which the API may leave out at the end.

    Args:
        days: the days to fetch, in order.
        held: the days that the dataset has.
    """
    found = [
        (first - _DAY, last + _DAY)
        if first not in held and {first - _DAY, last + _DAY} <= held
        else (first, last)
        for first, last in runs(days)
    ]
    if len(found) < 2 or found[0][0] in held:  # nothing says what the first day is
        return found
    first, last = found[0]
    before = [(first, last - _DAY)] if first < last else []
    return [*before, (last, last), *found[1:]]


class _Lane:
    """The windows of an endpoint in one run, the newest first.

    What is refused of the newest is not answered further back either, so it is asked for once.

    Args:
        endpoint: the endpoint.
        days: the days to fetch, in order.
        width: the width of buckets.
        now: the present in Unix seconds.
        held: the days that the dataset has.
        project_ids: the projects to ask for; empty for all.
        refused: fields that are known to be refused, which was told.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        days: Sequence[date],
        width: str,
        now: int,
        held: AbstractSet[date],
        project_ids: Sequence[str],
        refused: Refused | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._days = days
        self._held = held
        self._width = width
        self._windows = [
            window
            for first, last in _stretches(days, held)
            for window in plan_windows(
                seconds_of(first),
                seconds_of(last + _DAY),
                width=width,
                per_page=endpoint.per_page(width),
                now=now,
            )
        ]
        self._now = now
        self._filters = {"project_ids": list(project_ids)} if project_ids else {}
        self._project_ids = project_ids
        self._refused = refused
        self._adapter: Adapter | None = None
        self._packer: Packer | None = None
        self._beside = Beside(endpoint, date.min)  # of the step under way

    def steps(self) -> list[Step]:
        """The steps that fetch all windows."""
        return [self._step(window) for window in reversed(self._windows)]

    def regain(self, coarse: Mapping[date, frozenset[str]]) -> Step:
        """The step after all others: fetch days again whose fields the API gives by now.

        Args:
            coarse: days of the dataset, each with the fields that it is not grouped by.
        """

        async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
            self._beside = Beside(self._endpoint, min(coarse))
            probe = Probe(self._endpoint, coarse, self._width, partial(self._ask, client))
            known = self._adapter.refused if self._adapter is not None else {}
            days, refused = await probe.regained(known)
            adapted = [without(self._endpoint.name, f, *refused[f]) for f in refused]
            lane = _Lane(
                self._endpoint,
                days,
                self._width,
                self._now,
                self._held,
                self._project_ids,
                {**known, **refused},
            )
            steps = lane.steps()
            yield Fetched((), self._beside.take_pages(), ahead=len(steps), adapted=adapted)
            for step in steps:
                async with aclosing(step(client)) as parts:
                    async for fetched in parts:
                        yield fetched

        return fetch

    def _step(self, window: Window) -> Step:
        """The step that fetches a window."""

        async def fetch(client: AsyncOpenAIAdmin) -> AsyncGenerator[Fetched, None]:
            if self._adapter is None:
                self._adapter = self._adapts(client)
            self._beside = Beside(self._endpoint, _date_of(window.start))
            async with (
                aclosing(self._adapter.parts(window)) as parts,
                aclosing(by_whole_days(window, parts, self._width)) as stretches,
            ):
                async for days in stretches:
                    first = max(days.start, self._adapter.first)
                    fetched = await to_thread.run_sync(self._fetched, days, first)
                    yield attrs.evolve(fetched, ahead=int(days.end < window.end))
                    del days, fetched  # not kept while the next ones are waited for

        return fetch

    async def _ask(
        self,
        client: AsyncOpenAIAdmin,
        window: Window,
        groups: Sequence[str],
        *,
        retry: bool = True,
        portions: Portions | None = None,
    ) -> Received:
        usage = Usage[Async](asking(client._caller, retry=retry, portions=portions))
        pager = getattr(usage, self._endpoint.name)(
            start_time=window.start,
            end_time=window.end,
            bucket_width=self._width,
            limit=window.buckets,
            group_by=list(groups) or None,
            **self._filters,
        )

        async def read(page: Page[UsageBucket[Any]]) -> None:
            await to_thread.run_sync(self._beside.read, page)

        received = await receive(pager, read)
        packer = self._packer = self._packer or Packer(aside_of(client._caller))
        buckets = await packer.pack(self._endpoint, received.buckets)
        return attrs.evolve(received, buckets=buckets)

    def _adapts(self, client: AsyncOpenAIAdmin) -> Adapter:
        return Adapter(
            self._endpoint.name,
            self._windows,
            self._endpoint.groups,
            width=self._width,
            ask=partial(self._ask, client),
            adapt="all",
            partial=True,
            in_order=True,
            now=self._now,
            refused=self._refused,
            sizes=sizes_of(client._caller, self._endpoint.name, self._width),
        )

    def _fetched(self, days: Days, first: int) -> Fetched:
        beside, received = self._beside, days.received
        failed = {day for part, _ in received.failed for day in days_of(part.start, part.end)}
        # A bucket that came and cannot be read is kept as it came, and not missing.
        lacking = failed | {
            day for gap in received.gaps for day in days_of(*gap.stretch) if not beside.unread(day)
        }
        buckets: dict[date, list[Any]] = {
            day: [] for day in days_of(first, days.end) if day not in lacking and day in self._days
        }
        for bucket in received.buckets:
            day = bucket.start_time.date()
            if day in buckets:
                buckets[day].append(bucket)
        received.buckets.clear()  # each is let go once its day is made
        left_out: dict[date, frozenset[str]] = {}
        for part, fields in received.left_out:
            for day in days_of(part.start, part.end):
                left_out[day] = left_out.get(day, frozenset()).union(fields)
        absent = [day for day in buckets if not buckets[day] and not beside.unread(day)]
        lost = not_quiet(absent, self._days, self._held)
        missing = missing_in(self._endpoint.name, received)
        return Fetched(
            [
                attrs.evolve(
                    _usage_day(self._endpoint, day, buckets.pop(day), beside),
                    left_out=left_out.get(day, frozenset()),
                )
                for day in list(buckets)
                if day not in absent
            ],
            beside.take_pages(),
            missing=[
                str(each)
                for each in missing
                if lacking.intersection(days_of(each.window.start, each.window.end))
            ]
            + told_missing(self._endpoint.name, lost),
            quiet=[day for day in absent if day not in lost],
            adapted=received.adapted,
            notes=[f"{self._endpoint.name}: {note}" for note in received.notes],
        )


def days_of(start: int, end: int) -> Iterator[date]:
    """The days that a stretch of time touches."""
    for second in range(start - start % _SECONDS, end, _SECONDS):
        yield _date_of(second)


def _date_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def loses(adaptation: Adaptation, held: Collection[date]) -> bool:
    """Whether an adaptation costs a dataset anything that it could have.

    Args:
        adaptation: how a query was changed.
        held: the days that the dataset has.
    """
    if not adaptation.loses or (adaptation.endpoint, adaptation.field) in _OPTIONAL:
        return False
    if adaptation.missing is None:
        return True
    window = adaptation.missing.window
    return any(day not in held for day in days_of(window.start, window.end))


def _usage_day(endpoint: Endpoint, day: date, buckets: list[Any], beside: Beside) -> Day:
    table = FetchedTable([(endpoint, buckets)], group_by=endpoint.groups)
    columns = {name: values for name, values in table.columns.items() if name != "endpoint"}
    fields = row_fields(endpoint, buckets) if endpoint.labels else {}
    columns |= {name: fields[name] for name in endpoint.labels if name in fields}
    others = [fields for bucket in buckets for fields in beside.fields(bucket)]
    added = {name for fields in others for name in fields}
    columns |= {
        column_name(name): [text_of(fields.get(name)) for fields in others] for name in added
    }
    if "line_item" in columns:
        parts = {name: derive(name, columns["line_item"]) for name in DERIVED}
        columns = parts | columns  # what rows say themselves stands
    unread, rows = beside.unread(day), len(others)
    for name in {name for row in unread for name in row}:
        columns.setdefault(name, [None] * rows)
    if unread:
        columns = {n: [*values, *(row.get(n) for row in unread)] for n, values in columns.items()}
    is_whole = all(text is None for text in columns.get(UNREADABLE, ()))
    return Day(day, columns, rows + len(unread), is_whole)
