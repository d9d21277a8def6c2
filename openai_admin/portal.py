"""The thread that runs asynchronous code for blocking callers: one for the whole process."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, BlockingPortalProvider

from .errors import ClientClosedError, OutcomeUnknownError

R = TypeVar("R")

# Global: clients share one thread. It starts with the first of them and ends with the last.
_provider = BlockingPortalProvider()
# Global: the leases to give back when the interpreter ends.
_leases: weakref.WeakSet[PortalLease] = weakref.WeakSet()
# Global: the warning about a blocked loop is given once a process.
_warned = threading.Event()


class BlockingInLoopWarning(RuntimeWarning):
    """The blocking client was called from a coroutine, whose event loop it blocks."""


class PortalLease:
    """One client's share of the portal thread: taken at its first call, given back at its close.

    Args:
        closing: what to run in the portal before the lease is given back.
    """

    def __init__(self, closing: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._closing = closing
        self._portal: BlockingPortal | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._process = os.getpid()
        self._lock = threading.Lock()

    def call(self, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Run a coroutine to its end and return its result.

        An interruption (Ctrl-C) cancels it and is raised at once. An error is raised without the
        frames it passed in the portal, so that its traceback leads to the caller.

        Raises:
            ClientClosedError: after `close`, or in a child of the process that made the client.
        """
        _warn_if_in_loop()
        try:
            return _result(self._start(work))
        except OutcomeUnknownError as error:
            if error.find is not None:
                error.find = partial(self.call, error.find)
            raise

    def iterate(self, work: Callable[[], AsyncGenerator[R, None]]) -> Generator[R, None, None]:
        """Run an asynchronous generator step by step; leaving early ends it."""
        steps = work()

        async def step() -> R:
            return await anext(steps, _END)

        ended = False
        try:
            while (item := self.call(step)) is not _END:
                yield item
            ended = True
        finally:
            if not ended:
                self._drop(steps)

    def close(self) -> None:
        """Run what closes the client and give the thread back."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            portal, self._portal = self._portal, None
        _leases.discard(self)
        if portal is not None and os.getpid() == self._process:
            try:
                _result(portal.start_task_soon(self._closing))
            finally:
                _provider.__exit__(None, None, None)

    def __del__(self) -> None:
        # Without waiting: garbage collection may run in any thread, the portal's own included.
        if self._portal is not None:
            threading.Thread(target=self.close, name="openai-admin-close", daemon=True).start()

    def _start(self, work: Callable[[], Coroutine[Any, Any, R]]) -> Future[R]:
        if os.getpid() != self._process:
            raise ClientClosedError(
                "The client was made in another process (before a fork); make one in this process."
            )
        with self._lock:
            if self._closed:
                raise ClientClosedError("The client is closed; make a new one.")
            if self._portal is None:
                self._portal = _provider.__enter__()
                self._loop = self._portal.call(asyncio.get_running_loop)
                _leases.add(self)
            portal = self._portal
        return portal.start_task_soon(work)

    def _drop(self, steps: AsyncGenerator[Any, None]) -> None:
        """End a generator that was left early, without waiting for it."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            asyncio.run_coroutine_threadsafe(_aclose(steps), loop)


_END: Any = object()


async def _aclose(steps: AsyncGenerator[Any, None]) -> None:
    with contextlib.suppress(RuntimeError):  # it still runs: its step was cancelled and ends it
        await steps.aclose()


def _result(future: Future[R]) -> R:
    try:
        error = future.exception()
    except CancelledError:
        raise
    except BaseException:
        future.cancel()
        raise
    if error is not None:
        raise error.with_traceback(None)
    return future.result()


def _warn_if_in_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    # In a notebook a loop always runs, and a cell that waits is what its author wants.
    if "ipykernel" in sys.modules or _warned.is_set():
        return
    _warned.set()
    warnings.warn(
        "OpenAIAdmin blocks the event loop it is called in; use AsyncOpenAIAdmin and await it.",
        BlockingInLoopWarning,
        stacklevel=5,
    )


def _close_all() -> None:
    for lease in list(_leases):
        lease.close()


def _forget_parent() -> None:
    """In a child process: the parent's thread is not here, so begin anew."""
    global _provider
    _provider = BlockingPortalProvider()
    _leases.clear()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)
