"""Both clients in virtual time, with all they hold counted at the end."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin, OutcomeUnknownError
from openai_admin._portal.lease import PortalLease
from openai_admin._transport.connection import Timeout, Transport
from openai_admin._transport.credentials import Credentials
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.session import Caller, Session
from openai_admin._tree import AdminResources
from openai_admin.emulator import Emulator

PLACES = 8


class Time:
    """The clients' clock, which only their own sleeping moves.

    `on_sleep` is run in the emulator's loop while a client sleeps between two attempts.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.on_sleep: Callable[[], Awaitable[None]] | None = None
        self._loop = asyncio.get_running_loop()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if self.on_sleep is not None:
            running = asyncio.run_coroutine_threadsafe(self._run(), self._loop)
            await asyncio.wrap_future(running)
        self.now += seconds
        await asyncio.sleep(0)

    async def _run(self) -> None:
        if self.on_sleep is not None:
            await self.on_sleep()


def _caller(emulator: Emulator, time: Time) -> Caller:
    key = emulator.admin_key
    session = Session(
        Transport(emulator.base_url),
        credentials=Credentials(key),
        max_concurrency=PLACES,
        clock=time.clock,
        sleep=time.sleep,
        rng=random.Random(1),
        rate_limiter=RateLimiter(),
    )
    usual = AsyncOpenAIAdmin(key, base_url=emulator.base_url)._caller.options
    return Caller(session, usual)


class _AsyncClient(AsyncOpenAIAdmin):
    def __init__(self, engine: Caller) -> None:
        self._caller = engine
        AdminResources.__init__(self, engine)


class _BlockingClient(OpenAIAdmin):
    def __init__(self, engine: Caller) -> None:
        self._share(engine, PortalLease(engine.session.close))


class Client:
    """One of the two clients, called from a test's coroutine."""

    def __init__(self, kind: str, emulator: Emulator, time: Time) -> None:
        self.blocking = kind == "blocking"
        self._emulator = emulator
        self._threads = threading.active_count()
        self._tasks = len(asyncio.all_tasks())
        self._caller = _caller(emulator, time)
        self._client: Any = (
            _BlockingClient(self._caller) if self.blocking else _AsyncClient(self._caller)
        )

    async def call(self, work: Callable[[Any], Any], *, read: float = 30) -> Any:
        """The result of one call; `read` is the seconds that a piece of an answer may take."""
        client = self._client.with_options(
            timeout=Timeout(attempt=30, total=600, connect=10, read=read)
        )
        if self.blocking:
            return await _in_thread(lambda: work(client))
        return await work(client)

    async def items(self, work: Callable[[Any], Any], *, read: float = 30) -> list[Any]:
        """All items of a listing."""
        client = self._client.with_options(
            timeout=Timeout(attempt=30, total=600, connect=10, read=read)
        )
        if self.blocking:
            found: list[Any] = await _in_thread(lambda: list(work(client)))
            return found
        return [item async for item in work(client)]

    async def reconciled(self, error: Any, *, wait: float = 10) -> Any:
        """What `error.reconcile` returns."""
        if self.blocking:
            return await _in_thread(lambda: error.reconcile(wait=wait))
        return await error.reconcile(wait=wait)

    async def found_by(self, error: Any) -> Any:
        """What `error.reconcile` found, also if it cannot tell whether it was there before."""
        try:
            return await self.reconciled(error)
        except OutcomeUnknownError as undecided:
            (found,) = undecided.candidates
            return found

    async def close(self) -> None:
        """Close the client, and see that nothing of it is left."""
        limiter = self._caller.session.limiter
        assert (limiter.free, limiter.waiting) == (PLACES, 0)
        if self.blocking:
            await _in_thread(self._client.close)
        else:
            await self._client.close()
        for _ in range(1000):
            if not (self._emulator.connections or self._emulator.in_flight):
                break
            await asyncio.sleep(0.001)  # the other end of a closed socket notices a little later
        assert (self._emulator.connections, self._emulator.in_flight) == (0, 0)
        assert len(asyncio.all_tasks()) == self._tasks
        assert threading.active_count() == self._threads


async def _in_thread(work: Callable[[], Any]) -> Any:
    """What a function returns in a thread of its own, which ends with it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised in the test
            loop.call_soon_threadsafe(future.set_exception, error)
        else:
            loop.call_soon_threadsafe(future.set_result, result)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        return await future
    finally:
        thread.join()
