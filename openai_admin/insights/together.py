"""Several requests at once, with their results by name of variable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

import anyio
from anyio.abc import TaskGroup

from ..usage.fetch import first_of

T = TypeVar("T")


class Later(Generic[T]):
    """A result that is there once its group is left."""

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


class Together:
    """Work done concurrently until the block is left; the first error ends it and is raised."""

    def __init__(self) -> None:
        self._group: TaskGroup = anyio.create_task_group()

    async def __aenter__(self) -> Self:
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
        except BaseExceptionGroup as group:
            # One failure fails all, so callers get that error as if there were no group.
            raise first_of(group) from None

    def start(self, work: Callable[[], Awaitable[T]]) -> Later[T]:
        """Start something; its result is there once the block is left."""
        later = Later(work)
        self._group.start_soon(later.run)
        return later
