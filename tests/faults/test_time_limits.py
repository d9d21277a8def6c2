"""Time limits: to connect, for each read, an attempt, the whole call; in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest

from benchmarks import virtual_time
from benchmarks.seams import SeededClient
from openai_admin import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    InternalServerError,
    OutcomeUnknownError,
    RateLimitError,
)
from openai_admin._transport.connection import Timeout
from openai_admin.emulator import Emulator, Latency, RateLimit, Status
from openai_admin.emulator.faults import Stall

Call = Callable[[SeededClient], Awaitable[Any]]


async def _read(client: SeededClient) -> Any:
    return await client.users.list()


async def _create(client: SeededClient) -> Any:
    return await client.projects.create(name="x")


class World:
    """An emulator and a client in virtual time."""

    def __init__(self, emulator: Emulator, client: SeededClient) -> None:
        self.emulator = emulator
        self.client = client

    async def seconds(self, call: Call, error: type[APIError] | None = None) -> float:
        """How long a call takes, to its result or to this error."""
        clock = asyncio.get_running_loop().time
        begin = clock()
        with pytest.raises(error) if error is not None else contextlib.nullcontext():
            await call(self.client)
        return clock() - begin

    @property
    def requests(self) -> int:
        return len(self.emulator.requests)


@contextlib.asynccontextmanager
async def _world(places: int = 32, **limits: float) -> AsyncIterator[World]:
    clock = asyncio.get_running_loop().time
    async with (
        Emulator(state="empty", clock=clock) as emulator,
        SeededClient(emulator, clock=clock, places=places, timeout=Timeout(**limits)) as client,
    ):
        yield World(emulator, client)
        assert (client.session.limiter.free, client.rate_limiter.in_flight) == (places, 0)


def _run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual_time.run(scenario())


# --- for each read, and for an attempt ------------------------------------------------------


@pytest.mark.parametrize("fault", [Latency(seconds=1_000), Stall()], ids=["head", "body"])
def test_a_read_that_takes_too_long_ends_the_attempt(fault: Any) -> None:
    async def scenario() -> None:
        async with _world(read=3) as world:
            world.emulator.faults.add(fault)
            one = world.client.with_options(max_retries=0)
            took = await world.seconds(lambda _: one.users.list(), APITimeoutError)
            assert took == pytest.approx(3, abs=0.1)
            assert world.requests == 1

    _run(scenario)


def test_pieces_that_come_in_time_do_not_add_up_to_a_read() -> None:
    async def scenario() -> None:
        async with _world(read=3) as world:
            world.emulator.faults.add(Latency(seconds=2.5))
            world.emulator.faults.add(Stall(seconds=2.5))
            assert await world.seconds(_read) == pytest.approx(5, abs=0.1)

    _run(scenario)


def test_an_attempt_ends_in_its_time_however_its_pieces_come() -> None:
    async def scenario() -> None:
        async with _world(read=3, attempt=4) as world:
            world.emulator.faults.add(Latency(seconds=2.5))
            world.emulator.faults.add(Stall(seconds=2.5))
            one = world.client.with_options(max_retries=0)
            took = await world.seconds(lambda _: one.users.list(), APITimeoutError)
            # aiohttp rounds limits above five seconds up to whole ones, and these not.
            assert took == pytest.approx(4, abs=0.1)

    _run(scenario)


def test_the_next_attempt_has_its_whole_time_again() -> None:
    async def scenario() -> None:
        async with _world(attempt=4) as world:
            world.emulator.faults.add(Latency(seconds=1_000, times=1))
            world.emulator.faults.add(Latency(seconds=3.5))
            took = await world.seconds(_read)
            assert 7.5 <= took <= 8.1  # the delay between the two is at most half a second
            assert world.requests == 2

    _run(scenario)


# --- for connecting -------------------------------------------------------------------------


def test_a_connection_that_does_not_come_about_is_given_up() -> None:
    async def scenario() -> None:
        async with _world(connect=3) as world:
            with _deaf(world.emulator) as port:
                world.client.session._context.transport.base_url = f"http://127.0.0.1:{port}/v1"
                one = world.client.with_options(max_retries=0)
                took = await world.seconds(lambda _: one.users.list(), APIConnectionError)
                assert took == pytest.approx(3, abs=0.1)
                # It was never sent, so that nobody has to wonder whether it took effect.
                took = await world.seconds(_create, APIConnectionError)
                assert 3 * 3 <= took <= 3 * 3 + 0.5 + 1

    _run(scenario)


@contextlib.contextmanager
def _deaf(_: Emulator) -> Any:
    """A port whose queue of connections is full: the kernel lets more of them wait."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _number in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listening.getsockname())
        yield listening.getsockname()[1]


# --- for the whole call ---------------------------------------------------------------------


def test_the_whole_call_ends_in_its_time() -> None:
    async def scenario() -> None:
        async with _world(attempt=4, total=10) as world:
            world.emulator.faults.add(Latency(seconds=1_000))
            took = await world.seconds(_read, APITimeoutError)
            assert took <= 10.1
            assert world.requests == 3

    _run(scenario)


def test_a_creation_whose_time_is_over_is_in_doubt() -> None:
    async def scenario() -> None:
        async with _world(attempt=60, total=10) as world:
            world.emulator.faults.add(Latency(seconds=1_000))
            took = await world.seconds(_create, OutcomeUnknownError)
            assert took == pytest.approx(10, abs=1.1)  # aiohttp rounds up to a whole second
            assert world.requests == 1

    _run(scenario)


@pytest.mark.parametrize("call", [_read, _create])
def test_waiting_for_a_rate_limit_ends_with_the_patience(call: Call) -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(RateLimit(limit=1, window=600))
            assert await world.seconds(call) < 0.1
            some = world.client.with_options(wait=20)
            # It ends as soon as it is sure that nobody may go before its time is over.
            assert 3 < await world.seconds(lambda _: call(some), RateLimitError) <= 20
            assert world.requests <= 6
            assert world.client.rate_limiter.waiting == 0

    _run(scenario)


@pytest.mark.parametrize("call", [_read, _create])
def test_waiting_for_a_place_counts_as_time(call: Call) -> None:
    async def scenario() -> None:
        async with _world(places=1, total=20) as world:
            world.emulator.faults.add(Latency(seconds=50, times=1))
            patient = world.client.with_options(timeout=Timeout(total=600))
            first = asyncio.create_task(_named(patient))
            await asyncio.sleep(1)
            took = await world.seconds(call, APIConnectionError)
            assert took == pytest.approx(20, abs=0.1)
            assert world.client.session.limiter.waiting == 0
            await first
            assert world.requests == 1

    _run(scenario)


def test_who_takes_over_a_shared_read_has_the_rest_of_its_own_time() -> None:
    async def scenario() -> None:
        async with _world(attempt=60, total=20) as world:
            world.emulator.faults.add(Latency(seconds=1_000))
            first = asyncio.create_task(_read(world.client))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(world.seconds(_read, APITimeoutError))
            await asyncio.sleep(15)
            first.cancel()
            assert await second == pytest.approx(20, abs=1.1)  # aiohttp rounds up
            assert world.requests == 2

    _run(scenario)


async def _named(client: Any) -> Any:
    return await client.groups.list()


# --- what the server asks to wait -----------------------------------------------------------


@pytest.mark.parametrize("form", ["seconds", "ms", "date"])
@pytest.mark.parametrize(("status", "error"), [(429, RateLimitError), (503, InternalServerError)])
@pytest.mark.parametrize("call", [_read])
def test_a_wait_beyond_the_time_left_is_an_error_at_once(
    call: Call, status: int, error: type[APIError], form: Any
) -> None:
    async def scenario() -> None:
        async with _world(total=600) as world:
            world.emulator.faults.add(Status(status=status, retry_after=700, retry_form=form))
            assert await world.seconds(call, error) < 0.1
            assert world.requests == 1

    _run(scenario)


@pytest.mark.parametrize("form", ["seconds", "ms", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_within_the_time_left_is_kept_to(status: int, form: Any) -> None:
    async def scenario() -> None:
        async with _world(total=600) as world:
            world.emulator.faults.add(
                Status(status=status, retry_after=500, retry_form=form, times=1)
            )
            took = await world.seconds(_read)
            # A date has whole seconds, and the clocks of the two ends are not virtual.
            assert took == pytest.approx(500, abs=2 if form == "date" else 0.1)
            assert world.requests == 2

    _run(scenario)


def test_a_hold_beyond_the_time_of_those_who_come_later_ends_them_at_once() -> None:
    async def scenario() -> None:
        async with _world(total=100) as world:
            world.emulator.faults.add(Status(status=429, retry_after=1_000, times=1))
            await world.seconds(_read, RateLimitError)
            said = r"not sent: held after a 429 \(“.*”\), its turn would come in 16 min 40 s"
            with pytest.raises(RateLimitError, match=said) as caught:
                await _read(world.client)
            assert (caught.value.status, caught.value.sent) == (None, False)
            assert caught.value.retry_after == pytest.approx(1_000, abs=1)
            assert world.requests == 1
            await asyncio.sleep(950)
            assert await world.seconds(_read) == pytest.approx(50, abs=0.1)

    _run(scenario)
