"""What the last months cost, by tables of known figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from openai_admin.insights import Period
from openai_admin.insights.months import month_costs, months_from

from .made import costs, lacking, midnight

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
OVER = Period(date(2026, 7, 1), date(2026, 11, 11))


def _costs(first: date, amount: str) -> list[dict[str, object]]:
    days = (date(2026, 11, 11) - first).days
    return [{"day": first + timedelta(days=n), "amount": amount} for n in range(days)]


def test_months_begin_with_the_first_that_cost_anything() -> None:
    found = month_costs(costs(_costs(date(2026, 9, 11), "1.005")), over=OVER, now=NOW)
    assert [(m.words, m.cost, m.is_over) for m in found] == [
        ("November 2026", Decimal("10.05"), False),
        ("October 2026", Decimal("31.155"), True),
        ("September 2026", Decimal("20.1"), True),
    ]
    assert [m.relative for m in found] == [None, pytest.approx(31.155 / 20.1 - 1), None]


def test_a_lost_day_makes_a_month_no_measure() -> None:
    table = costs(_costs(date(2026, 8, 1), "1"))
    table = lacking(table, "costs", midnight(date(2026, 9, 5)), midnight(date(2026, 9, 6)))
    november, october, september, august = month_costs(table, over=OVER, now=NOW)
    assert (september.gaps, september.cost) == (1, Decimal(30))
    assert (september.relative, october.relative) == (None, None)
    assert (august.cost, november.before) == (Decimal(31), Decimal(31))


def test_a_month_of_which_nothing_came_is_not_free() -> None:
    table = costs(_costs(date(2026, 9, 1), "1"))
    table = lacking(table, "costs", midnight(date(2026, 7, 1)), midnight(date(2026, 9, 1)))
    found = month_costs(table, over=OVER, now=NOW)
    assert [m.cost for m in found] == [Decimal(10), Decimal(31), Decimal(30), None, None]


def test_nothing_was_spent() -> None:
    assert month_costs(costs([]), over=OVER, now=NOW) == ()


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(2026, 11, 27), date(2026, 6, 1)),
        (date(2026, 6, 29), date(2026, 1, 1)),
        (date(2026, 6, 30), date(2026, 2, 1)),
    ],
)
def test_only_whole_months_are_looked_at_within_a_page(last: date, first: date) -> None:
    assert months_from(last) == first
