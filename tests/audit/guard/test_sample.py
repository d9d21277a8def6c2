"""A small fixed sample of ``python -m benchmarks.audit guard``: quiet weeks, and bursts in them."""

from __future__ import annotations

import random

from benchmarks.audit.guard.scoring import Watched, minutes_until_found, planted
from benchmarks.audit.guard.world import organization

DAYS = 10


def test_a_quiet_organization_alarms_nobody_and_its_bursts_are_found() -> None:
    world = Watched(organization(7, days=DAYS), DAYS)
    assert [burst for key in world.keys for burst in world.quiet(key)] == []
    leaks = planted(world.keys, DAYS, 7, number=12, times=10)
    assert len(leaks) == 12
    waits = [minutes_until_found(world, leak, random.Random(leak.at)) for leak in leaks]
    assert all(wait is not None and wait <= 5 for wait in waits)
