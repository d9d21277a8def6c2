"""A fixed sample of what ``python -m benchmarks.workflows rotation`` tries in full."""

from __future__ import annotations

from benchmarks.workflows.killed.weather import WEATHERS
from benchmarks.workflows.rotation import CASES, SEVERAL, opened
from benchmarks.workflows.rotation.walk import Walk

# Each kind of key with each sink, every second time with an overlap; and three keys at once.
_KILLED = [
    *[case for number, case in enumerate(CASES[:18]) if number % 4 in (0, 3)],
    SEVERAL[0],
]
# One for each weather, the last with a place that cannot be read.
_STORMY = [
    *[case for case in CASES if case.sink == "file"][::3],
    next(case for case in CASES if case.sink == "command"),
]


async def test_rotations_that_are_killed_end_with_one_new_key() -> None:
    wrong, points = [], 0
    async with opened() as world:
        for case in _KILLED:
            tally = await Walk(world, case).all(sample=1)
            wrong += tally.wrong
            points += tally.points
        for case, weather in zip(_STORMY, WEATHERS, strict=True):
            wrong += (await Walk(world, case).through(weather, trials=1)).wrong

    assert wrong == []
    assert points == len(_KILLED)
