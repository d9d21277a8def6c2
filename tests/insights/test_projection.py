"""What the month will cost: by hand where it can be, by simulation where it is chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import attrs
import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.insights import Projection, month_of, project_month
from tests.insights.made import (
    WEEK,
    Shape,
    bursts,
    compound,
    costs,
    daily,
    flat,
    lasting,
    office,
    series,
    spiky,
    work,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _project(days: dict[date, Decimal], now: datetime = NOON, **options: float) -> Projection:
    return project_month(daily({("a",): days}), now=now, **options)  # type: ignore[arg-type]


def test_a_steady_cost_goes_on() -> None:
    # 19 days at 10 dollars, 4 so far today; today and ten more days at 10: 190 + 110.
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(80)}
    days[NOON.date()] = Decimal(4)
    found = _project(days)
    assert (found.spent, found.expected) == (Decimal(194), Decimal("300.00"))
    # Nothing ever varied, which does not make it sure: the range is narrow, and not nothing.
    assert found.low is not None
    assert found.high is not None
    assert Decimal(299) < found.low < Decimal(300) < found.high < Decimal(301)
    assert found.fitted_days == 56
    # Today's 4 and the three days before it.
    assert found.unsettled == Decimal(34)


def test_weekends_are_known() -> None:
    # Workdays 10, weekends nothing. November 2026 has 21 workdays.
    days = {
        day: Decimal(10)
        for day in (date(2026, 9, 1) + timedelta(days=i) for i in range(80))
        if day.weekday() < 5
    }
    found = _project(days)
    assert found.expected == Decimal("210.00")


def test_steady_growth_goes_on() -> None:
    # Day i since September 1 costs 100 + i. November's days are 61 to 90: 30 * 100 + 2265.
    days = {
        date(2026, 9, 1) + timedelta(days=i): Decimal(100 + i)
        for i in range((NOON.date() - date(2026, 9, 1)).days)
    }
    found = _project(days)
    assert found.expected is not None
    assert abs(found.expected - 5265) < 20  # weekday factors of a slope are not exactly 1


def test_today_counts_with_what_it_has_cost_when_that_is_more() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(80)}
    days[NOON.date()] = Decimal(75)
    assert _project(days).expected == Decimal("365.00")  # 190 + 75 + ten days at 10


def test_days_that_may_be_restated_do_not_bend_the_estimate() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(80)}
    late = {date(2026, 11, day): Decimal(1) for day in (17, 18, 19)}
    # They may be reported in part, and are estimated like the coming eleven days: 10 each.
    assert _project(days | late).expected == Decimal("300.00")
    assert _project(days | late, restated_days=0).expected != Decimal("300.00")


def test_a_low_day_before_a_full_one_counts_as_it_is() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(80)}
    assert _project(days | {date(2026, 11, 18): Decimal(1)}).expected == Decimal("291.00")


def test_days_that_are_late_widen_the_range() -> None:
    days = series(work(100, 0.15), start=date(2026, 9, 1), days=80, random=Random(5))
    late = {day: days[day] / 2 for day in (date(2026, 11, 18), date(2026, 11, 19))}
    full, in_part = _project(days), _project(days | late)
    nothing = _project({day: cost for day, cost in days.items() if day not in late})
    ends = [(each.low, each.high) for each in (full, in_part, nothing)]
    narrow, *wide = [(high or 0) - (low or 0) for low, high in ends]
    assert min(wide) > narrow > 0
    for found in (in_part, nothing):  # two full days are 6 % of the month
        assert found.expected == pytest.approx(full.expected, rel=Decimal("0.02"))


def test_one_odd_day_does_not_move_the_estimate_much() -> None:
    random = Random(4)
    days = series(work(100, 0.05), start=date(2026, 9, 1), days=80, random=random)
    before = _project(days)
    odd = _project(days | {date(2026, 11, 12): Decimal(1000)})
    assert before.expected is not None
    assert odd.expected is not None
    extra = Decimal(1000) - days[date(2026, 11, 12)]
    assert abs(odd.expected - before.expected - extra) < before.expected / 100


def test_on_the_first_of_a_month_all_of_it_is_estimated() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(61)}
    found = _project(days, datetime(2026, 11, 1, 0, 5, tzinfo=UTC))
    assert (found.spent, found.expected) == (Decimal(0), Decimal("300.00"))


def test_on_the_last_day_only_today_is() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(90)}
    found = _project(days, datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    assert found.expected == Decimal("300.00")


def test_without_history_nothing_is_claimed() -> None:
    nothing = _project({})
    assert (nothing.expected, nothing.low, nothing.high) == (None, None, None)
    assert (nothing.spent, nothing.fitted_days) == (Decimal(0), 0)
    today = _project({NOON.date(): Decimal(5)})
    assert (today.spent, today.expected) == (Decimal(5), None)


def test_with_less_than_a_week_there_is_no_range() -> None:
    days = {date(2026, 11, day): Decimal(10) for day in range(12, 20)}
    found = _project(days)
    assert found.fitted_days == 5  # the last three may be restated
    assert found.expected == Decimal("190.00")  # 80 reported, and eleven days at 10
    assert (found.low, found.high) == (None, None)


def test_days_before_the_first_cost_are_no_zeros() -> None:
    days = {date(2026, 11, day): Decimal(10) for day in range(1, 20)}
    assert _project(days).expected == Decimal("300.00")


def test_days_that_could_not_be_fetched_are_no_zeros() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(10) for i in range(80)}
    lost = [date(2026, 11, 3), date(2026, 11, 4)]
    whole = daily({("a",): {d: v for d, v in days.items() if d not in lost}})
    found = project_month(attrs.evolve(whole, gaps=frozenset(lost)), now=NOON)
    assert (found.gaps, found.spent) == (2, Decimal(170))
    assert (found.expected, found.low, found.high) == (None, None, None)
    earlier = [date(2026, 10, 3), date(2026, 10, 4)]
    whole = daily({("a",): {d: v for d, v in days.items() if d not in earlier}})
    found = project_month(attrs.evolve(whole, gaps=frozenset(earlier)), now=NOON)
    assert (found.gaps, found.expected) == (0, Decimal("300.00"))


def test_a_table_gives_the_same_as_its_daily_costs() -> None:
    days = series(work(100, 0.1), start=date(2026, 9, 1), days=80, random=Random(1))
    halves = [(d, str(v / 2), p) for d, v in days.items() for p in "ab"]
    rows = [{"day": d, "amount": v, "project_id": p} for d, v, p in halves]
    assert project_month(costs(rows), now=NOON) == project_month(daily({("a",): days}), now=NOON)


def test_groups_do_not_matter_to_the_total() -> None:
    days = series(work(100, 0.1), start=date(2026, 9, 1), days=80, random=Random(1))
    one = daily({("a",): days})
    split = daily(
        {
            ("a",): {d: v for d, v in days.items() if d.day % 2},
            ("b",): {d: v for d, v in days.items() if not d.day % 2},
        }
    )
    assert project_month(one, now=NOON) == project_month(split, now=NOON)


def test_a_larger_coverage_has_a_wider_range() -> None:
    days = series(work(100, 0.1), start=date(2026, 9, 1), days=80, random=Random(2))
    ranges = [_project(days, coverage=c) for c in (0.5, 0.8, 0.95, 0.99)]
    widths = [r.high - r.low for r in ranges if r.high is not None and r.low is not None]
    assert widths == sorted(widths)
    assert len(set(widths)) == 4
    assert len({r.expected for r in ranges}) == 1


def test_arguments_out_of_range() -> None:
    for coverage in (0.4, 1.0):
        with pytest.raises(InvalidInputError, match=r"between 0\.5 and 0\.99"):
            _project({}, coverage=coverage)
    with pytest.raises(InvalidInputError, match="restated_days"):
        _project({}, restated_days=-1)
    with pytest.raises(InvalidInputError, match="time zone"):
        _project({}, datetime(2026, 11, 1))  # noqa: DTZ001 - what is refused


def _held(make: Callable[[], Shape], history: int, coverage: float, runs: int) -> float:
    """How often the range holds what the month costs in the end, at random moments of 2026."""
    random = Random(f"{history} {coverage}")
    held = claims = 0
    for _ in range(runs):
        now = datetime(2026, random.randint(1, 12), random.randint(2, 26), tzinfo=UTC)
        now += timedelta(hours=random.randrange(24))
        today, month = now.date(), month_of(now)
        start = today - timedelta(days=history)
        days = series(make(), start=start, days=(month.end - start).days, random=random)
        seen = {day: amount for day, amount in days.items() if day < today}
        seen[today] = (days.get(today, Decimal(0)) * now.hour / 24).quantize(Decimal("0.0001"))
        truth = sum((v for day, v in days.items() if day in month), Decimal(0))
        found = _project(seen, now, coverage=coverage)
        if found.low is not None and found.high is not None:
            claims += 1
            held += found.low <= truth <= found.high
    assert claims > 0.9 * runs  # the others have less than a week since their first cost
    return held / claims


# The docstring promises "about as often, or somewhat more often". With 150 months the standard
# error of a share of 0.8 is 0.033, so 0.7 is three of them below.
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("noise", lambda: work(1000, 0.1)),
        ("flat and loud", lambda: flat(1000, 0.2)),
        ("growth", lambda: work(1000, 0.05, growth=0.02)),
        ("compound growth", lambda: compound(1000, 0.05, growth=0.01)),
        ("office", lambda: office(1000, 0.1)),
        ("spikes", lambda: spiky(1000, 0.1)),
        ("bursts", lambda: bursts(1000)),
        ("lasting deviations", lambda: lasting(1000, 0.1)),
    ],
)
@pytest.mark.parametrize("history", [60, 33])
def test_the_range_holds_as_often_as_it_says(
    name: str, make: Callable[[], Shape], history: int
) -> None:
    assert _held(make, history, 0.8, runs=150) >= 0.7


@pytest.mark.parametrize(("coverage", "least", "most"), [(0.5, 0.4, 0.65), (0.95, 0.9, 1.0)])
def test_other_coverages_hold_too(coverage: float, least: float, most: float) -> None:
    assert least <= _held(lambda: work(1000, 0.1), 60, coverage, runs=300) <= most


def test_the_range_is_not_wide_for_nothing() -> None:
    # Fourteen days of 10 % noise scatter by 0.1 / sqrt(14) = 2.7 % of their sum; 80 % of a normal
    # distribution lie within 1.28 of that. What is not known of level and slope may double it.
    random = Random(8)
    widths = []
    for _ in range(40):
        days = series(work(1000, 0.1), start=date(2026, 9, 1), days=77, random=random)
        found = _project(days, datetime(2026, 11, 17, tzinfo=UTC))
        assert found.low is not None
        assert found.high is not None
        rest = 1000 * sum(WEEK[date(2026, 11, d).weekday()] for d in range(17, 31))
        widths.append(float(found.high - found.low) / rest)
    assert 0.06 < sorted(widths)[len(widths) // 2] < 0.16


@pytest.mark.parametrize(
    ("amounts", "most"),
    [
        (dict.fromkeys(range(60), 120), 4_000),  # then nothing
        ({i: 10 if i < 70 else 20 for i in range(80)}, 800),  # a price that doubled
        ({i: 3_000 if i == 20 else 10 for i in range(80)}, 8_000),  # a fee of once
        ({i: -20 if i == 65 else 10 for i in range(80)}, 800),  # a credit
    ],
)
def test_one_event_in_even_costs_does_not_make_anything_possible(
    amounts: Mapping[int, int], most: int
) -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(v) for i, v in amounts.items()}
    found = _project(days)
    assert found.expected is not None
    assert found.high is not None
    assert found.expected < found.high < most


def test_credits_go_on() -> None:
    days = {date(2026, 9, 1) + timedelta(days=i): Decimal(-5) for i in range(80)}
    found = _project(days)
    assert found.expected == Decimal("-150.00")
    assert found.low is not None
    assert found.low < Decimal(-150) < (found.high or Decimal(0)) < Decimal(-149)
