"""What today and the month have cost so far, out of a table of daily costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import repeat
from typing import Any

from ...insights.daily import days_in
from ...insights.periods import Period, midnight, month_of
from ...usage.line_items import DERIVED, LineItem
from ...usage.money import currency_code, plus
from ...usage.plan import Window
from ...usage.table import UsageTable
from .families import NONE, UNALLOCATED
from .figures import Figure, moment
from .folding import Key

Spend = Mapping[Key, Decimal]
"""Amounts by project id, model, tier, currency and, where there is an allocation, team."""


def spend_figures(table: UsageTable, *, now: datetime) -> dict[str, Figure[Any]]:
    """`spend_day` and `spend_month`, as far as they are known.

    The day is known once a bucket of it came, and the month where none of its days is missing. A
    day of which an amount cannot be read is missing as well: a sum without it would be wrong. What
    is incomplete is only what amounts are for.

    Args:
        table: daily costs, grouped by project and line item, from the month's first day on.
        now: when they were fetched, by the server's clock.
    """
    month, today = month_of(now), now.astimezone(UTC).date()
    amounts: dict[bool, dict[Key, Decimal]] = {True: {}, False: {}}
    for key, start, amount in _rows(table):
        day = start.astimezone(UTC).date()
        if day in month:
            sums = amounts[day == today]
            sums[key] = plus(sums[key], amount) if key in sums else amount
    lost = {
        day
        for window in (*(gap.window for gap in table.missing), *_windows_without_amounts(table))
        for day in _days(days_in(window))
        if day in month
    }
    unread = {day for odd in table.unreadable for day in _days(days_in(odd.window)) if day in month}
    ends = [end for coverage in table.coverage for _, end in coverage.buckets]
    came = max(ends, default=None)
    has_fields = not any(each.field for each in table.adapted)
    found = {}
    tomorrow = midnight(today + timedelta(days=1))
    if came is not None and came > midnight(today) and today not in lost:
        day_sums = {**dict.fromkeys(amounts[False], Decimal(0)), **amounts[True]}
        complete = has_fields and today not in unread
        found["spend_day"] = Figure(day_sums, moment(now), moment(tomorrow), complete)
    if came is not None and not lost:
        sums = dict(amounts[False])
        for key, amount in amounts[True].items():
            sums[key] = plus(sums[key], amount) if key in sums else amount
        end = moment(midnight(month.end))
        complete = has_fields and not unread
        found["spend_month"] = Figure(sums, moment(min(now, came)), end, complete)
    return found


def by_project(spend: Spend) -> dict[Key, Decimal]:
    """The same amounts by project id and currency alone."""
    sums: dict[Key, Decimal] = {}
    for (project, _, _, currency, *_), amount in spend.items():
        key = (project, currency)
        sums[key] = plus(sums[key], amount) if key in sums else amount
    return sums


def _rows(table: UsageTable) -> Iterator[tuple[Key, datetime, Decimal]]:
    """The amounts with what they are for, and the beginnings of their days."""
    columns = table.columns
    some: Any = repeat(None, len(table))
    teams = columns.get("team")
    rows = zip(
        columns.get("project_id", some),
        columns.get("line_item", some),
        columns["currency"],
        some if teams is None else teams,
        columns["start_time"],
        columns["amount"],
        strict=True,
    )
    lines: dict[str | None, tuple[str, str]] = {}
    for project, line_item, currency, team, start, amount in rows:
        if amount is None:
            continue
        line = lines.get(line_item)
        if line is None:
            item = LineItem.parse(line_item)
            line = DERIVED["model"](item) or NONE, DERIVED["tier"](item) or NONE
            lines[line_item] = line
        key = (project or NONE, *line, currency_code(currency) or NONE)
        yield (*key, team or UNALLOCATED) if teams is not None else key, start, amount


def _windows_without_amounts(table: UsageTable) -> Iterator[Window]:
    """The windows with a row or an amount that could not be read."""
    return (odd.window for odd in table.unreadable if odd.part.field in (None, "amount"))


def _days(period: Period) -> Iterator[Any]:
    return (period.start + timedelta(days=n) for n in range(period.days))
