"""Periods, and the ones that they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.insights import Period, cost_by
from openai_admin.insights.scope import COMPARISONS, Scope, names_of, period_asked_for

from .made import costs

NOW = datetime(2026, 11, 20, 14, 40, tzinfo=UTC)


def of(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("period", "previous", "year_before"),
    [
        # Whole months are compared with whole months, however long they are.
        ("2026-10-01 2026-11-01", "2026-09-01 2026-10-01", "2025-10-01 2025-11-01"),
        ("2026-01-01 2026-04-01", "2025-10-01 2026-01-01", "2025-01-01 2025-04-01"),
        ("2024-02-01 2024-03-01", "2024-01-01 2024-02-01", "2023-02-01 2023-03-01"),
        ("2025-02-01 2025-03-01", "2025-01-01 2025-02-01", "2024-02-01 2024-03-01"),
        # Days with as many days, and with the same dates.
        ("2026-10-05 2026-10-12", "2026-09-28 2026-10-05", "2025-10-05 2025-10-12"),
        ("2024-02-28 2024-03-02", "2024-02-25 2024-02-28", "2023-02-28 2023-03-02"),
        ("2024-02-29 2024-03-01", "2024-02-28 2024-02-29", "2023-02-28 2023-03-01"),
        ("2024-02-28 2024-02-29", "2024-02-27 2024-02-28", "2023-02-28 2023-03-01"),
        ("2025-02-15 2025-03-15", "2025-01-18 2025-02-15", "2024-02-15 2024-03-15"),
    ],
)
def test_a_period_has_one_before_and_one_a_year_before(
    period: str, previous: str, year_before: str
) -> None:
    looked_at = of(*period.split())
    others = of(*previous.split()), of(*year_before.split())
    assert (looked_at.preceding(), looked_at.year_before()) == others
    for other in others:  # each may be compared with
        found = cost_by(costs([]), period=looked_at, previous=other)
        assert found.previous == other


def test_periods_of_different_length_are_not_compared() -> None:
    for other in (of("2026-09-02", "2026-10-01"), of("2026-08-01", "2026-10-01")):
        with pytest.raises(InvalidInputError, match="equally long"):
            cost_by(costs([]), period=of("2026-10-01", "2026-11-01"), previous=other)


def test_a_period_that_is_not_over_ends_today() -> None:
    assert of("2026-11-01", "2026-12-01").so_far(NOW) == of("2026-11-01", "2026-11-21")
    assert of("2026-10-01", "2026-11-01").so_far(NOW) == of("2026-10-01", "2026-11-01")
    with pytest.raises(InvalidInputError, match="lies in the future"):
        of("2026-12-01", "2027-01-01").so_far(NOW)


def test_what_is_asked_for_is_looked_at() -> None:
    period, scope = period_asked_for(None, None, "previous", now=NOW)
    assert (period, scope) == (
        of("2026-10-21", "2026-11-20"),
        Scope(compared=of("2026-09-21", "2026-10-21")),
    )
    # Thirty days that happen to be a month are compared with thirty.
    first = datetime(2026, 12, 1, tzinfo=UTC)
    _, scope = period_asked_for(30, None, "previous", now=first)
    assert scope.compared == of("2026-10-02", "2026-11-01")
    period, scope = period_asked_for(None, of("2026-10-01", "2026-11-01"), "last-year", now=NOW)
    assert scope.is_closed
    assert scope.compared == of("2025-10-01", "2025-11-01")
    period, scope = period_asked_for(None, of("2026-11-01", "2026-12-01"), "none", now=NOW)
    assert (period, scope.compared, scope.is_closed) == (
        of("2026-11-01", "2026-11-21"),
        None,
        False,
    )
    assert set(scope.aside) == {"movers", "by_team", "budgets"}  # of which none was asked for


@pytest.mark.parametrize(
    ("days", "period", "compare", "sentence"),
    [
        (7, of("2026-10-01", "2026-11-01"), "previous", "Pass days or period, not both."),
        (0, None, "previous", "days must be at least 1, not 0."),
        (None, of("2026-10-01", "2026-10-01"), "none", "must have at least one day"),
        (None, of("2026-12-01", "2027-01-01"), "none", "lies in the future; it must have begun."),
        (None, of("2025-10-01", "2026-11-01"), "last-year", "it must be at most a year."),
        (None, None, "last_year", "did you mean 'last-year'?"),
    ],
)
def test_what_makes_no_sense_is_refused(
    days: int | None, period: Period | None, compare: str, sentence: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        period_asked_for(days, period, compare, now=NOW)  # type: ignore[arg-type]
    assert sentence in str(refused.value)
    assert str(refused.value).count(". ") == 0


def test_how_far_back_the_api_answers_is_not_guessed() -> None:
    first = date(2019, 1, 1)
    for compare in COMPARISONS:
        period_asked_for(None, Period(first, first + timedelta(days=1)), compare, now=NOW)


def test_projects_are_named_or_left_out() -> None:
    assert names_of(None) == []
    assert names_of("Voice Notes") == ["Voice Notes"]
    assert names_of(["a", "b", "a"]) == ["a", "b"]
    for nothing in ([], "", ["a", " "]):
        with pytest.raises(InvalidInputError, match="leave it out for the whole organization"):
            names_of(nothing)
