"""Tickets and places of tasks, event loops and processes that have ended hold up nobody."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from openai_admin._transport.concurrency import FairLimiter
from openai_admin._transport.rate_estimator import Ticket
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.throttle import Throttle
from openai_admin._transport.waker import Waker
from openai_admin._wire.http import Request

ENDPOINT = "GET /organization/users"
REQUEST = Request("GET", "/organization/users", "/organization/users")


def _ask(limiter: RateLimiter, now: float, number: int) -> list[Ticket]:
    """Ask for some requests in an event loop that runs only so long."""

    async def ask() -> list[Ticket]:
        loop = asyncio.get_running_loop()
        return [limiter.ask(ENDPOINT, now, loop=loop) for _ in range(number)]

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(ask())
    finally:
        loop.close()


def _held(limiter: RateLimiter) -> int:
    return limiter.in_flight + limiter.waiting


@pytest.mark.parametrize("number", [1, 100])
async def test_requests_of_a_loop_that_has_ended_are_not_waited_for(number: int) -> None:
    limiter = RateLimiter(random=Random(1))
    await asyncio.to_thread(_ask, limiter, 0.0, number)
    assert _held(limiter) == number
    here = asyncio.get_running_loop()
    tickets = [limiter.ask(ENDPOINT, 0.1, loop=here) for _ in range(4)]
    assert [ticket.wait for ticket in tickets] == [0.0] * 4
    for ticket in tickets:
        limiter.granted(ticket, 0.2)
    assert limiter.waiting == 0


async def test_who_waits_in_one_loop_goes_once_another_has_ended() -> None:
    limiter = RateLimiter(random=Random(1))
    end, asked = threading.Event(), threading.Event()

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(8):
            limiter.ask(ENDPOINT, 0.0, loop=loop)
        asked.set()
        await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=asyncio.run, args=(ask(),))
    thread.start()
    await asyncio.to_thread(asked.wait)
    mine = limiter.ask(ENDPOINT, 0.1, loop=asyncio.get_running_loop())
    assert mine.wait > 0
    assert limiter.renew(mine, 0.2) > 0  # the other loop runs
    end.set()
    await asyncio.to_thread(thread.join)
    assert limiter.renew(mine, 0.3) == 0
    limiter.granted(mine, 0.4)
    assert _held(limiter) == 0


def test_a_loop_that_was_stopped_for_a_while_goes_on() -> None:
    limiter = RateLimiter(random=Random(1))
    loop = asyncio.new_event_loop()

    async def ask(number: int) -> list[Ticket]:
        return [limiter.ask(ENDPOINT, 0.0, loop=loop) for _ in range(number)]

    tickets = loop.run_until_complete(ask(8))
    waiting = tickets[-1]
    assert waiting.wait > 0
    for ticket in _ask(limiter, 1.0, 4):  # these take the places meanwhile
        limiter.granted(ticket, 1.1)
    assert limiter.waiting == 0

    async def go_on() -> None:
        assert limiter.renew(waiting, 2.0) == 0
        limiter.granted(waiting, 2.1)
        for ticket in tickets:
            limiter.cancel(ticket, 2.2)

    loop.run_until_complete(go_on())
    loop.close()
    assert _held(limiter) == 0


async def test_a_task_that_is_collected_as_garbage_gives_its_ticket_back() -> None:
    limiter = RateLimiter(random=Random(1))

    async def sleep(_: float) -> None:
        await asyncio.Event().wait()

    throttle = Throttle(limiter, scope="s", clock=lambda: 0.0, sleep=sleep)

    async def call() -> None:
        ticket = throttle.ask(REQUEST, again=False)
        try:
            await asyncio.Event().wait()
        finally:
            throttle.leave(ticket)

    steps: Any = [call() for _ in range(8)]
    for step in steps:
        step.send(None)  # as a loop does that never comes back to it
    assert _held(limiter) == 8
    steps.append(steps)  # a cycle, which only the collector finds
    del steps, step
    gc.collect()
    assert _held(limiter) == 0


def test_a_ticket_may_be_given_back_under_the_limiters_lock() -> None:
    """The collector runs at any moment: here it comes while a refusal is being learned from."""

    class Collecting(Random):
        lost: list[Ticket]

        def uniform(self, a: float, b: float) -> float:
            while self.lost:
                limiter.cancel(self.lost.pop(), 0.2)
            return super().uniform(a, b)

    random = Collecting(1)
    random.lost = []
    limiter = RateLimiter(random=random)
    first, *rest = [limiter.ask(ENDPOINT, 0.0) for _ in range(8)]
    random.lost = rest
    done = threading.Thread(target=limiter.refused, args=(first, 0.1), daemon=True)
    done.start()
    done.join(30)
    assert not done.is_alive()
    assert random.lost == []
    assert _held(limiter) == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the test runner has threads
def test_a_child_keeps_the_pace_and_none_of_the_requests() -> None:
    limiter = RateLimiter(random=Random(1))
    tickets = [limiter.ask(ENDPOINT, 0.0) for _ in range(8)]
    limiter.refused(tickets[0], 0.1, retry_after=30)

    def in_child() -> bool:
        ticket = limiter.ask(ENDPOINT, 30.2)
        limiter.cancel(tickets[1], 30.3)  # the parent's, when the child collects it
        return (
            limiter.ask("GET /other", 0.2).wait == 0
            and ticket.wait == 0
            and (limiter.in_flight, limiter.waiting) == (2, 0)
        )

    def held_in_child() -> bool:
        return limiter.ask(ENDPOINT, 0.2).wait == pytest.approx(29.9)

    with limiter._lock:  # as another thread may hold it at that moment
        assert _fork(in_child)
        assert _fork(held_in_child)
    assert _held(limiter) == 7


def _fork(check: Callable[[], bool]) -> bool:
    """Whether something holds in a child of this process."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if check() else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


# --- places ---------------------------------------------------------------------------------


async def test_a_place_given_back_in_another_thread_wakes_who_waits() -> None:
    limiter = FairLimiter(1)
    assert limiter.take()
    waiting = asyncio.create_task(limiter.wait())
    await asyncio.sleep(0)
    await asyncio.to_thread(limiter.give_back)
    async with asyncio.timeout(30):
        await waiting
    assert limiter.free == 0


# --- wakes ----------------------------------------------------------------------------------


async def test_a_sleep_is_ended_from_any_thread_and_takes_no_task() -> None:
    async with asyncio.timeout(30):
        waker = Waker(asyncio.sleep)
        sleeping = asyncio.create_task(waker.sleep(3_600))
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task(), sleeping}
        await asyncio.to_thread(waker)
        await sleeping


async def test_who_is_woken_before_it_sleeps_does_not_sleep_once() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    waker = Waker(sleep)
    waker()
    await asyncio.sleep(0)
    await waker.sleep(1)
    await waker.sleep(2)
    assert slept == [2]


async def test_what_the_sleep_fails_with_is_raised() -> None:
    async def sleep(_: float) -> None:
        raise TimeoutError("of the sleep")

    with pytest.raises(TimeoutError, match="of the sleep"):
        await Waker(sleep).sleep(1)


async def test_a_cancelled_sleep_stays_cancelled() -> None:
    waker = Waker(asyncio.sleep)
    sleeping = asyncio.create_task(waker.sleep(3_600))
    await asyncio.sleep(0)
    waker()
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping


def test_a_waker_of_a_closed_loop_does_nothing() -> None:
    async def make() -> Waker:
        return Waker(asyncio.sleep)

    asyncio.run(make())()
