"""Usage and costs by days of a time zone, made of what the API gives by hours and days of UTC."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import anyio.to_thread
import attrs

from .._declare.arguments import Timestamp
from ..errors import InvalidInputError
from ..resources.usage import check_time_range
from ..resources.usage.results import UsageBucket
from .asked import Asked
from .days import beginning, day_of, days_between
from .days import whole_days as whole
from .endpoints import Endpoint, asked_by
from .fetched import FetchedTable
from .folding import by_part
from .shared_costs import CostsByDay
from .zones import moment_in, width_for, zone_of

Fetch = Callable[..., Awaitable[FetchedTable]]


@attrs.frozen(kw_only=True)
class ZonedQuery:
    """A query by days of a time zone.

    Attributes:
        fetch: fetches buckets of UTC.
        meant: the endpoints.
        groups: the fields to group by.
        zone: whose days.
        start: Unix seconds, a midnight of the zone.
        end: Unix seconds, exclusive, a midnight of the zone; ``None`` is now.
        now: Unix seconds.
        filters: what narrows the query.
        partial: whether what cannot be fetched or shared out is named, instead of raised.
        notes: how the range was changed.
    """

    fetch: Fetch
    meant: Sequence[Endpoint]
    groups: Sequence[str]
    zone: ZoneInfo
    start: int
    end: int | None
    now: int
    filters: Mapping[str, Any]
    partial: bool
    notes: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        fetch: Fetch,
        meant: Sequence[Endpoint],
        groups: Sequence[str],
        *,
        tz: str | ZoneInfo,
        start_time: Timestamp,
        end_time: Timestamp | None,
        bucket_width: str,
        now: int,
        whole_days: bool,
        partial: bool,
        filters: Mapping[str, Any],
    ) -> ZonedQuery:
        """The query that these arguments of `collect` ask for.

        Raises:
            InvalidInputError: there is no such zone, or they do not ask for whole days of it.
        """
        zone = zone_of(tz)
        if bucket_width != "1d":
            raise InvalidInputError(f"tz gives days: bucket_width '1d', not {bucket_width!r}.")
        start = moment_in(zone, start_time, "start_time")
        end = None if end_time is None else moment_in(zone, end_time, "end_time")
        check_time_range(start, end)
        days = whole(
            start, end, now=now, zone=zone, widen=whole_days, subject="With tz, usage comes"
        )
        today = beginning(day_of(now, zone), zone)
        return cls(
            fetch=fetch,
            meant=meant,
            groups=groups,
            zone=zone,
            start=days.start,
            end=None if days.end is None or days.end > today else days.end,
            now=now,
            filters={n: list(v) if isinstance(v, Iterator) else v for n, v in filters.items()},
            partial=partial,
            notes=[] if days.note is None else [days.note],
        )

    async def run(self) -> FetchedTable:
        """The table.

        Raises:
            InvalidInputError: the zone's days cannot be made of UTC buckets, or an amount cannot be
                shared out; it says which.
            UsageWindowError: a window could not be fetched.
        """
        until = self.now if self.end is None else min(self.end, self.now)
        days = list(days_between(self.start, until, self.zone))
        width = width_for([*days, *(day + timedelta(days=1) for day in days[-1:])], self.zone)
        range = {"start_time": self.start, "end_time": self.end}
        if width == "1d":
            table = await self.fetch(
                self.meant, self.groups, bucket_width=width, filters=self.filters, **range
            )
            table.zone = self.zone
            table.notes += self.notes
            return table
        usage = [e for e in self.meant if e.name != "costs"]
        tables: list[FetchedTable] = []
        if usage:
            table = await self.fetch(
                usage,
                self.groups,
                bucket_width=width,
                filters=self.filters,
                part_of=self._day,
                **range,
            )
            tables.append(await anyio.to_thread.run_sync(self._of_days, table))
        for endpoint in self.meant:
            if endpoint.name == "costs":
                costs = CostsByDay(
                    self.fetch,
                    self._bucket,
                    groups=endpoint.asked(self.groups),
                    zone=self.zone,
                    days=days,
                    range=(self.start, self.end),
                    width=width,
                    filters=self.filters,
                    partial=self.partial,
                )
                tables.append(await costs.run())
        joined = FetchedTable.joined(
            tables,
            group_by=asked_by(self.meant, self.groups),
            zone=self.zone,
            asked=Asked.of(self.start, self.end, self.now, filters=self.filters),
        )
        joined.notes += self.notes
        return joined

    def _bucket(self, day: date, rows: list[Any]) -> UsageBucket[Any]:
        start, end = beginning(day, self.zone), beginning(day + timedelta(days=1), self.zone)
        return UsageBucket(
            start_time=datetime.fromtimestamp(start, UTC),
            end_time=datetime.fromtimestamp(end, UTC),
            results=rows,
        )

    def _of_days(self, table: FetchedTable) -> FetchedTable:
        return table.of_parts([(e, self._by_day(e, buckets)) for e, buckets in table.parts])

    def _by_day(
        self, endpoint: Endpoint, buckets: Sequence[UsageBucket[Any]]
    ) -> list[UsageBucket[Any]]:
        """A bucket for each day of the zone that anything came for, its rows added up."""
        days = by_part(self._day, endpoint, buckets)
        return [self._bucket(day, rows) for day, rows in sorted(days.items())]

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()
