"""A line on a terminal's standard error that shows what is being done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from .._text.durations import duration
from ..events import CallFailed, Event, Paused, RequestSent
from .terminal import is_terminal

_PATIENCE = 1.0  # seconds; what takes less needs no line
_LONG = 5.0  # seconds; a wait for a rate limit that is told where no line shows it
_AGAIN = 15.0  # seconds until a wait that goes on is told again


class Waits:
    """The requests that wait for a rate limit, by the events of their client."""

    def __init__(self) -> None:
        self._waits: dict[int, tuple[Paused, float]] = {}  # what is waited for, and until when

    def note(self, event: Event) -> None:
        """Note that a call waits, or has been sent; other events are ignored."""
        if isinstance(event, Paused):
            end = asyncio.get_running_loop().time() + event.seconds
            self._waits[event.call] = event, end
        elif isinstance(event, RequestSent | CallFailed):
            self._waits.pop(event.call, None)

    def last(self) -> tuple[Paused, float] | None:
        """The one whose turn is expected last, and the seconds until then; ``None`` for none."""
        if not self._waits:
            return None
        event, end = max(self._waits.values(), key=lambda wait: wait[1])
        return event, max(end - asyncio.get_running_loop().time(), 1.0)


class WaitNotice:
    """Says that requests wait for a rate limit: after a while, at a change, and every 15 s.

    Attributes:
        text: what is being done.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._waits = Waits()
        self._timer: asyncio.TimerHandle | None = None
        self._told: tuple[str, str] | None = None  # what was waited for when that was said last

    def show_wait(self, event: Event) -> None:
        """Note that a call waits, or has been sent; other events are ignored."""
        self._waits.note(event)
        last = self._waits.last()
        if last is None:
            self.end()
        elif self._timer is None or (self._told is not None and _subject(last[0]) != self._told):
            self._told = None
            self._tell_after(_LONG)

    def end(self) -> None:
        """Say nothing any more, unless another wait begins."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._told = None

    def _tell_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._tell)

    def _tell(self) -> None:
        last = self._waits.last()
        if last is not None:
            self._told = _subject(last[0])
            print(f"{self.text}: {waiting(*last, more='another ')}.", file=sys.stderr)
            self._tell_after(_AGAIN)


def _subject(event: Paused) -> tuple[str, str]:
    """What is waited for, without numbers, which change all the time."""
    return event.endpoint, "".join(c for c in event.reason if c.isalpha())


def waiting(event: Paused, seconds: float, *, more: str = "") -> str:
    """What is waited for, and how long it is expected to take."""
    return f"waiting {more}{duration(seconds)} for {event.endpoint} ({event.reason})"


class Progress:
    """Shows a spinner and a text once something has taken over a second.

    With `show_wait` as a client's ``on_event`` it also shows what the client waits for when it
    keeps to a rate limit, and how long still. Where standard error is not a terminal, only long
    waits are told, each in a line of its own (`WaitNotice`).
    Use it with ``async with``.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._status: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self._is_quiet = False
        self._waits = Waits()
        self._notice = None if is_terminal(sys.stderr) else WaitNotice(text)

    def update(self, text: str) -> None:
        """Change the text."""
        self._text = text
        if self._notice is not None:
            self._notice.text = text
        if self._status is not None:
            self._status.update(self._line())
        elif self._is_due:
            self._show()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Remove the line while something else is written; `update` brings it back."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        self._is_quiet = True
        try:
            yield
        finally:
            self._is_quiet = False

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._show)

    def show_wait(self, event: Event) -> None:
        """Show that a request waits for a rate limit; other events are ignored."""
        if self._notice is not None:
            self._notice.show_wait(event)
        else:
            self._waits.note(event)

    def _show(self) -> None:
        if self._is_quiet:
            self._wait()
            return
        from rich.console import Console

        self._status = Console(stderr=True, highlight=False).status(self._line())
        self._status.start()
        if not self._is_due:
            self._is_due = True
            self._tick()

    def _tick(self) -> None:
        """Show what is waited for now."""
        if self._status is not None:
            self._status.update(self._line())
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._tick)

    def _line(self) -> str:
        last = self._waits.last()
        return self._text if last is None else f"{self._text}: {waiting(*last)}"

    async def __aenter__(self) -> Self:
        if self._notice is None:
            self._wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._notice is not None:
            self._notice.end()
        with self.quiet():
            self._is_due = False
