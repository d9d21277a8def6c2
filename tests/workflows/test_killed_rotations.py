"""A fixed sample of what ``python -m benchmarks.workflows rotation`` tries in full."""

from __future__ import annotations

import pytest

from benchmarks.workflows.rotation import CASES, opened
from benchmarks.workflows.rotation.walk import SINKS, Walk
from benchmarks.workflows.rotation.weather import WEATHERS


@pytest.mark.parametrize("sink", SINKS)
async def test_a_rotation_that_is_killed_twice_ends_with_one_new_key(sink: str) -> None:
    wrong, points = [], 0
    async with opened() as world:
        for case in CASES:
            if case.sink == sink:
                tally = await Walk(world, case).all(sample=2)
                wrong += tally.wrong
                points += tally.points

    assert wrong == []
    assert points == 16


async def test_lost_answers_a_slow_pace_and_late_keys_change_nothing() -> None:
    wrong = []
    async with opened() as world:
        for case, weather in zip(CASES[:: len(CASES) // len(WEATHERS)], WEATHERS, strict=False):
            wrong += (await Walk(world, case).through(weather, trials=1)).wrong

    assert wrong == []
