"""The walk over a rotation's points finds what it looks for."""

from __future__ import annotations

import re

from benchmarks.workflows.rotation import CASES, opened
from benchmarks.workflows.rotation.walk import Walk


async def test_the_faults_of_a_naive_rotation_are_found() -> None:
    case = next(c for c in CASES if str(c) == "service account, file, at once")
    async with opened(program="tests.workflows.naive") as world:
        tally = await Walk(world, case).all()

    assert tally.points > 10
    wrong = {re.sub(".*: ", "", what) for what in tally.wrong}
    assert wrong >= {
        "at a request, the sink does not hold a key that is accepted",
        "the secret in the sink is not accepted",
        "the file has other lines than before",
        "the sink does not hold a new key",
        "1 other new keys are left",
        "a secret was printed",
        "home/rotation.log has a secret in it",
        "home/rotation.log has the mode 644",
    }
