"""Fetching the windows of a plan in order, some of them before the reader asks for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

import attrs

from .._transport.loops import running_loop
from .._transport.tasks import own_lane
from .pieces import Part
from .plan import Window
from .room import Room

_END: Any = object()  # after the last part of a window


@attrs.frozen
class _Ahead:
    """A window that is fetched before the reader; private, since it is a task and its queue."""

    task: asyncio.Task[None]
    parts: asyncio.Queue[Part]


async def fetch_ordered(
    windows: Sequence[Window],
    parts: Callable[[Window], AsyncGenerator[Part, None]],
    *,
    ahead: int,
    room: Room,
) -> AsyncGenerator[Part, None]:
    """The parts of each window, in order, up to ``ahead`` windows fetched before the reader.

    It holds plain tasks and no task group: a task group must not be left open across a yield,
    where the reader may stop. However the reader leaves, the tasks are cancelled and awaited.

    Args:
        windows: the windows.
        parts: fetches one, part by part.
        ahead: how many windows are begun beside the one that is read.
        room: where what is fetched has its place until the reader had it.
    """
    loop, lane = running_loop(), own_lane()
    rest = iter(windows)
    started: deque[_Ahead] = deque()

    async def fetch(window: Window, queue: asyncio.Queue[Part]) -> None:
        try:
            async with aclosing(parts(window)) as each:
                async for part in each:
                    queue.put_nowait(part)
                    del part  # not kept while the next one is waited for
        finally:
            queue.put_nowait(_END)

    def start_next() -> None:
        window = next(rest, None)
        if window is not None:
            queue: asyncio.Queue[Part] = asyncio.Queue()
            task = loop.create_task(fetch(window, queue), context=lane.copy())
            started.append(_Ahead(task, queue))

    try:
        for _ in range(ahead):
            start_next()
        while started:
            first = True
            while (part := await started[0].parts.get()) is not _END:
                if first:
                    start_next()
                first = False
                with room.handing_over(part.window.end):
                    yield part
                    del part
            await started[0].task  # which raises its error
            started.popleft()
    finally:
        for each in started:
            each.task.cancel()
        await asyncio.gather(*(each.task for each in started), return_exceptions=True)
