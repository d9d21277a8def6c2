"""Progress notifications: what a call of a tool does and waits for.

Many calls share a client of the API. Which of them an event belongs to is known from the context
it comes in: each call of a tool runs in its own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..events import Event, Paused

T = TypeVar("T")

Report = Callable[[float, str], Awaitable[None]]
"""``report(progress, message)``: sends a progress notification; progress only grows."""

_AGAIN_EVERY = 5.0  # seconds; a client that hears nothing for long abandons the call

_messages: ContextVar[MemoryObjectSendStream[str] | None] = ContextVar("messages", default=None)


def report_wait(event: Event) -> None:
    """Report a wait for a rate limit to whoever made the current call; for ``on_event``."""
    if isinstance(event, Paused):
        say(f"waiting {event.seconds:.0f} s before {event.endpoint}: {event.reason}")


def say(message: str) -> None:
    """Report the current call's progress to whoever made it; does nothing outside of a call."""
    stream = _messages.get()
    if stream is not None:
        try:
            stream.send_nowait(message)
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # the client reads too slowly, or is gone: it misses a line, not its answer


async def reporting(work: Callable[[], Awaitable[T]], report: Report) -> T:
    """Do some work, and report what it does and waits for until it is done."""
    sending, receiving = anyio.create_memory_object_stream[str](32)
    outcome: list[T] = []
    failure: list[Exception] = []
    token = _messages.set(sending)
    try:
        async with sending, receiving, anyio.create_task_group() as tasks:
            tasks.start_soon(_forward, receiving, report)
            try:
                outcome.append(await work())
            except Exception as exc:  # noqa: BLE001 - carried out of the group, which would wrap it
                failure.append(exc)
            tasks.cancel_scope.cancel()
    finally:
        _messages.reset(token)
    if failure:
        raise failure[0]
    return outcome[0]


async def _forward(receiving: MemoryObjectReceiveStream[str], report: Report) -> None:
    began = time.monotonic()
    message: str | None = None
    while True:
        with anyio.move_on_after(_AGAIN_EVERY) as patience:
            message = await receiving.receive()
        if message is not None:
            again = "still " if patience.cancelled_caught else ""
            await report(time.monotonic() - began, again + message)
