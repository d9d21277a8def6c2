"""What is held between the one who reads and the one who sends is bounded."""

from __future__ import annotations

import asyncio

import pytest

from openai_admin.audit.delivery.buffer import Buffer
from openai_admin.audit.delivery.records import Limits
from openai_admin.errors import InvalidInputError

from .records import record

LIMITS = Limits(events=3, bytes=10_000, seconds=0, batches=2)


async def test_batches_are_as_long_as_they_may_be() -> None:
    buffer = Buffer(LIMITS)
    for number in range(5):
        buffer.add(record(number))
    assert [each.raw["number"] for each in await buffer.batch() or ()] == [0, 1, 2]
    assert len(buffer) == 5  # what is under way is held still
    buffer.done()
    assert [each.raw["number"] for each in await buffer.batch() or ()] == [3, 4]
    buffer.done()
    buffer.close()
    assert await buffer.batch() is None


async def test_an_event_that_is_longer_than_a_batch_is_one_by_itself() -> None:
    buffer = Buffer(LIMITS)
    for number, size in enumerate((10, 20_000, 10)):
        buffer.add(record(number, size))
    sizes = []
    buffer.close()
    while (batch := await buffer.batch()) is not None:
        sizes.append(len(batch))
        buffer.done()
    assert sizes == [1, 1, 1]


async def test_who_reads_waits_until_there_is_room() -> None:
    buffer = Buffer(LIMITS)
    for number in range(6):
        buffer.add(record(number))
    waiting = asyncio.create_task(buffer.room())
    await asyncio.sleep(0)
    await buffer.batch()
    await asyncio.sleep(0)
    assert not waiting.done()  # a batch under way takes up room
    buffer.done()
    await waiting


async def test_who_reads_waits_for_bytes_too() -> None:
    buffer = Buffer(LIMITS)
    buffer.add(record(0, 25_000))
    waiting = asyncio.create_task(buffer.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await buffer.batch()
    buffer.done()
    await waiting


async def test_a_nudge_is_answered_only_while_nothing_is_held() -> None:
    buffer = Buffer(LIMITS)
    buffer.nudge()
    assert await buffer.batch() == ()
    buffer.nudge()
    buffer.add(record(0))
    assert len(await buffer.batch() or ()) == 1


async def test_an_event_waits_for_others_as_long_as_is_said() -> None:
    time = [100.0]
    buffer = Buffer(Limits(seconds=60), clock=lambda: time[0])
    buffer.add(record(0))
    waiting = asyncio.create_task(buffer.batch())
    await asyncio.sleep(0)
    assert not waiting.done()
    time[0] += 61
    buffer.nudge()
    assert len(await waiting or ()) == 1


@pytest.mark.parametrize("name", ["events", "bytes", "batches"])
def test_limits_are_checked(name: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{name} must be 1 or more, not 0"):
        Limits(**{name: 0})
