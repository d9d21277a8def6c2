"""The thread that runs asynchronous code for blocking callers: one for the whole process."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import warnings
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from .._causes import chain
from .._forks import abandon, begins_anew
from .._transport.stack import caller_level
from ..errors import ClientClosedError, OpenAIAdminError, OutcomeUnknownError
from .greenlets import is_patched
from .thread import Closing, LateLock, PortalThread

R = TypeVar("R")

# Seconds an interrupted call is given to say what it leaves in doubt; it takes a millisecond.
_NOTES_WAIT = 1.0


class BlockingInLoopWarning(RuntimeWarning):
    """The blocking client was called from a coroutine, whose event loop it blocks."""


# Global: clients share one thread. It starts with the first of them and ends with the last.
_thread = PortalThread()
# Global: the leases to give back when the interpreter ends.
_leases: weakref.WeakSet[PortalLease] = weakref.WeakSet()
# Global: the warning about a blocked loop is given once per process.
_warned = False


class PortalLease:
    """One client's share of the portal thread: taken at its first call, given back at its close.

    It counts the tasks and generators it runs in the portal: all of them end before it does.

    Args:
        closing: what to run in the portal before the lease is given back.
    """

    def __init__(self, closing: Closing) -> None:
        self._closing = closing
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[Future[Any], asyncio.Task[list[str]]] = {}
        self._generators: set[AsyncGenerator[Any, None]] = set()
        self._closed = False
        self._lock = LateLock()  # reentrant: a signal's handler may close the client
        begins_anew(self)

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def open(self) -> asyncio.AbstractEventLoop:
        """The portal's event loop, its thread started if need be.

        Raises:
            ClientClosedError: after `close`.
            OpenAIAdminError: the thread cannot be started, or not be reached any more.
        """
        with self._lock():
            if self._closed:
                raise ClientClosedError.after_close()
            if self._loop is None:
                self._loop = _thread.enter(self._closing)
                _leases.add(self)
            if _thread.is_cut_off:
                raise OpenAIAdminError(
                    "gevent has patched threads after a blocking client was in use; call"
                    " gevent.monkey.patch_all() before the first call."
                )
            return self._loop

    def call(self, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Run a coroutine to its end and return its result.

        An interruption (Ctrl-C) cancels it and is raised at once, with the notes that its
        cancellation got. An error of this package comes without the frames it passed in the
        portal, so that its traceback leads to the caller.

        Raises:
            ClientClosedError: the client is or was closed.
            OpenAIAdminError: the portal's thread cannot be started.
        """
        self._look_at_caller(warn=not self._closed)
        future: Future[R] = Future()
        try:
            # It begins before a `close` of another thread, or not at all.
            with self._lock():
                self.open().call_soon_threadsafe(self._start, work, future)
            error = future.exception()
        except BaseException as interruption:
            for note in self._interrupt(future):
                interruption.add_note(note)
            raise
        if error is None:
            return future.result()
        if isinstance(error, OutcomeUnknownError) and error.find is not None:
            error.find = partial(_found, self.call, error.find)
        try:
            raise _shortened(error)
        finally:
            del error, future  # they would hold this frame, and it them

    def _interrupt(self, future: Future[Any]) -> list[str]:
        """Cancel what runs for a future; the notes that its cancellation gets."""
        if not future.cancel() or self._loop is None:
            return []
        notes: Future[list[str]] = Future()
        with contextlib.suppress(RuntimeError, TimeoutError):  # the loop has ended; it goes on
            self._loop.call_soon_threadsafe(self._cancel, future, notes)
            return notes.result(_NOTES_WAIT)
        return []

    def iterate(self, work: Callable[[], AsyncGenerator[R, None]]) -> Generator[R, None, None]:
        """Run an asynchronous generator step by step; leaving early ends it."""
        steps = work()
        self._generators.add(steps)
        process = os.getpid()

        async def step() -> R:
            return await anext(steps, _END)

        try:
            while (item := self.call(step)) is not _END:
                yield item
                if os.getpid() != process:
                    raise ClientClosedError.after_fork()
        finally:
            # Without waiting: a generator that was dropped ends here, in whichever thread.
            self._generators.discard(steps)
            if self._loop is not None and os.getpid() == process:
                with contextlib.suppress(RuntimeError):  # the loop has ended, and this with it
                    self._loop.call_soon_threadsafe(self._start, partial(_end, steps), Future())

    def close(self) -> None:
        """Cancel what runs, run what closes the client, and give the thread back."""
        self._look_at_caller(warn=False)
        with self._lock():  # a second one to close waits for the first
            if self._closed:
                return
            self._closed = True
            if self._loop is None or _thread.is_cut_off:
                return
            finished: Future[None] = Future()
            try:
                self._loop.call_soon_threadsafe(self._start, self._finish, finished)
                finished.result()
            finally:
                _leases.discard(self)
                thread = _thread.leave(self._closing)
            if thread is not None:
                thread.join()

    def __del__(self) -> None:
        # Without waiting: garbage collection may come in any thread and whatever that one holds.
        loop = self._loop
        if loop is not None and not self._closed:
            self._closed = True  # what runs in the loop brings it back to life until then
            finished: Future[None] = Future()
            closing = self._closing
            finished.add_done_callback(lambda _: _thread.leave(closing))
            loop.call_soon_threadsafe(self._start, self._finish, finished)

    def begin_anew(self) -> None:
        """In a child: what runs, runs in the parent; the next call starts a thread of its own."""
        abandon((self._tasks, self._generators))
        self._loop = None
        self._tasks, self._generators = {}, set()
        self._lock.begin_anew()

    def _start(self, work: Callable[[], Coroutine[Any, Any, R]], future: Future[R]) -> None:
        """In the portal: run a coroutine for a future. One hop there, and one back."""
        if future.cancelled():
            return
        self._tasks[future] = task = asyncio.create_task(_run(work, future))
        task.add_done_callback(lambda _: self._tasks.pop(future))

    def _cancel(self, future: Future[Any], notes: Future[list[str]]) -> None:
        """In the portal: cancel what runs for a future, and pass on the notes that it leaves."""
        task = self._tasks.get(future)
        if task is None:
            notes.set_result([])
            return
        task.cancel()
        task.add_done_callback(
            lambda ended: notes.set_result([] if ended.cancelled() else ended.result())
        )

    async def _finish(self) -> None:
        """In the portal: end everything of this client."""
        others = set(self._tasks.values()) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for steps in list(self._generators):
            await _end(steps)
        await self._closing()

    def _look_at_caller(self, *, warn: bool) -> None:
        """Warn of a caller whose event loop waits; refuse one that would wait for itself."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        if _thread.is_current():
            raise OpenAIAdminError(
                "A blocking client was called from its own thread (in a hook), which would wait"
                " for itself forever."
            )
        if warn:
            _warn_of_blocked_loop()


_END: Any = object()


def _found(
    call: Callable[[Callable[[], Any]], Any], find: Callable[[float], Any], wait: float
) -> Any:
    return call(partial(find, wait))


async def _run(work: Callable[[], Coroutine[Any, Any, R]], future: Future[R]) -> list[str]:
    """Do some work for a future; returns the notes of its cancellation."""
    try:
        result = await work()
    except asyncio.CancelledError as cancellation:
        notes: list[str] = getattr(cancellation, "__notes__", [])
        if future.set_running_or_notify_cancel():  # else it was its caller who ended it
            closed = ClientClosedError("The client was closed during the call.")
            for note in notes:
                closed.add_note(note)
            future.set_exception(closed)
        return notes
    except BaseException as error:  # noqa: BLE001 - the caller gets it
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
    else:
        if future.set_running_or_notify_cancel():
            future.set_result(result)
    return []


async def _end(steps: AsyncGenerator[Any, None]) -> None:
    with contextlib.suppress(RuntimeError):  # it still runs: its step was cancelled and ends it
        await steps.aclose()


def _shortened(error: BaseException) -> BaseException:
    """An error of this package without the frames inside the portal, those of its causes too.

    Any other error keeps them: it is a bug somebody has to find.
    """
    if isinstance(error, OpenAIAdminError):
        for link in chain(error):
            if link.__traceback__ is None:
                break
            link.__traceback__ = None
    return error


def _warn_of_blocked_loop() -> None:
    global _warned
    # In a notebook a loop always runs, and a cell that waits is what its author wants.
    # And gevent's greenlets seem to run in whichever loop another one runs.
    if _warned or "ipykernel" in sys.modules or is_patched("threading"):
        return
    _warned = True
    warnings.warn(
        "OpenAIAdmin blocks the event loop it is called in; use AsyncOpenAIAdmin and await it.",
        BlockingInLoopWarning,
        stacklevel=caller_level(),
    )


def _close_all() -> None:
    for lease in list(_leases):
        lease.close()
    _thread.join()  # it may still close a client that was just collected


atexit.register(_close_all)
