"""Costs by days of a time zone: those of UTC days, shared out by the usage of each line item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import anyio.to_thread
from msgspec.structs import replace

from .._declare.arguments import one_of
from ..errors import InvalidInputError
from ..resources.usage.results import Cost, CostAmount, UsageBucket
from ..resources.usage.stretches import WIDTHS
from .days import beginning, days_between
from .endpoints import Endpoint, endpoints
from .fetched import FetchedTable
from .line_items import LineItem
from .money import add_up, currency_code
from .plan import Window
from .sharing import BESIDE, UsedByPart, endpoints_of, shared
from .told import MissingWindow

Fetch = Callable[..., Awaitable[FetchedTable]]

_DAY = WIDTHS["1d"]
_NAMED = 5


class CostsByDay:
    """Costs by days of a time zone.

    Each amount of a UTC day and line item is shared out over the zone's days in it, by how much was
    used then of what the line item is for. The parts add up to the amount exactly.

    Args:
        fetch: fetches buckets of UTC.
        bucket: makes a bucket of a day of the zone.
        groups: the fields to group by.
        zone: whose days.
        days: those that are asked for.
        range: their beginning and end, in Unix seconds.
        width: the width of buckets that no midnight of the zone cuts.
        filters: what narrows the query.
        partial: whether what cannot be shared out is named, instead of raised.
    """

    def __init__(
        self,
        fetch: Fetch,
        bucket: Callable[[date, list[Any]], UsageBucket[Any]],
        *,
        groups: Sequence[str],
        zone: ZoneInfo,
        days: Sequence[date],
        range: tuple[int, int | None],
        width: str,
        filters: Mapping[str, Any],
        partial: bool,
    ) -> None:
        self._fetch = fetch
        self._bucket = bucket
        self._groups = groups
        self._beside = [g for g in groups if g != "line_item"]
        self._zone = zone
        self._days = days
        start, end = range
        self._span = {
            "start_time": start - start % _DAY,
            "end_time": None if end is None else -(-end // _DAY) * _DAY,
        }
        self._width = width
        self._filters = filters
        self._partial = partial
        self._used = UsedByPart(self._beside)
        self._rows: dict[date, list[Cost]] = {}
        self._missing: list[MissingWindow] = []

    async def run(self) -> FetchedTable:
        """A table of costs, and what of it is not known.

        Raises:
            InvalidInputError: an amount cannot be shared out.
            UsageWindowError: a window could not be fetched.
        """
        endpoint = endpoints()["costs"]
        by_item = list(dict.fromkeys([*self._groups, "line_item"]))
        table = await self._fetch(
            [endpoint], by_item, bucket_width="1d", filters=self._filters, **self._span
        )
        ((_, bills),) = table.parts
        lost = await self._look_at_usage(bills)
        costs = await anyio.to_thread.run_sync(self._shared, endpoint, table, bills, lost)
        costs.missing += self._missing
        costs.notes.append(
            f"Costs by days of {self._zone} are estimates: the amount of each UTC day was shared"
            " out by the usage of its line item."
        )
        return costs

    def _shared(
        self,
        endpoint: Endpoint,
        table: FetchedTable,
        bills: Sequence[UsageBucket[Cost]],
        lost: Mapping[date, MissingWindow],
    ) -> FetchedTable:
        """A table of what each day has a part of."""
        for bill in bills:
            self._share(bill, lost)
        asked = set(self._days)
        buckets = [
            self._bucket(day, self._added(rows))
            for day, rows in sorted(self._rows.items())
            if day in asked
        ]
        return table.of_parts([(endpoint, buckets)], estimated=True)

    async def _look_at_usage(
        self, bills: Sequence[UsageBucket[Cost]]
    ) -> Mapping[date, MissingWindow]:
        """Fetch what the costs are for; return the UTC days of which some is missing."""
        items = {row.line_item for bill in bills for row in bill.results}
        filters = {name: value for name, value in self._filters.items() if name != "line_items"}
        named = [endpoints()[name] for name in endpoints_of(items)]
        meant = [e for e in named if filters.keys() <= e.filters]  # others cannot show it
        if not meant:
            return {}
        known = {group for endpoint in meant for group in endpoint.groups}
        groups = [g for g in dict.fromkeys((*self._beside, *BESIDE)) if g in known]
        usage = await self._fetch(
            meant,
            groups,
            bucket_width=self._width,
            filters=filters,
            part_of=self._part,
            **self._span,
        )
        await anyio.to_thread.run_sync(self._count, usage)
        return {
            day: each
            for each in usage.missing
            for day in days_between(each.window.start, each.window.end)
        }

    def _count(self, usage: FetchedTable) -> None:
        for endpoint, buckets in usage.parts:
            for bucket in buckets:
                part = self._part(bucket.start_time)
                for row in bucket.results:
                    self._used.add(endpoint.name, part, row)

    def _part(self, moment: datetime) -> tuple[date, date]:
        """The day of UTC and the zone's day."""
        return moment.date(), moment.astimezone(self._zone).date()

    def _share(self, bill: UsageBucket[Cost], lost: Mapping[date, MissingWindow]) -> None:
        """Share out a UTC day's costs over the zone's days in it."""
        day = bill.start_time.date()
        start = beginning(day)
        window = Window(start, start + _DAY, 1)
        if day in lost:
            self._missing.append(MissingWindow("costs", window, lost[day].error))
            return
        parts = list(days_between(start, start + _DAY, self._zone))
        for part in parts:
            self._rows.setdefault(part, [])
        unshown = [row for row in bill.results if not self._share_row(row, day, parts)]
        if not unshown:
            return
        names = list(dict.fromkeys(row.line_item or "no line item" for row in unshown))
        error = InvalidInputError(
            f"Costs of {day} (UTC) cannot be shared out over days of {self._zone}: there is no"
            f" usage that shows when {one_of(names[:_NAMED])} was used."
        )
        if not self._partial:
            raise error
        self._missing.append(MissingWindow("costs", window, error))

    def _share_row(self, row: Cost, day: date, parts: Sequence[date]) -> bool:
        """Share out one amount, if usage shows how."""
        if row.amount is None or row.amount.value is None:
            return True  # it could not be read, and the table says so
        used = self._used.of(LineItem.parse(row.line_item), row)
        weights = [used.get((day, part), 0) for part in parts]
        if not any(weights):
            return not row.amount.value
        amounts = shared(row.amount.value, weights)
        no_quantity: list[Decimal | None] = [None] * len(parts)
        quantities = no_quantity if row.quantity is None else shared(row.quantity, weights)
        pairs = zip(parts, weights, amounts, quantities, strict=True)
        for part, weight, amount, quantity in pairs:
            if weight:
                self._rows[part].append(_of(row, amount, quantity))
        return True

    def _added(self, rows: Sequence[Cost]) -> list[Cost]:
        """A row for each combination of groups, and each currency."""
        groups: dict[Any, list[Cost]] = {}
        for row in rows:
            currency = row.amount and currency_code(row.amount.currency)
            key = (*(getattr(row, group) for group in self._groups), currency)
            groups.setdefault(key, []).append(row)
        return [self._sum(same) for same in groups.values()]

    def _sum(self, rows: Sequence[Cost]) -> Cost:
        amounts = [r.amount.value for r in rows if r.amount and r.amount.value is not None]
        quantities = [row.quantity for row in rows if row.quantity is not None]
        like = len({row.quantity_unit for row in rows}) == 1 and len(quantities) == len(rows)
        total = _of(rows[0], add_up(amounts), add_up(quantities) if like else None)
        return total if "line_item" in self._groups else replace(total, line_item=None)


def _of(row: Cost, amount: Decimal, quantity: Decimal | None) -> Cost:
    """A row of another amount and quantity."""
    currency = None if row.amount is None else row.amount.currency
    return replace(
        row,
        amount=CostAmount(value=amount, currency=currency),
        quantity=quantity,
        quantity_unit=None if quantity is None else row.quantity_unit,
    )
