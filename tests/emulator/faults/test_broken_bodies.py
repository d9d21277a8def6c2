"""Answers that are cut off, stalled or wrongly framed, byte by byte."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from openai_admin.emulator import Emulator, Fault
from openai_admin.emulator.faults import (
    BadChunks,
    BrokenGzip,
    ClockSkew,
    Stall,
    Status,
    Truncate,
    UnknownFields,
    WrongLength,
)
from tests.emulator.faults.raw_client import THINGS, Answer, create, made, read, request
from tests.emulator.faults.time_machine import Time


@pytest.fixture
async def due(emulator: Emulator) -> Answer:
    """The answer that is due: one thing in a list."""
    await create(emulator)
    return await read(emulator)


async def test_a_body_is_cut_off(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(Truncate())
    answer = await read(emulator)
    assert answer.status == 200
    assert answer.headers["content-length"] == str(len(due.body))
    assert answer.body == due.body[: len(due.body) // 2]
    assert "x-request-id" in answer.headers


@pytest.mark.parametrize("fault", [Truncate(), BadChunks(), WrongLength(), BrokenGzip()])
async def test_the_change_takes_effect_before_its_answer_breaks(
    emulator: Emulator, fault: Fault
) -> None:
    emulator.faults.add(fault)
    await create(emulator)
    assert made(emulator) == 1


async def test_a_body_stalls_for_a_while(emulator: Emulator, due: Answer, time: Time) -> None:
    time.hold()
    emulator.faults.add(Stall(seconds=20))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request(emulator, "GET", THINGS))
    await reader.readuntil(b"\r\n\r\n")
    half = len(due.body) // 2
    assert await reader.readexactly(half) == due.body[:half]
    await time.asleep.wait()
    assert time.slept == [20]
    time.release()
    assert await reader.read() == due.body[half:]
    writer.close()


async def test_a_body_stalls_forever(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(Stall(times=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request(emulator, "GET", THINGS))
    await reader.readuntil(b"\r\n\r\n")
    half = len(due.body) // 2
    assert await reader.readexactly(half) == due.body[:half]
    rest = asyncio.create_task(reader.read())
    # The emulator answers others to the end meanwhile.
    assert (await read(emulator)).body == due.body
    assert not rest.done()
    rest.cancel()
    writer.close()


async def test_chunks_are_rubbish(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(BadChunks())
    answer = await read(emulator)
    half = len(due.body) // 2
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert answer.body == (
        b"%x\r\n%b\r\n" % (half, due.body[:half]) + b"zz: this is not a chunk\r\n\r\n"
    )


async def test_a_content_length_too_large(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(WrongLength(by=10))
    answer = await read(emulator)
    assert answer.headers["content-length"] == str(len(due.body) + 10)
    assert (answer.body, answer.end) == (due.body, "closed")


async def test_a_content_length_too_small_leaves_rubbish_on_the_open_connection(
    emulator: Emulator, due: Answer
) -> None:
    emulator.faults.add(WrongLength(by=-10, times=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request(emulator, "GET", THINGS, headers={"Connection": "keep-alive"}))
    head = await reader.readuntil(b"\r\n\r\n")
    assert f"content-length: {len(due.body) - 10}".encode() in head
    writer.write(request(emulator, "GET", THINGS))
    assert (await reader.read()).startswith(due.body + b"HTTP/1.1 200")
    writer.close()


async def test_gzip_breaks_off(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(BrokenGzip())
    answer = await read(emulator)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.body))
    unpack = zlib.decompressobj(wbits=31)
    assert due.body.startswith(unpack.decompress(answer.body))
    assert not unpack.eof


async def test_a_fault_further_out_changes_what_is_broken(emulator: Emulator, due: Answer) -> None:
    emulator.faults.add(ClockSkew(seconds=3600))
    emulator.faults.add(UnknownFields())
    emulator.faults.add(WrongLength(by=1))
    answer = await read(emulator)
    assert answer.headers["date"] == "Mon, 21 Sep 2026 15:13:20 GMT"
    assert answer.json != due.json
    assert answer.headers["content-length"] == str(len(answer.body) + 1)


async def test_the_answer_of_another_fault_can_be_broken(emulator: Emulator) -> None:
    emulator.faults.add(Truncate())
    emulator.faults.add(Status(status=503))
    answer = await read(emulator)
    assert answer.status == 503
    assert len(answer.body) < int(answer.headers["content-length"])


def test_a_stall_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="seconds"):
        Stall(seconds=-1)
