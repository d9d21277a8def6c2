"""Several requests at once: each group is one fan-out, and its first error is raised."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import anyio

from .concurrency import LANE
from .loops import running_loop

T = TypeVar("T")
U = TypeVar("U")

AT_ONCE = 64
"""How many of many like works are begun at once: those in flight, and as many that wait for a place
or for their pace."""

Work = Callable[[], Coroutine[Any, Any, None]]


class Result(Generic[T]):
    """A result that is available once its group has been left."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._done: list[T] = []

    async def run(self) -> None:
        """Do the work and keep its result."""
        self._done.append(await self._work())

    @property
    def result(self) -> T:
        """The result."""
        return self._done[0]


class TaskGroup:
    """Work done concurrently until the block is left; the first error ends it and is raised.

    Callers get that error as if there were no group. A cancellation that comes at the same moment
    as an error is not lost: it is what ends the block. To the client's limit on concurrency the
    requests of a group are one fan-out, which takes turns with the others.

    Raises:
        OpenAIAdminError: no event loop of asyncio runs.
    """

    def __init__(self) -> None:
        running_loop()
        self._group = anyio.create_task_group()
        self._lane = own_lane()
        self._cancelled = 0  # cancellations of the task before the block

    async def __aenter__(self) -> Self:
        self._cancelled = _cancellations()
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            return await self._group.__aexit__(kind, error, traceback)
        except BaseExceptionGroup as failures:
            first = _first_of(failures)
            cause = first.__cause__
        if _cancellations() > self._cancelled:
            raise asyncio.CancelledError from first
        raise first from cause

    def start(self, work: Callable[[], Awaitable[T]]) -> Result[T]:
        """Start something; its result is available once the block has been left."""
        result = Result(work)
        self._lane.run(self._group.start_soon, result.run)
        return result


async def run_all(works: Sequence[Work]) -> None:
    """Do several things at once, as one fan-out; the first error ends the others and is raised."""
    async with TaskGroup() as group:
        for work in works:
            group.start(work)


async def each(of: Iterable[T], work: Callable[[T], Awaitable[U]]) -> list[U]:
    """Do the same for each of many things, as one fan-out; the first error is raised.

    At most `AT_ONCE` are begun at a time, in order: thousands of tasks begun in one turn of the
    loop would hold it for a second.

    Returns:
        What came of each, in the order of the things.
    """
    things = [*of]
    found: list[Any] = [None] * len(things)
    left = iter(enumerate(things))

    async def some() -> None:
        for place, thing in left:
            found[place] = await work(thing)

    await run_all([some] * min(AT_ONCE, len(things)))
    return found


def own_lane() -> contextvars.Context:
    """A context in which requests belong to a fan-out of their own, for the fair limiter."""
    context = contextvars.copy_context()
    context.run(LANE.set, object())
    return context


def _cancellations() -> int:
    """How many cancellations of the running task were asked for and not taken back."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _first_of(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a task group, however deep it lies."""
    first = failures.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
