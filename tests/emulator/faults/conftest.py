"""What the tests of faults share: time that does not pass by itself, and an emulator on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from openai_admin.emulator import Emulator
from tests.emulator.faults.time_machine import Time
from tests.emulator.things import HANDLERS


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def emulator(time: Time) -> AsyncIterator[Emulator]:
    """An organization with nothing but `Things`, in virtual time."""
    async with Emulator(
        state="empty",
        seed=3,
        handlers=HANDLERS,
        now=lambda: 1_790_000_000,
        sleep=time.sleep,
        clock=time.clock,
    ) as emulator:
        yield emulator
    assert emulator.connections == 0
    assert len(asyncio.all_tasks()) == 1


@pytest.fixture
async def whole(time: Time) -> AsyncIterator[Emulator]:
    """The demo organization with all operations, in virtual time."""
    async with Emulator(sleep=time.sleep, clock=time.clock) as emulator:
        yield emulator
