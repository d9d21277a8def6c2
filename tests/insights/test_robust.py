"""The statistics underneath, against worked examples and known tables."""

from __future__ import annotations

import math
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.insights.forecast import forecast
from openai_admin.insights.robust import (
    fits,
    persistence,
    spread,
    spread_of_rare,
    student_quantile,
)

WEEK = (1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5)


@pytest.mark.parametrize("weekday", [0, 3, 6])
def test_a_weekly_rhythm_on_a_level_is_found_exactly(weekday: int) -> None:
    values = [100 * WEEK[(weekday + i) % 7] for i in range(42)]
    (rhythm, *_) = fits(values, weekday=weekday)
    assert rhythm.factors == pytest.approx(WEEK)
    assert [rhythm.level, rhythm.slope] == pytest.approx([100, 0])
    assert [rhythm.at(i) for i in range(42)] == pytest.approx(values)


def test_odd_days_do_not_move_it() -> None:
    values = [100 * WEEK[i % 7] for i in range(56)]
    for odd in (5, 24):
        values[odd] = 5000.0
    (rhythm, *_) = fits(values, weekday=0)
    assert rhythm.factors == pytest.approx(WEEK)
    assert rhythm.level == pytest.approx(100)


def test_straight_and_exponential_growth_are_told_apart() -> None:
    straight = fits([100.0 + 5 * i for i in range(56)], weekday=0)[0]
    assert not straight.exponential
    assert straight.slope == pytest.approx(5, rel=0.05)
    curved = fits([100 * 1.05**i for i in range(56)], weekday=0)[0]
    assert curved.exponential
    assert math.exp(curved.slope) == pytest.approx(1.05, rel=0.001)


def test_unknown_days_are_passed_over() -> None:
    values: list[float | None] = [100 * WEEK[i % 7] for i in range(56)]
    values[10] = values[11] = values[30] = None
    (rhythm, *_) = fits(values, weekday=0)
    assert rhythm.at(10) == pytest.approx(120)
    assert fits([None] * 9, weekday=0)[0].at(3) == 0


def test_two_weeks_tell_workdays_from_weekends_and_one_week_does_not() -> None:
    values = [100 * WEEK[i % 7] for i in range(14)]
    assert fits(values, weekday=0)[0].factors == pytest.approx(WEEK)
    assert fits(values[:9], weekday=0)[0].factors == (1.0,) * 7


def test_a_line_never_falls_below_zero() -> None:
    falling = fits([280.0 - 5 * i for i in range(56)], weekday=0)[0]
    assert falling.at(100) == 0


def test_spread() -> None:
    # The sizes are 1, 1, 2, 3, 100: their median 2, and 1.4826 of it the standard deviation.
    assert spread([1, -1, 2, -3, 100]) == pytest.approx(2 * 1.4826)
    assert spread([0, 0, 0, 0, 8]) == 0
    assert spread_of_rare([0, 0, 0, 0, 0, 8, 9, 1]) == pytest.approx(8 * 1.4826)
    assert spread([]) == spread_of_rare([]) == spread_of_rare([0, 0]) == 0


# From the tables of Student's distribution.
@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    [
        (0.9, 4, 1.533),
        (0.9, 10, 1.372),
        (0.95, 5, 2.015),
        (0.975, 8, 2.306),
        (0.975, 40, 2.021),
        (0.995, 10, 3.169),
        (0.5, 7, 0.0),
    ],
)
def test_quantiles_of_student(probability: float, freedom: int, quantile: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(quantile, rel=0.02, abs=1e-9)
    assert student_quantile(1 - probability, freedom) == pytest.approx(-quantile, rel=0.02)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.8])
def test_persistence_is_about_right_on_average(kept: float) -> None:
    random = Random(5)
    found = []
    for _ in range(200):
        value, values = 0.0, []
        for _ in range(56):
            value = kept * value + random.gauss(0, 1)
            values.append(value)
        found.append(persistence(values, fitted=2))
    assert fmean(found) == pytest.approx(kept, abs=0.12)


def test_persistence_of_little_is_none() -> None:
    assert persistence([1.0] * 13, fitted=1) == 0
    assert persistence([0.0] * 30, fitted=1) == 0


def _values() -> st.SearchStrategy[list[float | None]]:
    # From a billionth of a dollar on; the API counts no less.
    amount = st.none() | st.just(0.0) | st.floats(1e-9, 1e6) | st.floats(-100, -1e-9)
    return st.lists(amount, max_size=60)


@given(_values(), st.integers(0, 6), st.integers(0, 3), st.integers(1, 31))
def test_any_series_has_a_finite_forecast(
    values: list[float | None], weekday: int, gap: int, length: int
) -> None:
    start = len(values) + gap
    found = forecast(values, weekday=weekday, ahead=range(start, start + length))
    if all(v is None for v in values):
        assert found is None
        return
    assert found is not None
    assert len(found.days) == length
    lowest = min(0.0, *(v for v in values if v is not None))  # credits go on as credits
    assert all(math.isfinite(day) and day >= lowest for day in found.days)
    assert math.isfinite(found.deviation)
    assert found.deviation >= 0
