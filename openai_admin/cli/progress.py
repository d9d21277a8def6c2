"""A line on a terminal's standard error that shows what is being done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from ..events import CallFailed, Event, Paused, RequestSent
from .terminal import is_terminal

_PATIENCE = 1.0  # seconds; what takes less needs no line
_LONG = 5.0  # seconds; a wait for a rate limit that is told where no line shows it


class WaitNotice:
    """Says once that a request waits for a rate limit, where it has waited for a while.

    Args:
        text: what is being done.
        patience: seconds after which it is said.
    """

    def __init__(self, text: str, patience: float = _LONG) -> None:
        self._text = text
        self._patience = patience
        self._waits: dict[int, tuple[Paused, float]] = {}  # what is waited for, and until when
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._has_told = False

    def show_wait(self, event: Event) -> None:
        """Note that a call waits, or has been sent; other events are ignored."""
        if isinstance(event, RequestSent | CallFailed):
            self._forget(event.call)
        elif isinstance(event, Paused) and not self._has_told:
            loop = asyncio.get_running_loop()
            self._waits[event.call] = event, loop.time() + event.seconds
            if event.call not in self._timers:
                timer = loop.call_later(self._patience, self._tell, event.call)
                self._timers[event.call] = timer

    def end(self) -> None:
        """Say nothing any more."""
        for call in list(self._timers):
            self._forget(call)

    def _forget(self, call: int) -> None:
        if (timer := self._timers.pop(call, None)) is not None:
            timer.cancel()
            del self._waits[call]

    def _tell(self, call: int) -> None:
        event, end = self._waits[call]
        left = end - asyncio.get_running_loop().time()
        self._has_told = True
        self.end()
        print(f"{self._text}: {waiting(event, max(left, 1))}.", file=sys.stderr)


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
