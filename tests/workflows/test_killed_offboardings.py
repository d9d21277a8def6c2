"""A fixed sample of what ``python -m benchmarks.workflows offboarding`` tries in full."""

from __future__ import annotations

import re

from benchmarks.workflows.killed import Launcher
from benchmarks.workflows.killed.weather import WEATHERS
from benchmarks.workflows.offboarding import CALM, SPEED, Tally, tried
from benchmarks.workflows.offboarding.world import World

PASSED_ON, MANAGED, CALLER, INVITED, LAST = 6, 11, 16, 35, 4
"""Seeds, by what is special about who leaves; the last one is an organization's last owner."""


async def test_nothing_of_theirs_is_left_and_nothing_else_is_changed() -> None:
    tally = Tally()
    async with Launcher(SPEED) as launcher:
        for seed in (PASSED_ON, MANAGED, CALLER, INVITED, LAST):
            await tried(launcher, seed, CALM, tally, most_kills=2)

    assert tally.wrong == []
    assert (tally.organizations, tally.refused) == (5, 1)
    assert tally.taken > 40
    assert tally.kills > 4


async def test_lost_answers_and_a_slow_pace_change_nothing() -> None:
    tally = Tally()
    async with Launcher(SPEED) as launcher:
        await tried(launcher, PASSED_ON, WEATHERS[0], tally, most_kills=1)

    assert tally.wrong == []
    assert tally.taken > 10


async def test_the_faults_of_a_naive_offboarding_are_found() -> None:
    async with (
        Launcher(program="tests.workflows.naive_offboarding") as launcher,
        World(launcher, INVITED) as world,
    ):
        await world.begin()
        wrong = await world.ended(await world.offboard())

    found = {re.sub(r"'\w*[-_]\w{24}'|\w+_\w{24}", "ID", what) for what in wrong}
    assert found >= {
        "('project_api_keys', ID, ID) is left",
        "('invites', ID) is left",
        "the official client still finds ('project_api_keys', ID, ID)",
        "the key ID of theirs is still accepted",
        "('groups', ID) was taken away besides",
    }
