"""A service that accepts no connections for a while: nothing was sent, so everything is retried."""

from __future__ import annotations

import asyncio

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Refuse
from openai_admin.errors import APIConnectionError
from tests.faults.clients import Client, Time
from tests.faults.jobs import JOBS, Job, Read

each_kind = pytest.mark.parametrize("kind", JOBS, ids=lambda job: job.__name__)


async def _come_back(org: Emulator, throttle: asyncio.Event) -> None:
    """Let the emulator accept connections again, and wait until it does."""
    throttle.set()
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", org.port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)
        else:
            writer.close()
            return


@each_kind
async def test_a_service_that_comes_back(
    kind: type[Job], client: Client, org: Emulator, time: Time, throttle: asyncio.Event
) -> None:
    job = kind(org)
    throttle.clear()
    await org.refuse(60)
    time.on_sleep = lambda: _come_back(org, throttle)
    job.check(await job.run(client))
    assert job.sent >= 1
    assert org.requests[0].operation == job.operation


@each_kind
async def test_a_service_that_stays_away(
    kind: type[Job], client: Client, org: Emulator, throttle: asyncio.Event
) -> None:
    job = kind(org)
    throttle.clear()
    await org.refuse(60)
    with pytest.raises(APIConnectionError) as caught:
        await job.run(client)
    assert type(caught.value) is APIConnectionError
    assert (job.sent, job.effects()) == (0, 0)
    await _come_back(org, throttle)
    job.check(await job.run(client))


@each_kind
async def test_a_service_that_goes_away_after_an_answer(
    kind: type[Job], client: Client, org: Emulator, time: Time, throttle: asyncio.Event
) -> None:
    throttle.clear()
    org.faults.add(Refuse(seconds=60, times=1))
    first = Read(org)
    first.check(await first.run(client))
    time.on_sleep = lambda: _come_back(org, throttle)
    job = kind(org)
    job.check(await job.run(client))
