"""A line on a terminal's standard error that tells what takes so long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from ..waits import Wait, on_wait
from .terminal import is_terminal

_PATIENCE = 1.0  # seconds; what is done sooner needs no line


class Progress:
    """Shows a spinner and a text once something has taken over a second.

    It also tells what the client waits for when it keeps to a rate limit. Nothing is shown where
    standard error is no terminal. Use it with ``async with``.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._status: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self._is_quiet = False
        self._unhook: Callable[[], None] | None = None

    def update(self, text: str) -> None:
        """Change the text."""
        self._text = text
        if self._status is not None:
            self._status.update(text)
        elif self._is_due:
            self._show()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Take the line away while something else is written; `update` brings it back."""
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

    def _waits(self, wait: Wait) -> None:
        if self._status is not None:
            self._status.update(
                f"{self._text}: waiting {wait.seconds:.0f} s for {wait.endpoint} ({wait.reason})"
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
            self._unhook = on_wait(self._waits)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._unhook is not None:
            self._unhook()
        with self.quiet():
            self._is_due = False
