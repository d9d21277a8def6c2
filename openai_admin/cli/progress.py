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


class Progress:
    """Shows a spinner and a text once something has taken over a second.

    With `show_wait` as a client's ``on_event`` it also shows what the client waits for when it
    keeps to a rate limit. Nothing is shown unless standard error is a terminal. Use it with
    ``async with``.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._status: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self._is_quiet = False

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
        if isinstance(event, Paused) and self._status is not None:
            self._status.update(
                f"{self._text}: waiting {event.seconds:.0f} s for {event.endpoint} ({event.reason})"
            )

    def _show(self) -> None:
        if self._is_quiet:
            self._wait()
            return
        from rich.console import Console

        self._is_due = True
        self._status = Console(stderr=True, highlight=False).status(self._text)
        self._status.start()

    async def __aenter__(self) -> Self:
        if is_terminal(sys.stderr):
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
        with self.quiet():
            self._is_due = False
