"""Fetching the windows of a plan: concurrently, in order, and never more than is asked for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from .._transport.tasks import Work, own_lane, run_all
from ..errors import UsageWindowError
from ..resources.usage.results import UsageBucket
from .plan import Window
from .table import MissingWindow

Buckets = list[UsageBucket[Any]]
Fetch = Callable[[Window], Awaitable[Buckets]]

# Tasks that wait at once for one endpoint; how many of them run is the client's limit.
_WORKERS = 32


async def fetch_ordered(
    windows: Sequence[Window], fetch: Fetch, *, ahead: int
) -> AsyncGenerator[Buckets, None]:
    """The buckets of each window, in order, up to ``ahead`` windows fetched before the reader.

    It holds plain tasks and no task group: a task group must not be left open across a yield,
    where the reader may stop. However the reader leaves, the tasks are cancelled and awaited.
    """
    lane = own_lane()
    rest = iter(windows)
    started: deque[asyncio.Task[Buckets]] = deque()

    def start_next() -> None:
        window = next(rest, None)
        if window is not None:
            work: Any = fetch(window)
            started.append(asyncio.get_running_loop().create_task(work, context=lane.copy()))

    try:
        for _ in range(ahead):
            start_next()
        while started:
            buckets = await started[0]
            started.popleft()
            start_next()
            yield buckets
            del buckets
    finally:
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)


async def fetch_concurrently(
    jobs: Mapping[str, Sequence[Window]],
    fetch: Callable[[str, Window], Awaitable[Buckets]],
    *,
    partial: bool,
) -> tuple[dict[str, list[Buckets]], list[MissingWindow]]:
    """Fetch the windows of several endpoints at once.

    Args:
        jobs: each endpoint's windows, by its name.
        fetch: fetches one.
        partial: go on when a window fails for good, and say so in the result.

    Returns:
        The buckets by endpoint, in the windows' order, and the windows that are missing.
    """
    results: dict[str, list[Buckets]] = {key: [[] for _ in ws] for key, ws in jobs.items()}
    missing: list[MissingWindow] = []

    def worker(key: str, windows: Sequence[Window]) -> Work:
        async def work() -> None:
            for index, window in rest:
                try:
                    results[key][index] = await fetch(key, window)
                except UsageWindowError as exc:
                    if not partial:
                        raise
                    cause = exc.__cause__
                    error = cause if isinstance(cause, Exception) else exc
                    missing.append(MissingWindow(key, window, error))

        rest = iter(list(enumerate(windows)))
        return work

    workers = [(worker(key, windows), len(windows)) for key, windows in jobs.items()]
    await run_all([work for work, count in workers for _ in range(min(_WORKERS, count))])
    return results, sorted(missing, key=lambda m: (m.endpoint, m.window.start))
