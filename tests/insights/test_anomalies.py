"""Odd days are found, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import attrs
import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.insights import AnomalySearch, GroupKey, Period, anomalies
from tests.insights.made import (
    Shape,
    bursts,
    compound,
    costs,
    counted,
    daily,
    flat,
    lasting,
    office,
    series,
    work,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PERIOD = Period(date(2026, 10, 21), date(2026, 11, 20))
ODD = date(2026, 11, 4)  # a Wednesday

Days = dict[date, Decimal]


def _search(groups: dict[GroupKey, Days], **options: object) -> AnomalySearch:
    return anomalies(daily(groups), period=PERIOD, now=NOW, **options)  # type: ignore[arg-type]


def _steady(amount: int = 10, days: int = 84) -> Days:
    start = NOW.date() - timedelta(days=days)
    return {start + timedelta(days=i): Decimal(amount) for i in range(days)}


def test_an_odd_day_is_found_with_its_usual_range() -> None:
    # A series that never varies is taken to vary by 5 %: 10 within 0.5. One group of 30 days is
    # 30 tests: 1 - 0.05 / 60 of a normal distribution lies below 3.144; half as wide again is
    # 4.716, and 8 / 84 more for twelve weeks of history 5.166: the range is 10 within 2.58.
    found = _search({("a",): _steady() | {ODD: Decimal(70)}})
    (anomaly,) = found.found
    assert (anomaly.group, anomaly.day, anomaly.cost) == (("a",), ODD, Decimal(70))
    assert (anomaly.expected, anomaly.low, anomaly.high) == (
        Decimal("10.00"),
        Decimal("7.42"),
        Decimal("12.58"),
    )
    assert anomaly.excess == Decimal("60.00")
    assert anomaly.score == pytest.approx(120 / (1 + 8 / 84))
    assert (found.judged, found.too_short, found.too_small) == (1, 0, 0)


def test_a_drop_is_found_once_costs_have_arrived() -> None:
    outage = {ODD: Decimal(0)}
    (anomaly,) = _search({("a",): _steady() | outage}).found
    assert anomaly.excess == Decimal("-10.00")
    assert anomaly.score == pytest.approx(-20 / (1 + 8 / 84))
    late = {date(2026, 11, day): Decimal(0) for day in (17, 18, 19)}
    assert _search({("a",): _steady() | late}).found == ()
    assert len(_search({("a",): _steady() | late}, restated_days=0).found) == 3


def test_a_rise_is_found_on_the_last_day_too() -> None:
    (anomaly,) = _search({("a",): _steady() | {date(2026, 11, 19): Decimal(50)}}).found
    assert anomaly.day == date(2026, 11, 19)


def test_the_day_that_runs_now_is_not_judged() -> None:
    days = _steady() | {NOW.date(): Decimal(500)}
    period = Period(PERIOD.start, NOW.date() + timedelta(days=1))
    found = anomalies(daily({("a",): days}), period=period, now=NOW)
    assert (found.found, found.period) == ((), PERIOD)


def test_a_saturday_that_is_like_a_workday_is_odd() -> None:
    random = Random(3)
    days = series(work(100, 0.03), start=date(2026, 8, 28), days=84, random=random)
    saturday = date(2026, 11, 7)
    (anomaly,) = _search({("a",): days | {saturday: Decimal(105)}}).found
    assert anomaly.day == saturday
    assert abs(anomaly.expected - 50) < 3


def test_only_what_is_worth_a_look_is_found() -> None:
    # Four dollars more than usual is far off, yet less than `least`.
    assert _search({("a",): _steady(2) | {ODD: Decimal("6.90")}}).found == ()
    assert len(_search({("a",): _steady(2) | {ODD: Decimal("6.90")}}, least=Decimal(4)).found) == 1
    # Forty percent more is far off for a series this steady, yet less than `ratio`.
    assert _search({("a",): _steady(100) | {ODD: Decimal(140)}}).found == ()
    assert len(_search({("a",): _steady(100) | {ODD: Decimal(140)}}, ratio=0.3).found) == 1


def test_what_cannot_be_judged_is_counted() -> None:
    found = _search(
        {
            ("young",): _steady(days=20) | {ODD: Decimal(500)},
            ("tiny",): _steady(0) | {ODD: Decimal(4)},
            ("later",): {NOW.date(): Decimal(9)},
            ("fine",): _steady(),
        }
    )
    assert (found.judged, found.too_short, found.too_small) == (1, 1, 2)
    assert found.found == ()


def test_days_before_the_first_cost_are_no_drops() -> None:
    assert _search({("a",): _steady(days=22)}).found == ()


def test_days_that_could_not_be_fetched_are_no_drops() -> None:
    days = _steady()
    del days[ODD]
    whole = daily({("a",): days})
    assert len(anomalies(whole, period=PERIOD, now=NOW).found) == 1
    gap = attrs.evolve(whole, gaps=frozenset([ODD]))
    assert anomalies(gap, period=PERIOD, now=NOW).found == ()


def test_the_most_money_comes_first_and_a_table_does_as_well() -> None:
    groups = {"a": {ODD: Decimal(70)}, "b": {ODD: Decimal(700)}}
    rows = [
        {"day": day, "project_id": name, "line_item": "gpt-5, input", "amount": str(amount)}
        for name, odd in groups.items()
        for day, amount in (_steady() | odd).items()
    ]
    found = anomalies(costs(rows), period=PERIOD, now=NOW)
    assert [a.group for a in found.found] == [("b", "gpt-5"), ("a", "gpt-5")]
    backwards = anomalies(costs(rows[::-1]), period=PERIOD, now=NOW)
    assert backwards == found


def test_arguments_out_of_range() -> None:
    with pytest.raises(InvalidInputError, match="negative"):
        _search({}, least=Decimal(-1))
    with pytest.raises(InvalidInputError, match="negative"):
        _search({}, ratio=-0.1)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("steady noise", lambda: work(100, 0.1)),
        ("loud noise", lambda: flat(100, 0.2)),
        ("growth", lambda: work(100, 0.05, growth=0.02)),
        ("compound growth", lambda: compound(100, 0.05, growth=0.01)),
        ("office", lambda: office(100, 0.1)),
        ("bursts", lambda: bursts(100)),
        ("lasting deviations", lambda: lasting(100, 0.1)),
        ("tiny", lambda: flat(0.5, 0.5)),
    ],
)
@pytest.mark.parametrize("history", [90, 60, 25])
def test_nothing_is_found_where_nothing_is(
    name: str, make: Callable[[], Shape], history: int
) -> None:
    random = Random(f"{name} {history}")
    start = NOW.date() - timedelta(days=history)
    groups: dict[GroupKey, Days] = {
        (str(i),): series(make(), start=start, days=history, random=random) for i in range(60)
    }
    assert _search(groups).found == ()


def test_rare_requests_give_few_false_alarms() -> None:
    # Five dear requests on an ordinary day, two on a weekend: 200 series, 6000 days, of which
    # the docstring's "one in twenty searches" cannot hold, since such noise is not normal.
    random = Random(6)
    start = NOW.date() - timedelta(days=84)
    groups: dict[GroupKey, Days] = {
        (str(i),): series(counted(20, 5), start=start, days=84, random=random) for i in range(200)
    }
    assert len(_search(groups).found) <= 6


@pytest.mark.parametrize(
    "make", [lambda: work(100, 0.1), lambda: flat(100, 0.15), lambda: office(100, 0.1)]
)
def test_a_fivefold_day_is_always_found(make: Callable[[], Shape]) -> None:
    random = Random(12)
    start = NOW.date() - timedelta(days=84)
    groups: dict[GroupKey, Days] = {}
    meant: set[tuple[GroupKey, date]] = set()
    for i in range(40):
        days = series(make(), start=start, days=84, random=random)
        odd = random.choice([day for day in days if day in PERIOD])
        groups[str(i),] = days | {odd: 5 * days[odd]}
        meant.add(((str(i),), odd))
    assert {(a.group, a.day) for a in _search(groups).found} == meant
