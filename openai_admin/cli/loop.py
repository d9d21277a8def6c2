"""The event loop of a command, which every signal wakes."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from .ending import TerminatedError, go_on, say_notes, terminate

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end in an event loop of its own.

    With `asyncio.run` alone, a signal that arrives just before the loop begins to wait is noted,
    and acted on only when something else ends the wait: Ctrl-C would sometimes do nothing. Here
    a signal also writes to a socket that the loop waits for.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it; what that leaves in doubt has been said.
        TerminatedError: SIGTERM ended it, likewise.
    """
    # Windows's loop wakes by itself, and only the main thread receives signals.
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return asyncio.run(work)
    waking, written = socket.socketpair()
    with waking, written:
        waking.setblocking(False)
        written.setblocking(False)
        before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
        try:
            with asyncio.Runner() as runner:
                runner.get_loop().add_reader(waking, waking.recv, 4096)
                return runner.run(_terminable(work))
        except (KeyboardInterrupt, TerminatedError) as stopped:
            say_notes(stopped)
            raise
        finally:
            signal.set_wakeup_fd(before)
            work.close()  # it never began if Ctrl-C came while the loop was made


async def _terminable(work: Coroutine[Any, Any, T]) -> T:
    """Do some work, which SIGTERM cancels."""
    task = asyncio.current_task()
    terminated = False

    def cancel(*_: object) -> None:
        nonlocal terminated
        if task is not None and not terminated:
            task.cancel()
        terminated = True

    before = signal.getsignal(signal.SIGTERM)
    if before is not terminate:  # somebody else's, or ignored
        return await work
    signal.signal(signal.SIGTERM, cancel)
    try:
        result = await work
        if terminated:  # here a cancellation is raised that came after the last wait of the work
            await asyncio.sleep(0)
        return result
    except asyncio.CancelledError as cancellation:
        if terminated:
            raise TerminatedError from cancellation
        raise
    finally:
        signal.signal(signal.SIGTERM, go_on if terminated else before)
