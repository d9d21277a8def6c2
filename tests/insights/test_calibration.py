"""Forecasts of the demo organizations' months beside what the months cost in the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest

from benchmarks.forecast import Trial, added, calibration, costs_of, share_held, trials


@pytest.fixture(scope="module")
def tried() -> dict[int, Sequence[Trial]]:
    """Ten organizations, twelve months, four days of each."""
    return {seed: [*trials(added(costs_of(seed).values()), seed)] for seed in range(10)}


def test_a_range_of_80_percent_holds_about_as_often(tried: dict[int, Sequence[Trial]]) -> None:
    every = [*chain.from_iterable(tried.values())]
    assert len(every) == 480
    assert all(trial.held is not None for trial in every)
    assert 0.72 <= share_held(every) <= 0.88


def test_probabilities_are_what_happens(tried: dict[int, Sequence[Trial]]) -> None:
    """Of limits that forecasts say will be passed with 10 % (90 %), about so many are."""
    found = calibration(chain.from_iterable(tried.values()))
    assert 0.02 <= found[0.1] <= 0.18
    assert 0.82 <= found[0.9] <= 0.98
    assert 0.35 <= found[0.5] <= 0.65
