"""The server's time, as its answers tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openai_admin._transport.server_clock import ServerClock, Told


def test_it_goes_on_from_the_newest_answer() -> None:
    now = 100.0
    clock = ServerClock(lambda: now)
    assert clock.now() is None
    clock.newest = Told("Thu, 26 Nov 2026 10:00:00 GMT", now, now)
    now += 90
    assert clock.now() == datetime(2026, 11, 26, 10, 1, 30, tzinfo=UTC)


def test_it_bounds_the_time_of_an_earlier_moment() -> None:
    clock = ServerClock(lambda: 100.0)
    assert clock.at(90.0) is None
    clock.newest = Told("Thu, 26 Nov 2026 10:00:00 GMT", 98.0, 100.0)
    # The whole second, and the two that the request was on its way.
    assert clock.at(90.0) == (
        datetime(2026, 11, 26, 9, 59, 50, tzinfo=UTC),
        datetime(2026, 11, 26, 9, 59, 53, tzinfo=UTC),
    )


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 26 Nov 2026 10:00:00 -0000"])
def test_what_tells_no_time_is_not_a_time(date: str) -> None:
    clock = ServerClock(lambda: 0.0)
    clock.newest = Told(date, 0.0, 0.0)
    assert clock.now() is None
