"""Stand-ins for what lies below the module under test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable
from datetime import datetime
from typing import Any, TypeVar

from openai_admin._declare.operation import Announce, Call
from openai_admin._wire.codec import decode

R = TypeVar("R")


class IdleCaller:
    """The parts of a caller besides sending: it is never closed, sleeps at once, tells nobody."""

    check_inputs = True
    base_url = "https://api.openai.com/v1"
    lacks_certificate = False

    async def execute(self, call: Call) -> Any:
        raise AssertionError("for subclasses")

    def server_now(self) -> datetime | None:
        """No answer of these tells the server's time."""
        return None

    def organization_told(self) -> str | None:
        """Nor whose organization it is."""
        return None

    def check_usable(self) -> None:
        """It is never closed."""

    async def sleep(self, seconds: float) -> None:
        """Wait for the loop's next turn, however long the sleep."""
        await asyncio.sleep(0)

    def announcer(self, operation: str) -> Announce:
        """Nobody listens."""
        return lambda kind, /, **what: None


class ScriptedCaller(IdleCaller):
    """Answers calls with prepared JSON values, in order, and keeps what was asked."""

    def __init__(self, answers: Iterable[Any] = (), *, check_inputs: bool = True) -> None:
        self._answers = iter(answers)
        self.check_inputs = check_inputs
        self.calls: list[Call] = []

    async def execute(self, call: Call) -> Any:
        self.calls.append(call)
        await asyncio.sleep(0)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return decode(json.dumps(answer).encode(), call.answer)

    @property
    def targets(self) -> list[str]:
        """The targets of the requests, in order."""
        return [call.request.target for call in self.calls]


class LoopPortal:
    """Runs asynchronous code in a loop of its own, in the calling thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def call(self, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        return self._loop.run_until_complete(work())

    def iterate(self, work: Callable[[], AsyncGenerator[R, None]]) -> Generator[R, None, None]:
        steps = work()
        try:
            while True:
                try:
                    yield self._loop.run_until_complete(anext(steps))
                except StopAsyncIteration:
                    return
        finally:
            self._loop.run_until_complete(steps.aclose())

    def close(self) -> None:
        self._loop.close()
