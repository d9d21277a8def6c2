"""What a call of a tool says of itself while it runs: what it does, waits for, and has so far.

Many calls share a client of the API. Which of them an event belongs to is known from the context
it comes in: the work of each call runs in its own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

import anyio

from ..events import AnswerReceived, Event, Paused, RequestSent
from .tool import Answer

T = TypeVar("T")

Report = Callable[[float, str], Awaitable[None]]
"""``report(seconds, message)``: sends a notification; the seconds only grow."""

AT_MOST_EVERY = 1.0  # seconds: an assistant's log is read by people
_AGAIN_EVERY = 5.0  # seconds; a client that hears nothing for long abandons the call


class Progress:
    """How far some work is, for all who wait for it.

    Attributes:
        message: what it said last.
        answers: how many answers of the API it has got, by operation.
        offered: what it has found so far, as an answer of its tool; ``None`` where it tells none.
        changed: whether a request was sent that may have changed something.
        listings_age: the age, in seconds, of the oldest listing that it was given from an earlier
            call (see `listings`).
    """

    def __init__(self, message: str = "") -> None:
        self.message = message
        self.answers: Counter[str] = Counter()
        self.offered: Answer | None = None
        self.changed = False
        self.listings_age = 0.0
        self._number = int(bool(message))  # of messages so far
        self._news = anyio.Event()

    def say(self, message: str) -> None:
        """Say what is done now."""
        self.message = message
        self._number += 1
        news, self._news = self._news, anyio.Event()
        news.set()

    async def after(self, number: int) -> int:
        """Wait until more messages than these were said; returns how many there are."""
        while self._number <= number:
            await self._news.wait()
        return self._number


_progress: ContextVar[Progress | None] = ContextVar("progress", default=None)


def report_wait(event: Event) -> None:
    """Tell an event of a client to whoever made the current call; for ``on_event``."""
    progress = _progress.get()
    match event:
        case Paused():
            say(f"waiting {event.seconds:.0f} s before {event.endpoint}: {event.reason}")
        case AnswerReceived() if progress is not None and event.status < 400:
            progress.answers[event.operation] += 1
        case RequestSent() if progress is not None and event.method != "GET":
            progress.changed = True


def say(message: str) -> None:
    """Say what the current call does now; does nothing outside of a call.

    Args:
        message: such as ``fetched the keys of 120 of 400 projects``. It is shown as progress, and
            stands in the answer that a call gets whose patience ends before the work does.
    """
    progress = _progress.get()
    if progress is not None:
        progress.say(message)


def offer(answer: Answer) -> None:
    """Say what the current call has found so far; does nothing outside of a call.

    Where the patience ends before the work does, the call is answered with this, marked as
    incomplete. It must be as the tool's output schema says; a later one takes its place.
    """
    progress = _progress.get()
    if progress is not None:
        progress.offered = answer


def current() -> Progress | None:
    """The progress of the current call."""
    return _progress.get()


async def speaking(work: Callable[[], Awaitable[T]], progress: Progress) -> T:
    """Do some work that speaks through a progress."""
    token = _progress.set(progress)
    try:
        return await work()
    finally:
        _progress.reset(token)


async def reporting(
    wait: Callable[[], Awaitable[T]], progress: Progress, report: Report | None
) -> T:
    """Wait for some work, and report how far it is: at most once a second, and every few."""
    if report is None:
        return await wait()
    outcome: list[T] = []
    failure: list[Exception] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_forward, progress, report)
        try:
            outcome.append(await wait())
        except Exception as exc:  # noqa: BLE001 - carried out of the group, which would wrap it
            failure.append(exc)
        tasks.cancel_scope.cancel()
    if failure:
        raise failure[0]
    return outcome[0]


async def _forward(progress: Progress, report: Report) -> None:
    began = time.monotonic()
    number = 0
    try:
        while True:
            with anyio.move_on_after(_AGAIN_EVERY) as patience:
                number = await progress.after(number)
            words = progress.message or "waiting for the API"
            again = "still " if patience.cancelled_caught else ""
            await report(time.monotonic() - began, again + words)
            await anyio.sleep(AT_MOST_EVERY)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return  # the client is gone: it misses a line, not its answer
