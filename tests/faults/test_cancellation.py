"""Cancellation at any await, at any moment, leaves nothing behind."""

from __future__ import annotations

import pytest

from benchmarks import virtual_time
from benchmarks.cancellation import cancel_many


def test_calls_cancelled_at_random_leave_nothing_behind() -> None:
    # `benchmarks.faults` cancels five times as many.
    ends = virtual_time.run(cancel_many(7, 1_000))
    print(ends)
    assert ends.cancelled.total() >= 1_000
    assert ends.swallowed == []
    assert len(ends.left) == 6
    assert sum(ends.left.values()) == 0
    assert len(ends.cancelled) >= 5, "few of the places where a call can wait were met"
    assert ends.done > 100


@pytest.mark.parametrize("seed", range(2))
def test_it_does_not_depend_on_the_seed(seed: int) -> None:
    ends = virtual_time.run(cancel_many(seed, 300))
    print(ends)
    assert ends.swallowed == []
    assert sum(ends.left.values()) == 0
