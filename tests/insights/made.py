"""Tables and series made by hand or at random for the tests of insights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from openai_admin.errors import APIConnectionError
from openai_admin.insights import DailyCosts, GroupKey
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow

COST_COLUMNS = [
    *("endpoint", "start_time", "end_time", "project_id", "user_id", "api_key_id", "line_item"),
    *("amount", "currency", "quantity", "quantity_unit"),
]
WEEK = (1.04, 1.10, 1.12, 1.08, 0.96, 0.50, 0.45)
"""An ordinary week of work, Monday first."""


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def costs(rows: Iterable[Mapping[str, Any]], *, without: Iterable[str] = ()) -> UsageTable:
    """A table of daily costs; each row has a `day`, an `amount` as text, and what it is about."""
    made: list[dict[str, Any]] = []
    for row in rows:
        start = midnight(row["day"])
        made.append(
            {
                "endpoint": "costs",
                "start_time": start,
                "end_time": start + timedelta(days=1),
                "currency": "usd",
                **{k: v for k, v in row.items() if k != "day"},
                "amount": Decimal(row["amount"]),
            }
        )
    names = [c for c in COST_COLUMNS if c not in set(without)]
    metrics = ["amount", "currency", "quantity", "quantity_unit"]
    return UsageTable(
        {name: [row.get(name) for row in made] for name in names},
        dimensions=[n for n in names if n not in metrics],
        metrics=metrics,
    )


def usage(rows: Iterable[Mapping[str, Any]], *, width: timedelta = timedelta(days=1)) -> UsageTable:
    """A table of usage; each row has an `endpoint`, a `start_time`, groups and counts."""
    listed = [{"end_time": row["start_time"] + width, **row} for row in rows]
    names = list(dict.fromkeys(name for row in listed for name in row))
    return UsageTable(
        {name: [row.get(name) for row in listed] for name in names},
        dimensions=["endpoint", "start_time", "end_time"],
        metrics=[n for n in names if n not in ("endpoint", "start_time", "end_time")],
    )


def lacking(table: UsageTable, endpoint: str, start: datetime, end: datetime) -> UsageTable:
    """A table of which a stretch did not come."""
    first, last = int(start.timestamp()), int(end.timestamp())
    lost = MissingWindow(endpoint, Window(first, last, 1), APIConnectionError("gone"))
    return UsageTable(
        table.columns, dimensions=table.dimensions, metrics=table.metrics, missing=[lost]
    )


def daily(groups: Mapping[GroupKey, Mapping[date, Decimal]]) -> DailyCosts:
    return DailyCosts(by=("project",), currency="usd", groups=groups)


Shape = Callable[[int, date, Random], float]
"""What a day costs: by its number, its date, and chance."""


def series(shape: Shape, *, start: date, days: int, random: Random) -> dict[date, Decimal]:
    """A series of a shape; days that cost nothing are left out, as the API does."""
    made: dict[date, Decimal] = {}
    for i in range(days):
        day = start + timedelta(days=i)
        amount = Decimal(f"{max(0.0, shape(i, day, random)):.4f}")
        if amount:
            made[day] = amount
    return made


def flat(level: float, noise: float) -> Shape:
    return lambda i, day, random: level * (1 + random.gauss(0, noise))


def work(level: float, noise: float, growth: float = 0.0) -> Shape:
    """Workdays and weekends, growing by a part of the level each day."""

    def shape(i: int, day: date, random: Random) -> float:
        return level * WEEK[day.weekday()] * (1 + growth * i) * (1 + random.gauss(0, noise))

    return shape


def compound(level: float, noise: float, growth: float) -> Shape:
    """Workdays and weekends, growing by a part of the day before."""

    def shape(i: int, day: date, random: Random) -> float:
        return level * WEEK[day.weekday()] * math.pow(1 + growth, i) * (1 + random.gauss(0, noise))

    return shape


def office(level: float, noise: float) -> Shape:
    """Nothing at all on weekends."""
    return lambda i, day, random: 0.0 if day.weekday() > 4 else level * (1 + random.gauss(0, noise))


def spiky(level: float, noise: float) -> Shape:
    """One day in twenty-five costs up to four times as much."""

    def shape(i: int, day: date, random: Random) -> float:
        spike = 3 * random.random() if random.random() < 0.04 else 0.0
        return level * (WEEK[day.weekday()] * (1 + random.gauss(0, noise)) + spike)

    return shape


def bursts(level: float) -> Shape:
    """One day in five costs something."""
    return lambda i, day, random: level * 5 * random.random() if random.random() < 0.2 else 0.0


def lasting(level: float, noise: float) -> Shape:
    """Deviations of which seven tenths are still there on the next day."""
    before = 0.0

    def shape(i: int, day: date, random: Random) -> float:
        nonlocal before
        before = 0.7 * before + random.gauss(0, noise)
        return level * WEEK[day.weekday()] * (1 + before)

    return shape


def counted(price: float, mean: float) -> Shape:
    """A few requests of one price each day, so that small days scatter most."""

    def shape(i: int, day: date, random: Random) -> float:
        limit, count, product = math.exp(-mean * WEEK[day.weekday()]), 0, random.random()
        while product > limit:
            count += 1
            product *= random.random()
        return price * count

    return shape
