"""Ctrl-C, loops left early, generators dropped, and what tracebacks show."""

from __future__ import annotations

import asyncio
import signal
import threading
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import openai_admin
from openai_admin import APIConnectionError, ClientClosedError, NotFoundError, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency, Status

from .conftest import EARLY, HOUR, Scripts, until

PACKAGE = str(Path(openai_admin.__file__).parent)
YEAR = 365 * 86_400


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[OpenAIAdmin]:
    client = OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
    yield client
    await asyncio.to_thread(client.close)


async def tasks_of(client: OpenAIAdmin) -> list[asyncio.Task[Any]]:
    """The tasks in the portal's loop, but for the one that keeps it open."""
    loop = await asyncio.to_thread(client._lease.open)
    return [task for task in asyncio.all_tasks(loop) if "_serve" not in repr(task.get_coro())]


async def no_tasks_of(client: OpenAIAdmin) -> None:
    async with asyncio.timeout(20):
        while await tasks_of(client):
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "slow",
    [
        "client.projects.retrieve('proj_slow')",
        "client.request('GET', '/organization/projects/proj_slow')",
        "client.users.list()",
        "list(client.usage.stream('completions', start_time=0, end_time=86400 * 400))",
        "client.usage.collect('completions', start_time=0, end_time=86400 * 400)",
    ],
)
async def test_an_interrupt_ends_a_call_at_once(
    slow: str, emulator: Emulator, scripts: Scripts
) -> None:
    """The answer would come in an hour; the same client goes on working."""
    for match in ("projects.retrieve", "users.list", "usage.*"):
        emulator.faults.add(Latency(match=match, seconds=HOUR))
    process = await scripts.start(
        f"""
        import time
        from openai_admin import OpenAIAdmin
        client = OpenAIAdmin()
        try:
            {slow}
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        print(client.projects.list().data)
        time.sleep({HOUR})
        """
    )
    assert process.stdout is not None
    await until(lambda: emulator.in_flight >= 1)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"interrupted\n"
        assert await process.stdout.readline() == b"[]\n"
    # Of its connections the one that served the second call is left, and nothing waits.
    await until(lambda: emulator.connections == 1)
    process.send_signal(signal.SIGINT)
    ended = await scripts.end(process)
    assert ended.code == -signal.SIGINT
    await until(lambda: emulator.connections == 0)


async def test_an_uncaught_interrupt_ends_the_script(emulator: Emulator, scripts: Scripts) -> None:
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    process = await scripts.start(
        "from openai_admin import OpenAIAdmin\nOpenAIAdmin().projects.retrieve('proj_slow')"
    )
    await until(lambda: emulator.in_flight == 1)
    process.send_signal(signal.SIGINT)
    ended = await scripts.end(process)
    assert ended.code == -signal.SIGINT
    assert ended.err.rstrip().endswith("KeyboardInterrupt")
    await until(lambda: emulator.connections == 0)


async def test_a_signal_handler_may_close_the_client(emulator: Emulator, scripts: Scripts) -> None:
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    process = await scripts.start(
        """
        import signal
        from openai_admin import ClientClosedError, OpenAIAdmin
        client = OpenAIAdmin()
        signal.signal(signal.SIGTERM, lambda *_: client.close())
        try:
            client.projects.retrieve("proj_slow")
        except ClientClosedError:
            print("closed")
        """
    )
    await until(lambda: emulator.in_flight == 1)
    process.send_signal(signal.SIGTERM)
    ended = await scripts.end(process)
    assert (ended.code, ended.out, ended.err) == (0, "closed\n", "")


async def test_leaving_a_listing_early_ends_its_fetching(
    emulator: Emulator, client: OpenAIAdmin
) -> None:
    for n in range(30):
        await asyncio.to_thread(client.projects.create, name=f"Project {n}")
    emulator.requests.clear()

    def first_three() -> int:
        seen = 0
        for _project in client.projects.list(limit=2):
            seen += 1
            if seen == 3:
                break
        return seen

    assert await asyncio.to_thread(first_three) == 3
    assert len(emulator.requests) == 2
    await no_tasks_of(client)


@pytest.mark.parametrize("leave", ["break", "del", "close", "error"])
async def test_a_stream_left_early_leaves_no_task(
    leave: str, emulator: Emulator, client: OpenAIAdmin
) -> None:
    """Its pages are fetched ahead: those are cancelled, though their answers take an hour."""
    emulator.faults.add(Latency(match="usage.completions", seconds=HOUR, skip=1))

    def work() -> None:
        stream = client.usage.stream(
            "completions", start_time=EARLY, end_time=EARLY + YEAR, bucket_width="1d"
        )
        if leave == "break":
            for _bucket in stream:
                break
        else:
            next(stream)
        if leave == "close":
            stream.close()
        elif leave == "error":
            with pytest.raises(ZeroDivisionError):
                stream.throw(ZeroDivisionError)

    await asyncio.to_thread(work)
    await no_tasks_of(client)
    await until(lambda: emulator.connections <= 1)


async def test_a_stream_that_never_began_asks_for_nothing(
    emulator: Emulator, client: OpenAIAdmin
) -> None:
    client.usage.stream("completions", start_time=0, end_time=YEAR)
    assert not emulator.requests
    assert "openai-admin" not in {thread.name for thread in threading.enumerate()}


async def test_closing_ends_a_stream_that_is_open(emulator: Emulator, client: OpenAIAdmin) -> None:
    emulator.faults.add(Latency(match="usage.completions", seconds=HOUR, skip=1))
    stream = client.usage.stream("completions", start_time=EARLY, end_time=EARLY + YEAR)
    await asyncio.to_thread(next, stream)
    assert await tasks_of(client)  # pages ahead of the reader
    await asyncio.to_thread(client.close)
    await until(lambda: emulator.connections == 0)

    def read_on() -> None:
        for _bucket in stream:  # the rest of the page that is here
            pass

    with pytest.raises(ClientClosedError):
        await asyncio.to_thread(read_on)


async def test_a_tail_is_left_without_a_task(emulator: Emulator, client: OpenAIAdmin) -> None:
    await asyncio.to_thread(client.projects.create, name="Told of")
    tail = client.audit_logs.tail(since=0, poll=HOUR)
    event = await asyncio.to_thread(next, tail)
    assert event.id
    tail.close()
    await no_tasks_of(client)


def frames_of(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


@pytest.mark.parametrize("kind", ["call", "listing", "request", "stream", "collect"])
async def test_a_traceback_leads_to_the_callers_line(
    kind: str, emulator: Emulator, client: OpenAIAdmin
) -> None:
    emulator.faults.add(Status(status=404))

    def caller() -> None:
        if kind == "call":
            client.projects.retrieve("proj_none")
        elif kind == "listing":
            client.users.list()
        elif kind == "request":
            client.request("GET", "/organization/projects/proj_none")
        elif kind == "stream":
            next(client.usage.stream("completions", start_time=0, end_time=86400))
        else:
            client.usage.collect("completions", start_time=0, end_time=86400)

    with pytest.raises((NotFoundError, openai_admin.UsageWindowError)) as caught:
        await asyncio.to_thread(caller)
    frames = frames_of(caught.value)
    names = [frame.name for frame in frames]
    ours = [frame for frame in frames if frame.filename.startswith(PACKAGE)]
    assert names[-len(ours) - 1] == "caller"
    assert len(ours) <= 5
    # What is printed shows each cause in a line or two and no frame of the plumbing.
    printed = "".join(traceback.format_exception(caught.value))
    assert printed.count('File "') == len(frames)


async def test_the_causes_of_a_lost_connection_are_short_too(emulator: Emulator) -> None:
    base_url = emulator.base_url
    await emulator.stop()
    with OpenAIAdmin(emulator.admin_key, base_url=base_url, max_retries=0) as client:

        def caller() -> None:
            client.projects.list()

        with pytest.raises(APIConnectionError) as caught:
            await asyncio.to_thread(caller)
    printed = "".join(traceback.format_exception(caught.value))
    assert "direct cause" in printed
    assert printed.count(PACKAGE) <= 5
    assert "site-packages" not in printed
