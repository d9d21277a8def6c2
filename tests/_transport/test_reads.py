"""Reads in flight: who has the same answer, and that nobody has anything else in common."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import attrs
import pytest
from aiohttp import web

from benchmarks import virtual_time
from benchmarks.seams import SeededClient
from openai_admin import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AsyncOpenAIAdmin,
    NotFoundError,
    OpenAIAdmin,
    Timeout,
)
from openai_admin._wire.models import Page
from openai_admin.emulator import Emulator, Fault, Latency, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.events import AnswerReceived, CallFailed, Event, RequestSent, Shared
from tests.usage.server import quiet, until


@attrs.frozen(kw_only=True)
class Held(Fault):
    """Answers wait until the gate is open."""

    open: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def apply(self, exchange: Exchange) -> web.Response:
        await self.open.wait()
        return await exchange.run()


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with another(emulator) as client:
        yield client


def another(emulator: Emulator, **settings: Any) -> AsyncOpenAIAdmin:
    """A client of the emulator."""
    settings.setdefault("max_retries", 0)
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **settings)


def hold(emulator: Emulator, **which: Any) -> asyncio.Event:
    """Hold the answers from here on; setting the event lets them go."""
    held = Held(**which)
    emulator.faults.add(held)
    return held.open


async def begun(emulator: Emulator, *works: Any) -> list[asyncio.Future[Any]]:
    """Begin some calls, and wait until all that are sent have arrived."""
    tasks = [asyncio.ensure_future(work) for work in works]
    await until(lambda: emulator.in_flight > 0)
    await quiet(lambda: emulator.in_flight)
    return tasks


def sent(emulator: Emulator) -> int:
    return len(emulator.requests)


# --- who has the same answer -----------------------------------------------------------------


async def test_a_change_by_another_client_comes_between(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    project = await client.projects.create(name="Before")
    emulator.requests.clear()
    gate = hold(emulator, match="projects.retrieve")
    (early,) = await begun(emulator, client.projects.retrieve(project.id))

    def change() -> None:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as blocking:
            blocking.projects.update(project.id, name="After")

    await asyncio.to_thread(change)
    (late,) = await begun(emulator, client.projects.retrieve(project.id))
    assert sent(emulator) == 3
    gate.set()
    await asyncio.gather(early, late)
    assert late.result().name == "After"


async def test_a_change_elsewhere_does_not(emulator: Emulator, client: AsyncOpenAIAdmin) -> None:
    async with Emulator(state="empty") as elsewhere, another(elsewhere) as other:
        gate = hold(emulator, match="projects.list")

        async def listed() -> Page[Any]:
            return await client.projects.list()

        (early,) = await begun(emulator, listed())
        await other.projects.create(name="New")
        (late,) = await begun(emulator, listed())
        gate.set()
        await asyncio.gather(early, late)
    assert sent(emulator) == 1


async def test_two_clients_share_nothing(emulator: Emulator, client: AsyncOpenAIAdmin) -> None:
    async with another(emulator) as other:
        gate = hold(emulator)
        tasks = await begun(emulator, *(c.projects.retrieve("p") for c in (client, other)))
        gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sent(emulator) == 2


async def test_options_made_for_each_call_are_compared_by_value(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    gate = hold(emulator)
    equal = [client.with_options(timeout=5).projects.retrieve("p") for _ in range(3)]
    tasks = await begun(emulator, *equal, client.with_options(timeout=6).projects.retrieve("p"))
    gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sent(emulator) == 2


async def test_sharing_can_be_turned_off(emulator: Emulator) -> None:
    async with another(emulator, share_reads=False) as client:
        gate = hold(emulator)
        tasks = await begun(emulator, *(client.projects.retrieve("p") for _ in range(3)))
        gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sent(emulator) == 3


# --- what each has of its own ----------------------------------------------------------------


async def test_each_has_an_error_of_its_own(emulator: Emulator, client: AsyncOpenAIAdmin) -> None:
    async def asked_here() -> None:
        await client.projects.retrieve("p")

    async def asked_there() -> None:
        await client.projects.retrieve("p")

    gate = hold(emulator)
    tasks = await begun(emulator, asked_here(), asked_there())
    gate.set()
    first, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert sent(emulator) == 1
    assert isinstance(first, NotFoundError)
    assert isinstance(second, NotFoundError)
    assert first is not second
    assert str(first) == str(second)
    assert first.request_id is not None
    assert vars(first) == vars(second)
    assert first.attempts == 1
    assert first.body is not second.body
    for error, own, other in ((first, "here", "there"), (second, "there", "here")):
        shown = "".join(traceback.format_exception(error))
        assert f"asked_{own}" in shown
        assert f"asked_{other}" not in shown


async def test_each_has_an_error_of_its_own_where_no_answer_came(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    gate = hold(emulator)
    tasks = await begun(emulator, *(client.projects.retrieve("p") for _ in range(2)))
    await emulator.stop()
    gate.set()
    first, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert type(first) is type(second) is APIConnectionError
    assert first is not second
    assert str(first) == str(second)
    assert first.__cause__ is second.__cause__ is not None


async def test_each_call_begins_and_ends_in_events(emulator: Emulator) -> None:
    events: list[Event] = []
    async with another(emulator, on_event=events.append) as client:
        gate = hold(emulator)
        tasks = await begun(emulator, *(client.projects.retrieve("p") for _ in range(3)))
        tasks[2].cancel()
        await until(tasks[2].done)
        gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    calls = {event.call: [e for e in events if e.call == event.call] for event in events}
    leader, follower, cancelled = calls.values()
    assert [type(e) for e in leader] == [RequestSent, AnswerReceived, CallFailed]
    assert [type(e) for e in follower] == [type(e) for e in cancelled] == [Shared, CallFailed]
    assert isinstance(follower[0], Shared)
    assert follower[0].leader == leader[0].call
    errors = [e.error for e in events if isinstance(e, CallFailed)]
    assert len({id(error) for error in errors}) == 3


async def test_what_a_caller_does_with_its_result_is_its_own(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    await client.projects.create(name="One")
    emulator.requests.clear()

    async def emptied() -> int:
        page = await client.projects.list()
        count = len(page.data)
        page.data.clear()
        return count

    gate = hold(emulator)
    tasks = await begun(emulator, *(emptied() for _ in range(3)))
    gate.set()
    assert await asyncio.gather(*tasks) == [1, 1, 1]
    assert sent(emulator) == 1


# --- how a read ends that is nobody else's business --------------------------------------------


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_an_interruption_of_the_first_does_not_reach_the_others(
    emulator: Emulator, client: AsyncOpenAIAdmin, interruption: type[BaseException]
) -> None:
    project = await client.projects.create(name="One")
    emulator.requests.clear()
    gate = hold(emulator)
    first = client.projects.retrieve(project.id)
    future = first.send(None)  # as a task does, which would end the loop with what is raised
    (second,) = await begun(emulator, client.projects.retrieve(project.id))
    with pytest.raises(interruption):
        first.throw(interruption)
    future.cancel()
    gate.set()
    assert (await second).id == project.id
    assert sent(emulator) == 2


@contextlib.asynccontextmanager
async def _in_virtual_time(**limits: float) -> AsyncIterator[tuple[Emulator, SeededClient]]:
    clock = asyncio.get_running_loop().time
    async with (
        Emulator(state="empty", clock=clock) as emulator,
        SeededClient(emulator, clock=clock, timeout=Timeout(**limits)) as client,
    ):
        yield emulator, client


def test_whoever_is_tried_once_has_the_time_of_one_attempt_whenever_it_began() -> None:
    async def scenario() -> None:
        async with _in_virtual_time(attempt=4) as (emulator, client):
            emulator.faults.add(Latency(seconds=1_000))
            once = client.with_options(max_retries=0)
            clock = asyncio.get_running_loop().time

            async def seconds() -> float:
                begin = clock()
                with pytest.raises(APITimeoutError):
                    await once.users.list()
                return clock() - begin

            tasks = []
            for _ in range(3):
                tasks += [asyncio.create_task(seconds()) for _ in range(2)]
                await asyncio.sleep(1.5)
            assert await asyncio.gather(*tasks) == [pytest.approx(4, abs=0.1)] * 6
            assert sent(emulator) == 3

    virtual_time.run(scenario())


@pytest.mark.parametrize("options", [{"max_retries": 0}, {"wait": 5}], ids=["once", "wait"])
def test_those_whose_time_is_up_with_the_first_say_what_it_says(options: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with _in_virtual_time(attempt=4) as (emulator, client):
            emulator.faults.add(Latency(seconds=1_000))
            hurried = client.with_options(**options)

            async def said() -> tuple[type[APIError], str, int | None]:
                with pytest.raises(APIError) as caught:
                    await hurried.users.list()
                return type(caught.value), str(caught.value), caught.value.attempts

            first, *others = await asyncio.gather(*(said() for _ in range(4)))
            assert first[:2] == (
                APITimeoutError,
                "No response came in time (GET /organization/users).",
            )
            assert others == [first] * 3
            assert sent(emulator) == first[2]

    virtual_time.run(scenario())


def test_a_cancellation_of_the_first_takes_no_time_from_the_others() -> None:
    """Nor does the wait for it, where a `wait` bounds an attempt from its beginning."""

    async def scenario() -> None:
        async with _in_virtual_time(attempt=4) as (emulator, client):
            emulator.faults.add(Latency(seconds=1_000, times=2))
            patient = client.with_options(wait=5)

            async def listed() -> Page[Any]:
                return await patient.users.list()

            first = asyncio.create_task(listed())
            second = asyncio.create_task(listed())
            await asyncio.sleep(6)
            first.cancel()
            assert len((await second).data) == 1
            assert sent(emulator) == 3

    virtual_time.run(scenario())


def test_whoever_has_time_left_gets_an_answer_that_is_too_late_for_the_first() -> None:
    async def scenario() -> None:
        async with _in_virtual_time(total=10) as (emulator, client):
            emulator.faults.add(Latency(seconds=6, times=2))
            emulator.faults.add(Status(status=503, times=1))

            async def listed() -> Page[Any]:
                return await client.users.list()

            early = asyncio.create_task(listed())
            await asyncio.sleep(5)
            late = asyncio.create_task(listed())
            with pytest.raises(APITimeoutError):
                await early
            assert len((await late).data) == 1
            assert sent(emulator) == 3

    virtual_time.run(scenario())


def test_each_decides_for_itself_how_long_it_waits_for_a_pace() -> None:
    async def scenario() -> None:
        async with _in_virtual_time(total=10) as (emulator, client):
            emulator.faults.add(Latency(seconds=1, times=1))
            emulator.faults.add(Status(status=429, retry_after=3_600, times=1))

            async def attempts() -> int | None:
                with pytest.raises(APIError) as caught:
                    await client.users.list()
                return caught.value.attempts

            assert [*await asyncio.gather(attempts(), attempts())] == [1, 0]
            assert sent(emulator) == 1

    virtual_time.run(scenario())


async def test_a_bug_that_shows_in_the_first_call_wakes_the_others(
    emulator: Emulator, client: AsyncOpenAIAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is raised while an answer is read, nobody is left waiting, and each has its own."""
    gate = hold(emulator)
    tasks = await begun(emulator, *(client.projects.retrieve("p") for _ in range(3)))

    def broken(response: Any) -> APIError:
        raise RecursionError("too deep")

    monkeypatch.setattr("openai_admin._transport.attempts.error_from", broken)
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [RecursionError] * 3
    assert len({id(result) for result in results}) == 3


def test_a_read_of_a_loop_that_has_ended_is_not_waited_for() -> None:
    """A loop that is closed without cancelling its tasks leaves their reads behind."""

    async def begin(call: Coroutine[Any, Any, Any]) -> None:
        call.send(None)

    async def read_and_close(client: AsyncOpenAIAdmin) -> None:
        async with client:
            with pytest.raises(NotFoundError):
                await client.projects.retrieve("p")

    def abandon_and_read(emulator: Emulator) -> None:
        client = another(emulator)
        loop = asyncio.new_event_loop()
        abandoned = client.projects.retrieve("p")
        loop.run_until_complete(begin(abandoned))
        loop.close()
        assert client._caller.session._reads
        asyncio.run(read_and_close(client))
        abandoned.close()

    async def emulated() -> None:
        async with Emulator(state="empty") as emulator:
            await asyncio.to_thread(abandon_and_read, emulator)

    asyncio.run(emulated())
