"""The thread that blocking clients share: how it starts, who uses it, how it ends."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any

import attrs

from .._forks import abandon, begins_anew
from ..errors import OpenAIAdminError
from .greenlets import is_patched, new_loop

# Seconds that the thread may take to start; it takes a millisecond.
_START_WAIT = 30.0
# Seconds that the interpreter's end waits for connections that are being closed.
_LAST_WAIT = 5.0
# What an event loop opens: a selector, and a pair of sockets to wake it.
_DESCRIPTORS = 3

Closing = Callable[[], Coroutine[Any, Any, None]]


class LateLock:
    """``with lock():`` holds a reentrant lock that is made when it is first used.

    Until then gevent may still replace what makes locks. In a forked child, where a thread that is
    not there may hold it, it is made anew.
    """

    def __init__(self) -> None:
        self._made: dict[str, AbstractContextManager[bool]] = {}

    def __call__(self) -> AbstractContextManager[bool]:
        return self._made.get("lock") or self._made.setdefault("lock", threading.RLock())

    def begin_anew(self) -> None:
        """In a child: nobody holds it."""
        self._made = {}


@attrs.frozen
class _Running:
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stopped: asyncio.Event
    is_greenlet: bool

    def stop(self) -> None:
        """Have the loop and the thread end."""
        self.loop.call_soon_threadsafe(self.stopped.set)


class PortalThread:
    """A thread with an event loop in it, for as long as somebody uses it."""

    def __init__(self) -> None:
        self._lock = LateLock()
        self._users: set[Closing] = set()
        self._running: _Running | None = None
        self._ending: threading.Thread | None = None
        begins_anew(self)

    def enter(self, user: Closing) -> asyncio.AbstractEventLoop:
        """The thread's loop; the first user starts it. A user is known by what will close it.

        Raises:
            OpenAIAdminError: the thread cannot be started; the next call tries again.
        """
        with self._lock():
            if self._running is None:
                started = _start()
                if self._running is None:
                    self._running = started
                else:  # a signal's handler was faster
                    started.stop()
            self._users.add(user)
            return self._running.loop

    def leave(self, user: Closing) -> threading.Thread | None:
        """Give it back, from any thread; the last user gets the thread, which now ends."""
        with self._lock():
            self._users.discard(user)
            if self._users or self._running is None:
                return None
            self._running.stop()
            self._ending, self._running = self._running.thread, None
            return self._ending

    @property
    def is_cut_off(self) -> bool:
        """Whether gevent has patched threads since it started, so that it can wake no waiter."""
        running = self._running
        return running is not None and is_patched("threading") and not running.is_greenlet

    def join(self) -> None:
        """Wait a little for the thread that its last user has left or is about to leave."""
        if self.is_cut_off:
            return
        thread = self._ending if self._running is None else self._running.thread
        if thread is not None:
            thread.join(_LAST_WAIT)

    def is_current(self) -> bool:
        """Whether the caller runs in the thread."""
        return self._running is not None and self._running.thread is threading.current_thread()

    def begin_anew(self) -> None:
        """In a child: the thread is the parent's."""
        abandon((self._running, self._ending))
        self._lock.begin_anew()
        self._users = set()
        self._running = self._ending = None


def _start() -> _Running:
    """Start the thread, and wait until its loop runs.

    Raises:
        OpenAIAdminError: it could not be started, or not in time.
    """
    if sys.is_finalizing():
        raise OpenAIAdminError("A blocking client cannot begin to work while the interpreter ends.")
    ready: Future[_Running] = Future()
    try:
        _check_descriptors()
        threading.Thread(target=_run, args=(ready,), name="openai-admin", daemon=True).start()
        return ready.result(_START_WAIT)
    except BaseException as error:
        if not ready.cancel() and ready.exception() is None:
            ready.result().stop()  # it was ready at the moment of the interruption
        if not isinstance(error, OSError | RuntimeError):
            raise
        raise OpenAIAdminError(
            f"The background thread of the blocking client did not start: {_reason(error)}."
        ) from error


def _reason(error: OSError | RuntimeError) -> str:
    if isinstance(error, TimeoutError):
        return f"it took more than {_START_WAIT:g} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check_descriptors() -> None:
    """Raise `OSError` if too few files can be opened: a loop half open complains when collected."""
    with ExitStack() as opened:
        for _ in range(_DESCRIPTORS):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def _run(ready: Future[_Running]) -> None:
    """In the thread: run a loop, and give it away."""
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_serve(ready))
    except BaseException as error:
        if ready.done():
            raise
        with suppress(InvalidStateError):  # nobody waits any more
            ready.set_exception(error)


async def _serve(ready: Future[_Running]) -> None:
    stopped = asyncio.Event()
    running = _Running(
        threading.current_thread(), asyncio.get_running_loop(), stopped, is_patched("threading")
    )
    with suppress(InvalidStateError):  # nobody waits any more
        ready.set_result(running)
        await stopped.wait()
