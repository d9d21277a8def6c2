"""The highest value of a limit within the last hour."""

from __future__ import annotations

from openai_admin.directory.highest import Highest


def test_the_highest_is_that_of_the_last_hour() -> None:
    seconds = [0.0]
    highest = Highest(lambda: seconds[0])
    assert highest.of("a", 100) == 100
    assert highest.of("b", 7) == 7
    seconds[0] = 3_599
    assert highest.of("a", 60) == 100
    seconds[0] = 3_600
    assert highest.of("a", 60) == 60
    assert highest.of("a", 200) == 200
    assert highest.of("a", 60) == 200
