"""Connections that are closed, reset or refused."""

from __future__ import annotations

import asyncio

import pytest

from openai_admin.emulator import Drop, Emulator, Fault
from openai_admin.emulator.faults import Refuse, Reset
from tests.emulator.faults.raw_client import THINGS, create, made, read, request
from tests.emulator.faults.time_machine import Time
from tests.emulator.things import HANDLERS


@pytest.mark.parametrize(("after_effect", "effect"), [(False, 0), (True, 1)])
@pytest.mark.parametrize(("kind", "end"), [(Drop, "closed"), (Reset, "reset")])
async def test_a_connection_breaks_before_and_after_the_change(
    emulator: Emulator, kind: type[Drop | Reset], end: str, after_effect: bool, effect: int
) -> None:
    fault: Fault = emulator.faults.add(kind(after_effect=after_effect))
    answer = await create(emulator)
    assert (answer.received, answer.end) == (b"", end)
    assert made(emulator) == effect
    emulator.faults.remove(fault)
    assert (await create(emulator)).status == 200


async def test_after_its_answer_the_emulator_refuses_connections_for_a_while(
    emulator: Emulator, time: Time
) -> None:
    port = emulator.port
    time.hold()
    emulator.faults.add(Refuse(seconds=30, times=1))
    answer = await create(emulator)
    assert (answer.status, made(emulator)) == (200, 1)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await read(emulator)
    assert emulator.port == port
    time.release()
    await _until_open(emulator)
    assert time.slept == [30]
    assert (await read(emulator)).status == 200


async def test_refusing_closes_the_connections_there_are(emulator: Emulator, time: Time) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request(emulator, "GET", THINGS, headers={"Connection": "keep-alive"}))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    time.hold()
    await emulator.refuse(5)
    await emulator.refuse(7)  # is refusing already
    rest = await reader.read()
    assert rest.endswith(b"}")
    writer.close()
    assert time.slept in ([], [5])
    time.release()
    await _until_open(emulator)
    assert time.slept == [5]


async def test_an_emulator_can_be_stopped_while_it_refuses(time: Time) -> None:
    time.hold()
    async with Emulator(state="empty", handlers=HANDLERS, sleep=time.sleep) as emulator:
        await emulator.refuse(60)
    await emulator.start()
    assert (await read(emulator)).status == 200
    await emulator.stop()
    await emulator.refuse(60)  # nothing to refuse
    assert len(asyncio.all_tasks()) == 1


async def _until_open(emulator: Emulator) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)
        else:
            writer.close()
            return
