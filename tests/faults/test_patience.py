"""How long a call waits for its pace, and how it ends where its turn would come too late."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from benchmarks import virtual_time
from benchmarks.seams import SeededClient
from openai_admin import (
    APIError,
    APITimeoutError,
    AsyncOpenAIAdmin,
    InvalidInputError,
    OpenAIAdmin,
    RateLimitError,
)
from openai_admin._text.durations import duration
from openai_admin._transport.connection import Timeout
from openai_admin.emulator import Emulator, Latency, RateLimit, Status

PLACES = 4


class World:
    """An emulator and a client in virtual time."""

    def __init__(self, emulator: Emulator, client: SeededClient) -> None:
        self.emulator = emulator
        self.client = client
        self.clock = asyncio.get_running_loop().time
        self._asked = 0

    def ask(self, **options: Any) -> Coroutine[Any, Any, Any]:
        """A listing of users that no other call shares."""
        self._asked += 1
        emails = [f"u{self._asked}@example.com"]
        return self._listed(self.client.with_options(**options), emails)

    async def _listed(self, client: AsyncOpenAIAdmin, emails: list[str]) -> Any:
        return await client.users.list(emails=emails)

    async def fails(self, kind: type[APIError], **options: Any) -> tuple[Any, float]:
        """The error of a call, and after how many seconds it came."""
        began = self.clock()
        with pytest.raises(kind) as caught:
            await self.ask(**options)
        return caught.value, self.clock() - began


@contextlib.asynccontextmanager
async def _world(**limits: float) -> AsyncIterator[World]:
    clock = asyncio.get_running_loop().time
    async with (
        Emulator(state="empty", clock=clock) as emulator,
        SeededClient(emulator, clock=clock, places=PLACES, timeout=Timeout(**limits)) as client,
    ):
        yield World(emulator, client)
        assert client.session.limiter.free == PLACES
        assert (client.rate_limiter.in_flight, client.rate_limiter.waiting) == (0, 0)


def _run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual_time.run(scenario())


async def _paced(world: World) -> None:
    """Let the client learn that 8 requests a minute are granted."""
    world.emulator.faults.add(RateLimit(limit=8, window=60))
    await asyncio.gather(*[world.ask() for _ in range(24)])


# --- as long as the endpoint grants something ------------------------------------------------


def test_a_gather_of_180_listings_ends_when_the_pace_lets_it_whatever_the_time_limit() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(RateLimit(limit=8, window=60))
            pages = await asyncio.gather(*[world.ask() for _ in range(180)])
            assert len(pages) == 180
            assert 1_260 <= world.clock() <= 1.3 * 1_320  # seconds, beyond the total of 600

    _run(scenario)


@pytest.mark.parametrize(
    ("limits", "limit", "window"),
    [
        ({"attempt": 2, "total": 5}, 8, 1),
        ({"attempt": 1, "total": 1}, 8, 2),
        ({"total": 30}, 8, 10),
    ],
    ids=str,
)
def test_waiting_for_a_pace_takes_none_of_the_total_from_the_first_call_on(
    limits: dict[str, float], limit: int, window: float
) -> None:
    async def scenario() -> None:
        async with _world(**limits) as world:
            world.emulator.faults.add(Latency(seconds=0.01))
            world.emulator.faults.add(RateLimit(limit=limit, window=window))
            assert len(await asyncio.gather(*[world.ask() for _ in range(60)])) == 60

    _run(scenario)


def test_an_own_guess_of_when_to_try_again_refuses_no_call() -> None:
    async def scenario() -> None:
        async with _world(attempt=2, total=5) as world:
            world.emulator.faults.add(RateLimit(limit=8, window=1))
            calls = iter(range(90))

            async def work() -> None:
                for _ in calls:
                    await world.ask()

            await asyncio.gather(*[work() for _ in range(32)])

    _run(scenario)


@pytest.mark.parametrize("wait", [0, 5])
@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        (Latency(seconds=3), {"APITimeoutError"}),
        (Status(status=503), {"APITimeoutError", "InternalServerError"}),
    ],
    ids=["slow", "down"],
)
def test_waiting_for_the_first_answers_is_no_rate_limit(
    fault: Latency | Status, errors: set[str], wait: float
) -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(fault)
            tasks = [asyncio.create_task(world.ask(wait=wait, timeout=10)) for _ in range(60)]
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            failed = {type(end).__name__ for end in ends if isinstance(end, Exception)}
            assert failed <= errors
            assert failed

    _run(scenario)


def test_what_was_waited_is_told_with_what_would_be_needed_and_is_allowed() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(RateLimit(limit=8, window=1))
            tasks = [asyncio.create_task(world.ask(wait=5)) for _ in range(90)]
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            late = [end for end in ends if isinstance(end, RateLimitError)]
            assert late
            for error in late:
                assert error.retry_after is not None
                assert error.waited + error.retry_after > 5
                turn = f"its turn would come in {duration(error.retry_after)}"
                waited = f"after {duration(error.waited)} of waiting, and wait allows 5 s"
                assert f"{turn}, {waited}" in str(error)

    _run(scenario)


@pytest.mark.parametrize("after", [0, 12], ids=["from the start", "later"])
def test_an_endpoint_that_lets_nothing_pass_is_given_up(after: int) -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(RateLimit(limit=12, window=100_000))
            for _ in range(after):
                await world.ask()
            tasks = [asyncio.create_task(world.ask()) for _ in range(20)]
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            errors = [error for error in ends if isinstance(error, RateLimitError)]
            assert len(errors) == 20 - 12 + after
            assert 65 <= world.clock() <= 300  # two windows of a minute, and the probes between

    _run(scenario)


def test_one_that_is_refused_alone_ends_within_the_total() -> None:
    async def scenario() -> None:
        async with _world(total=300) as world:
            await world.ask()
            world.emulator.faults.add(Status(status=429, match="users.list", retry_after=40))
            _, took = await world.fails(RateLimitError)
            assert 100 <= took <= 300

    _run(scenario)


# --- wait= ----------------------------------------------------------------------------------


def test_without_patience_a_call_fails_at_once_and_says_when_to_come_again() -> None:
    async def scenario() -> None:
        async with _world() as world:
            await _paced(world)
            crowd = [asyncio.create_task(world.ask()) for _ in range(10)]
            await asyncio.sleep(0.1)
            sent = len(world.emulator.requests)
            began = world.clock()
            error, took = await world.fails(RateLimitError, wait=0)
            assert took == 0
            assert len(world.emulator.requests) == sent
            assert (error.status, error.status_code, error.sent) == (None, None, False)
            assert error.attempts == 0
            assert not error.is_from_api
            assert 5 <= error.retry_after <= 20  # each second turn is the newest's
            said = str(error)
            assert said.startswith("users.list was not sent: paced to ")
            turn = f"its turn would come in {duration(error.retry_after)}"
            assert f" requests a minute, {turn}, and wait allows 0 s (GET /org" in said
            await asyncio.gather(*crowd)
            # Who comes as told gets through, with the patience for one turn.
            await asyncio.sleep(max(began + error.retry_after - world.clock(), 0))
            await world.ask(wait=10)

    _run(scenario)


def test_a_call_waits_so_long_in_all_over_its_attempts() -> None:
    async def scenario() -> None:
        async with _world() as world:
            await world.ask()
            world.emulator.faults.add(Status(status=429, match="users.list", retry_after=8))
            error, took = await world.fails(RateLimitError, wait=20)
            assert 16 <= took <= 20.1  # twice eight, and a third time would be too much
            assert (error.status, error.sent) == (429, True)
            assert error.retry_after >= 8
            assert str(error).endswith("s.")

    _run(scenario)


def test_a_refusal_is_not_waited_for_without_patience() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(Status(status=429, match="users.list", retry_after=8))
            error, took = await world.fails(RateLimitError, wait=0)
            assert took < 0.1
            assert (error.status, error.sent, error.retry_after) == (429, True, 8)

    _run(scenario)


@pytest.mark.parametrize("asked", [None, 8, 0.2], ids=["no header", "long", "short"])
@pytest.mark.parametrize("options", [{"wait": 0}, {"max_retries": 0}], ids=["wait", "retries"])
@pytest.mark.parametrize("granted", [False, True], ids=["new", "granted"])
def test_a_refusal_says_the_hold_that_the_next_call_meets(
    asked: float | None, options: dict[str, Any], granted: bool
) -> None:
    async def scenario() -> None:
        async with _world() as world:
            if granted:
                await world.ask()
            fault = Status(status=429, match="users.list", retry_after=asked, times=2)
            world.emulator.faults.add(fault)
            refusal, _ = await world.fails(RateLimitError, **options)
            told, since = refusal.retry_after, world.clock()
            assert told > 0
            assert f"It may pass in {duration(told)}." in str(refusal)
            unsent, _ = await world.fails(RateLimitError, wait=0)
            assert not unsent.sent
            assert unsent.retry_after == pytest.approx(told - (world.clock() - since))
            # Who waits for it and is refused again says both.
            again, took = await world.fails(RateLimitError, wait=told + 0.1, max_retries=0)
            assert (again.status, again.sent) == (429, True)
            assert again.waited == pytest.approx(told, abs=0.02)
            assert took == pytest.approx(again.waited, abs=0.02)
            assert f"It waited {duration(again.waited)} and may pass in" in str(again)

    _run(scenario)


@pytest.mark.parametrize("value", [-1, float("nan"), True, "5"])
def test_what_is_no_patience_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="wait must be a number of seconds, 0 or more"):
        AsyncOpenAIAdmin("sk-admin-x", wait=value)
    with OpenAIAdmin("sk-admin-x", wait=5) as client, pytest.raises(InvalidInputError):
        client.with_options(wait=value)


# --- a limit of an hour ---------------------------------------------------------------------


@pytest.mark.parametrize("wait", [None, 60])
def test_a_limit_of_an_hour_is_told_at_once_to_all(wait: float | None) -> None:
    async def scenario() -> None:
        async with _world() as world:
            await world.ask()
            body = {"error": {"message": "Come again in an hour.", "code": "rate_limit_exceeded"}}
            refusal = Status(status=429, body=body, retry_after=3_600, times=1)
            world.emulator.faults.add(Latency(match="users.list", seconds=0.5))
            world.emulator.faults.add(refusal)
            tasks = [asyncio.create_task(world.ask(wait=wait)) for _ in range(40)]
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            late = [error for error in ends if isinstance(error, RateLimitError)]
            assert len(late) >= 30
            assert all("Come again in an hour" in str(error) for error in late)
            assert all(3_590 <= (error.retry_after or 0) <= 3_610 for error in late)
            assert sum(error.sent for error in late) == 1
            assert world.clock() <= 2  # the answers to what was let go before
            sent = len(world.emulator.requests)
            error, took = await world.fails(RateLimitError, wait=wait)
            assert (took, error.sent, len(world.emulator.requests)) == (0, False, sent)
            await asyncio.sleep(3_590)
            await world.ask()

    _run(scenario)


def test_a_long_limit_that_headers_tell_of_is_told_once_a_refusal_confirms_it() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(RateLimit(limit=2, window=3_600, headers=True))
            for _ in range(2):
                await world.ask()
            error, took = await world.fails(RateLimitError)
            assert took <= 2
            assert error.sent
            error, took = await world.fails(RateLimitError)
            assert (took, error.sent) == (0, False)
            assert error.retry_after == pytest.approx(3_600, abs=5)
            assert len(world.emulator.requests) == 3

    _run(scenario)


# --- within two seconds, whatever runs beside it -------------------------------------------


IMPATIENT: dict[str, Any] = {"timeout": 2, "max_retries": 0, "wait": 0}


def test_a_call_of_two_seconds_ends_while_others_hold_all_places() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(Latency(match="groups.list", seconds=50))
            crowd = [asyncio.create_task(_group(world, n)) for n in range(1, 41)]
            await asyncio.sleep(1)
            error, took = await world.fails(APITimeoutError, **IMPATIENT)
            assert took == pytest.approx(2, abs=0.01)
            assert "was not sent within 2 s: as many other requests" in str(error)
            for each in crowd:
                each.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)

    _run(scenario)


async def _group(world: World, limit: int) -> Any:
    return await world.client.groups.list(limit=limit)


def test_a_call_of_two_seconds_ends_while_others_hang_at_its_endpoint() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(Latency(match="users.list", seconds=50))
            crowd = [asyncio.create_task(world.ask()) for _ in range(40)]
            await asyncio.sleep(1)
            _, took = await world.fails(APITimeoutError, **IMPATIENT)
            assert took == pytest.approx(2, abs=0.01)
            for each in crowd:
                each.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)

    _run(scenario)


def test_the_time_that_a_place_takes_is_the_attempts() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(Latency(match="groups.list", seconds=1.5))
            world.emulator.faults.add(Latency(match="users.list", seconds=50))
            crowd = [asyncio.create_task(_group(world, n)) for n in range(1, PLACES + 1)]
            await asyncio.sleep(0.1)
            error, took = await world.fails(APITimeoutError, **IMPATIENT)
            assert took == pytest.approx(2, abs=0.01)
            assert error.attempts == 1
            await asyncio.gather(*crowd)

    _run(scenario)


def test_who_takes_over_a_shared_read_ends_in_its_own_two_seconds() -> None:
    async def scenario() -> None:
        async with _world() as world:
            world.emulator.faults.add(Latency(match="groups.list", seconds=50))
            client = world.client.with_options(**IMPATIENT)
            first = asyncio.create_task(_groups(client))
            await asyncio.sleep(0.1)
            began = world.clock()
            second = asyncio.create_task(_groups(client))
            await asyncio.sleep(1.5)
            first.cancel()
            with pytest.raises(APITimeoutError):
                await second
            assert world.clock() - began == pytest.approx(2, abs=0.01)

    _run(scenario)


async def _groups(client: AsyncOpenAIAdmin) -> Any:
    return await client.groups.list()


async def test_on_a_real_socket_it_ends_while_a_fan_out_hangs() -> None:
    """Without its own limit it would wait as long as the others: ten minutes."""
    async with (
        Emulator(state="empty") as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_concurrency=8) as c,
    ):
        emulator.faults.add(Latency(seconds=600))
        patient = c.with_options(timeout=Timeout(attempt=600))
        crowd = [asyncio.create_task(_limited(patient, n)) for n in range(1, 101)]
        while len(emulator.requests) < 4:
            await asyncio.sleep(0.01)
        with pytest.raises(APITimeoutError):
            await _limited(c.with_options(timeout=0.2, max_retries=0, wait=0), 5)
        with pytest.raises(APITimeoutError):
            await c.with_options(timeout=0.2, max_retries=0, wait=0).users.list()
        assert not any(each.done() for each in crowd)
        for each in crowd:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


async def _limited(client: AsyncOpenAIAdmin, limit: int) -> Any:
    return await client.groups.list(limit=limit)
