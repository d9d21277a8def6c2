"""Telling the client of a call what its requests wait for.

The session's pacing announces waits to hooks of the whole process. Which call a wait belongs to is
known from the context it is announced in: each call runs in its own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..waits import Wait

T = TypeVar("T")

Report = Callable[[float, str], Awaitable[None]]
"""``report(progress, message)``: sends a progress notification; progress only grows."""

_AGAIN_EVERY = 5.0  # seconds; a client that hears nothing for long gives the call up

_messages: ContextVar[MemoryObjectSendStream[str] | None] = ContextVar("messages", default=None)


def hear(wait: Wait) -> None:
    """Pass a wait on to the client whose call it holds up: a hook for `waits.on_wait`."""
    reason = wait.reason.rstrip(".")
    say(f"waiting {wait.seconds:.0f} s before {wait.endpoint}: {reason}")


def say(message: str) -> None:
    """Tell the client of the present call how it goes; does nothing outside of one."""
    stream = _messages.get()
    if stream is not None:
        try:
            stream.send_nowait(message)
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # the client has enough to read, or is gone: it misses a line, not its answer


async def reporting(work: Callable[[], Awaitable[T]], report: Report) -> T:
    """Do some work, and report what it says and waits for until it is done."""
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
