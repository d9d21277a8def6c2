"""What is usual for a key, by its hours of the last weeks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openai_admin.audit.guard.history import HOURS, History
from openai_admin.audit.guard.rhythm import WEEK, Rhythm

MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) // 3600
"""Midnight; the history ends here."""
FIRST = MONDAY - HOURS


def weekday(hour: int) -> int:
    return datetime.fromtimestamp(hour * 3600, UTC).weekday()


def office(hour: int) -> float:
    return 60.0 if weekday(hour) < 5 and 9 <= hour % 24 < 17 else 0.0


def rhythm(use: object, *, first: int = FIRST, unknown: frozenset[int] = frozenset()) -> Rhythm:
    assert callable(use)
    hours = {hour: use(hour) for hour in range(first, MONDAY)}
    return Rhythm(hours, first, MONDAY, unknown)


def test_an_hour_of_the_week_has_its_own_level() -> None:
    usual = rhythm(office)
    assert usual.at(MONDAY + 10).level == 1.0
    assert usual.at(MONDAY + 3).level == 0.0
    assert usual.at(MONDAY + 5 * 24 + 10).level == 0.0  # Saturday
    assert usual.mean == pytest.approx(40 / WEEK)


def test_a_quiet_hour_is_measured_by_the_busy_ones() -> None:
    """Somebody may work late: that they use the key then as by day is no surprise."""
    night = rhythm(office).at(MONDAY + 3)
    assert (night.level, night.base) == (0.0, 1.0)
    assert 1.0 < night.anytime <= 5.0


def test_a_key_that_is_used_all_the_time_is_measured_by_the_hour_alone() -> None:
    def service(hour: int) -> float:
        return 6.0 if hour % 24 < 6 else 60.0

    night = rhythm(service).at(MONDAY + 3)
    assert (night.level, night.anytime, night.base) == pytest.approx((0.1, 0.1, 0.1))
    batches = rhythm(lambda h: 60.0 if h % 10 == 3 else service(h)).at(MONDAY + 3)
    assert batches.base == 1.0  # it was used so at odd hours


@pytest.mark.parametrize(
    ("odd", "factor"), [*((week, 0.0) for week in range(5)), *((week, 50.0) for week in (1, 2, 3))]
)
def test_one_odd_week_changes_nothing(odd: int, factor: float) -> None:
    """Neither one in which nothing was used nor one in which the key had leaked.

    The last week is how it is used now, and the first one has last month's same day.
    """
    hours = rhythm(lambda h: office(h) * (factor if (h - FIRST) // WEEK == odd else 1))
    assert hours.at(MONDAY + 10).level == pytest.approx(1.0, abs=0.1)


def test_a_new_level_counts_after_some_days() -> None:
    grown = rhythm(lambda h: 2 * office(h) if h >= MONDAY - 5 * 24 else office(h))
    assert grown.at(MONDAY + 10).level == 2.0


def test_unknown_hours_are_not_taken_for_quiet_ones() -> None:
    lost = frozenset(range(MONDAY - 3 * WEEK, MONDAY - 3 * WEEK + 2 * WEEK))
    known = rhythm(office, unknown=lost)
    assert known.at(MONDAY + 10).level == 1.0


def test_a_nightly_job_is_one_and_may_come_an_hour_early_or_late() -> None:
    nightly = rhythm(lambda h: 600.0 if h % 24 == 2 else 0.0)
    assert nightly.by_jobs
    assert [nightly.at(MONDAY + hour).level for hour in range(5)] == [0, 10, 10, 10, 0]
    assert nightly.at(MONDAY + 12).base == 10.0  # what it does when it does it
    assert nightly.latest_job() == MONDAY - 22


def test_a_job_of_every_month_is_usual_on_its_day() -> None:
    """Of the first day of the month, whatever its weekday, and of no other."""
    first = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) // 3600
    before = int(datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp()) // 3600
    monthly = Rhythm({before: 6000.0}, first - HOURS, first)
    assert monthly.by_jobs
    assert monthly.at(first + 4).level == 100.0
    assert monthly.at(first + 10).level == 0.0
    assert monthly.at(first + 7 * 24 + 4).level == 0.0


def test_a_young_key_is_measured_by_its_project_and_by_other_keys() -> None:
    """After a rotation, the new key does at once what the old one did."""
    hours: dict[tuple[str, str | None], dict[int, float]] = {
        ("key_old", "proj_a"): {h: office(h) for h in range(FIRST, MONDAY)},
        ("key_other", "proj_b"): dict.fromkeys(range(FIRST, MONDAY), 6.0),
    }
    history = History.of(hours, first=FIRST, until=MONDAY)
    new = history.usual(("key_new", "proj_a"), MONDAY + 10)
    assert new.level == 1.0
    elsewhere = history.usual(("key_new", "proj_new"), MONDAY + 10)
    assert elsewhere.level == history.peers > 0
    silent = history.usual(("key_new", "proj_a"), MONDAY + 10, is_old=True)
    assert silent.level == history.peers


def test_hours_in_which_a_key_was_not_used_are_no_key() -> None:
    history = History.of({("key_a", None): {FIRST: 0.0}}, first=FIRST, until=MONDAY)
    assert not history.keys
    assert history.usual(("key_a", None), MONDAY).base == 0.0
