"""Usage by the minute, fetched only for what may be near a rate limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import anyio.to_thread

from .._declare.resource import Async
from .._transport.tasks import TaskGroup
from ..directory.reading import Reads
from ..resources.projects.rate_limits import ProjectRateLimit
from ..usage.columns import joined
from ..usage.endpoints import chosen
from ..usage.queries import UsageQueries
from ..usage.table import UsageTable
from .defaults import NEAR
from .fetch import usage_table
from .periods import midnight
from .rate_limits import RateLimitUse, family_of, rate_limit_use

_PEAK_TO_MEAN = 4.0  # minutes are fetched where so many times an hour's average is near a limit
_MINUTES = 60.0  # at most so many times an hour's average is its busiest minute


async def busiest_minutes(
    hours: UsageTable,
    limits: Mapping[str, Sequence[ProjectRateLimit]],
    *,
    now: datetime,
    usage: UsageQueries[Async],
    reads: Reads,
    closely: bool = False,
) -> UsageTable | None:
    """Usage by the minute of what may be near a limit, on the days of its busiest hours.

    Another day may have a busier minute: `closely` looks at all of them.

    Args:
        hours: hourly usage by project, model and batch.
        limits: the rate limits of each project, by the project's id.
        now: where to stop.
        usage: what fetches it.
        reads: keeps what is refused or cannot be read.
        closely: fetch those of all days, also where only a single minute of an hour could be near.

    Returns:
        The usage; ``None`` where nothing may be near a limit.
    """
    times = _MINUTES if closely else _PEAK_TO_MEAN
    close, meant = await anyio.to_thread.run_sync(
        _near, hours, limits, times, abandon_on_cancel=True
    )
    if not close:
        return None
    endpoints = sorted({endpoint for endpoint, _, _ in meant})
    has_batches = any(
        "batch" in each.groups for each in chosen(endpoints, width="1m", filters=frozenset())
    )
    collect = partial(
        usage_table,
        reads,
        "usage by the minute",
        usage,
        endpoints,
        bucket_width="1m",
        group_by=["project_id", "model", *(["batch"] if has_batches else [])],
        project_ids=sorted({project for _, project, _ in meant}),
        models=sorted({model for _, _, model in meant}),
    )
    days = sorted({_day_of(use.peak_at) for use in close})
    if closely:
        days = [(min(hours["start_time"]), now)]
    async with TaskGroup() as work:
        found = [
            work.start(partial(collect, start_time=start, end_time=min(end, now)))
            for start, end in days
        ]
    return _joined([later.result for later in found])


def _near(
    hours: UsageTable, limits: Mapping[str, Sequence[ProjectRateLimit]], times: float
) -> tuple[list[RateLimitUse], set[tuple[str, str, str]]]:
    """What may be near a limit, and the endpoints, projects and models whose usage counts there.

    Args:
        hours: hourly usage.
        limits: the rate limits of each project.
        times: how many times an hour's average a minute is taken to be at most.
    """
    close = [use for use in rate_limit_use(hours, limits) if use.share * times >= NEAR]
    if not close:
        return [], set()
    places = {(use.project_id, use.model) for use in close}
    rows = zip(hours["endpoint"], hours["project_id"], hours["model"], strict=True)
    return close, {
        (endpoint, project, model)
        for endpoint, project, model in rows
        if model is not None
        and ((project, model) in places or (project, family_of(model)) in places)
    }


def _day_of(moment: datetime) -> tuple[datetime, datetime]:
    start = midnight(moment.date())
    return start, start + timedelta(days=1)


def _joined(tables: Sequence[UsageTable]) -> UsageTable:
    """Tables with the same columns as one."""
    first = tables[0]
    columns = {name: joined(t.columns[name] for t in tables) for name in first.columns}
    return UsageTable(
        columns,
        dimensions=first.dimensions,
        metrics=first.metrics,
        missing=[m for t in tables for m in t.missing],
        notes=[n for t in tables for n in t.notes],
        unreadable=[part for t in tables for part in t.unreadable],
        adapted=list(dict.fromkeys(each for t in tables for each in t.adapted)),
    )
