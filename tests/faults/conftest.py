"""The demo organization and both clients, for the tests of what happens under faults."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from openai_admin.emulator import Emulator
from tests.faults.canary import Records
from tests.faults.clients import Client, Time


class _Hands:
    """What the emulator's sleep and clock do; set anew for each test."""

    def __init__(self) -> None:
        self.time: Time | None = None
        self.throttle = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self.throttle.wait()

    def clock(self) -> float:
        assert self.time is not None
        return self.time.now


@pytest.fixture(scope="package")
def made() -> tuple[Emulator, _Hands]:
    """One demo organization for all tests; making it takes longer than most of them."""
    hands = _Hands()
    return Emulator(sleep=hands.sleep, clock=hands.clock), hands


@pytest.fixture
async def time(made: tuple[Emulator, _Hands]) -> Time:
    made[1].time = Time()
    return made[1].time


@pytest.fixture
def throttle(made: tuple[Emulator, _Hands]) -> asyncio.Event:
    """Shut, it holds whatever sleeps in the emulator."""
    made[1].throttle = asyncio.Event()
    made[1].throttle.set()
    return made[1].throttle


@pytest.fixture
async def org(
    made: tuple[Emulator, _Hands], time: Time, throttle: asyncio.Event
) -> AsyncIterator[Emulator]:
    """The demo organization as it was made."""
    emulator, _ = made
    async with emulator:
        yield emulator
    emulator.reset()


@pytest.fixture(params=["async", "blocking"])
async def client(
    request: pytest.FixtureRequest, org: Emulator, time: Time
) -> AsyncIterator[Client]:
    """Each client in turn; at the end it is closed and everything it held is counted."""
    client = Client(request.param, org, time)
    yield client
    await client.close()


@pytest.fixture
def records() -> Iterator[Records]:
    """What all loggers say during a test, DEBUG included."""
    handler, root = Records(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)
