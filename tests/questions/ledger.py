"""What the emulator's meter counted, added up without the package's own sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from openai_admin.emulator.metering.endpoints import ENDPOINTS
from openai_admin.emulator.metering.meter import Meter

DAY = 86_400
COSTS = ("project_id", "user_id", "api_key_id", "line_item")
TIERS = ("batch", "flex", "priority")

Row = Mapping[str, Any]
Key = Callable[[Row], Any]


class Ledger:
    """The finest rows that the meter has, which are added up here by any key."""

    def __init__(self, meter: Meter, now: int) -> None:
        self._meter = meter
        self._now = now

    def money(self, first: date, last: date, key: Key) -> dict[Any, Decimal]:
        """The dollars of some days, both included."""
        sums: dict[Any, Decimal] = defaultdict(Decimal)
        for day in _days(first, last):
            for row in self._costs(day, self._now):
                sums[key({**row, "date": day})] += row["amount"]["value"]
        return dict(sums)

    def money_between(self, start: int, end: int) -> Decimal:
        """The dollars from one moment to another: what each day has by the one, less the other."""
        total = Decimal(0)
        for day in range(start // DAY, -(-end // DAY)):
            when = date(1970, 1, 1) + timedelta(days=day)
            for sign, moment in ((1, end), (-1, start)):
                rows = self._costs(when, min(moment, self._now))
                total += sign * sum((row["amount"]["value"] for row in rows), Decimal(0))
        return total

    def _costs(self, day: date, now: int) -> list[dict[str, Any]]:
        number = midnight(day) // DAY
        (rows,) = self._meter.costs([number], group_by=COSTS, now=now)
        return rows

    def usage(self, endpoint: str, start: int, end: int) -> Iterator[dict[str, Any]]:
        """Every row of an endpoint between two moments, by all its fields."""
        edges = sorted({start, end, *range(-(-start // DAY) * DAY, end, DAY)})
        described = ENDPOINTS[endpoint]
        for rows in self._meter.usage(
            described, edges, group_by=described.dimensions, now=self._now
        ):
            yield from rows

    def counts(self, endpoint: str, start: int, end: int, metric: str, key: Key) -> dict[Any, int]:
        """One count of an endpoint between two moments."""
        sums: dict[Any, int] = defaultdict(int)
        for row in self.usage(endpoint, start, end):
            sums[key(row)] += row[metric]
        return dict(sums)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def midnight(day: date, zone: tzinfo = UTC) -> int:
    """Where a day begins, in Unix seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def field(name: str) -> Key:
    """A key that is one field of a row."""
    return lambda row: row[name]


def model_of(row: Row) -> str:
    """The model of a line of the bill; a tool stands for itself."""
    return str(row["line_item"]).rpartition(" | ")[2].split(", ")[0]


def tier_of(row: Row) -> str:
    """The tier of a line of the bill, or of usage."""
    if "line_item" in row:
        return str(row["line_item"]).rpartition(" | ")[0] or "standard"
    if row.get("batch"):
        return "batch"
    tier = row.get("service_tier")
    return tier if tier in TIERS else "standard"
