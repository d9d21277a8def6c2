"""A sample of ``python -m benchmarks.organization``: drift, kills, and what tries to get past."""

from __future__ import annotations

from benchmarks.organization.breaker import attempts
from benchmarks.organization.drift import trial
from benchmarks.organization.drift.ways import way_of
from benchmarks.organization.killed import trial as killed
from benchmarks.workflows.killed import Launcher
from tests.organizations import Size

SMALLEST = Size(people=4, groups=2, projects=2, roles=2, keys=2)
WHOLE, NOTHING, SOME = 14, 13, (5, 28)
"""Seeds of organizations whose file has everything, pruned or not, or only some sections."""


async def test_what_was_changed_by_hand_is_brought_back_and_nothing_else() -> None:
    assert [way_of(seed).prune for seed in (WHOLE, NOTHING)] == [("all",), ()]
    tally = trial.Tally()
    for seed in (WHOLE, NOTHING):
        await trial.tried(seed, tally, size=SMALLEST)
    assert tally.wrong == []
    assert tally.steps > 10
    assert tally.removals > 0


async def test_a_file_with_some_sections_leaves_the_others_alone() -> None:
    tally = trial.Tally()
    for seed in SOME:
        assert way_of(seed).only is not None
        await trial.tried(seed, tally, size=SMALLEST)
    assert tally.wrong == []


async def test_a_command_that_is_killed_goes_on_when_it_is_run_again() -> None:
    # It takes some seconds, as commands are processes that wait for a pace.
    tally, kills = trial.Tally(), killed.Kills()
    async with Launcher(killed.SPEED) as launcher:
        await killed.tried(launcher, 3, tally, kills, most_kills=1)
    assert tally.wrong == []
    assert kills.killed > 0
    assert kills.lost > 0


async def test_no_file_gets_past_a_threshold_or_touches_what_it_protects() -> None:
    tally = attempts.Tally()
    for seed in (0, 8):
        await attempts.tried(seed, tally, attempts=4)
    assert tally.wrong == []
    assert tally.exceeded > 0
    assert tally.protected > 0
