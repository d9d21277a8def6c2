"""A line on a terminal's standard error that shows what is being done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from ..events import Event, Paused
from .terminal import is_terminal

_PATIENCE = 1.0  # seconds; what takes less needs no line
_LONG = 5.0  # seconds; a wait for a rate limit that is told where no line shows it


class WaitNotice:
    """Says once that requests wait for a rate limit, where they have waited for a while.

    Args:
        text: what is being done.
        patience: seconds after which it is said.
    """

    def __init__(self, text: str, patience: float = _LONG) -> None:
        self._text = text
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None
        self._until = 0.0
        self._last: Paused | None = None

    def show_wait(self, event: Event) -> None:
        """Note that a request waits; other events are ignored."""
        if not isinstance(event, Paused):
            return
        loop = asyncio.get_running_loop()
        self._until = max(self._until, loop.time() + event.seconds)
        self._last = event
        if self._timer is None:
            self._timer = loop.call_later(self._patience, self._tell)

    def end(self) -> None:
        """Say nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self) -> None:
        left = self._until - asyncio.get_running_loop().time()
        if left <= 0 or self._last is None:
            self._timer = None  # that wait is over; a later one may be longer
            return
        print(f"{self._text}: {waiting(self._last, left)}.", file=sys.stderr)


def waiting(event: Paused, seconds: float) -> str:
    """What is waited for, and how long it is expected to take."""
    return f"waiting {seconds:.0f} s for {event.endpoint} ({event.reason})"


class Progress:
    """Shows a spinner and a text once something has taken over a second.

    With `show_wait` as a client's ``on_event`` it also shows what the client waits for when it
    keeps to a rate limit. Where standard error is not a terminal, only a long wait is told, once.
    Use it with ``async with``.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._status: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self._is_quiet = False
        self._notice = None if is_terminal(sys.stderr) else WaitNotice(text)

    def update(self, text: str) -> None:
        """Change the text."""
        self._text = text
        if self._status is not None:
            self._status.update(text)
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
        elif isinstance(event, Paused) and self._status is not None:
            self._status.update(f"{self._text}: {waiting(event, event.seconds)}")

    def _show(self) -> None:
        if self._is_quiet:
            self._wait()
            return
        from rich.console import Console

        self._is_due = True
        self._status = Console(stderr=True, highlight=False).status(self._text)
        self._status.start()

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
