"""Usage and costs that a review is based on: a table for each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from ..._declare.resource import Async
from ...allocation import Allocation
from ...directory.reading import Reads
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from ..basis import (
    COMPARED,
)
from ..defaults import HISTORY_DAYS, QUIET_DAYS
from ..fetch import usage_table
from ..months import months_from
from ..periods import Period, midnight, month_of
from ..scope import Scope

_HOURS = 168  # a week, which is one page

_COUNTED: tuple[Any, ...] = (
    "completions",
    "decisions",
    "embeddings",
    "images",
    "audio_speeches",
    "audio_transcriptions",
)
LIMITED: tuple[Any, ...] = ("completions", "decisions", "embeddings", "images")
"""The endpoints most of whose models have rate limits that are come near to."""

_GROUPED: Mapping[str, list[Any]] = {
    "costs": ["project_id", "line_item"],
    "costs by consumer": ["user_id", "api_key_id"],
}
"""What costs are grouped by."""


@attrs.frozen
class Tables:
    """Tables of usage and costs.

    Attributes:
        usage: fetches them: the tree does not have it, which it is built on top of.
        reads: keeps what is refused or cannot be read.
        now: the present, UTC.
        period: the days looked at.
        scope: what they are compared with, and of which projects.
        allocation: the rules that say what costs by team are grouped by.
    """

    usage: UsageQueries[Async]
    reads: Reads
    now: datetime
    period: Period
    scope: Scope
    allocation: Allocation | None

    async def costs(self, of: str) -> UsageTable:
        """Daily costs up to now, of one of `_GROUPED`, or by team."""
        start = needed = self._earliest
        if of == "costs":
            if not self.scope.is_closed:
                needed = min(needed, month_of(self.now).start)
            start = min(
                start - timedelta(days=QUIET_DAYS),
                min(self.now.date(), self.period.end) - timedelta(days=HISTORY_DAYS),
                month_of(self.now).start,
            )
        return await self._costs(of, of, start, self.now.date() + timedelta(days=1), needed)

    async def costs_before(self, of: str) -> UsageTable | None:
        """Costs of the period that is compared with, where the others do not have it."""
        if not self.scope.is_apart or self.scope.compared is None:
            return None
        start, end = self.scope.compared.start, self.scope.compared.end
        return await self._costs(COMPARED[of], of, start - timedelta(days=QUIET_DAYS), end, start)

    async def months(self) -> UsageTable:
        """Costs of the last months, as far back as the API answers."""
        last = self.period.end - timedelta(days=1) if self.scope.is_closed else self.now.date()
        return await usage_table(
            self.reads,
            "costs by month",
            self.usage,
            ["costs"],
            start_time=midnight(months_from(last)),
            end_time=midnight(last + timedelta(days=1)),
            needed_from=midnight(last + timedelta(days=1)),
            **self._filters,
        )

    async def counted(self) -> UsageTable:
        """The usage of the period that costs can be explained by."""
        return await usage_table(
            self.reads,
            "usage",
            self.usage,
            _COUNTED,
            start_time=midnight(self.period.start),
            end_time=midnight(self.period.end),
            group_by=["model", "batch", "service_tier", "size"],
            **self._filters,
        )

    async def hours(self, endpoints: Sequence[Any] = LIMITED) -> UsageTable:
        """The usage of the last week, by the hour, that rate limits are for."""
        return await usage_table(
            self.reads,
            "hourly usage",
            self.usage,
            endpoints,
            start_time=week_before(self.now),
            end_time=self.now,
            bucket_width="1h",
            group_by=["project_id", "model", "batch"],
            **self._filters,
        )

    @property
    def _earliest(self) -> date:
        """The first day of both periods, as far as they are fetched together."""
        if self.scope.compared is None or self.scope.is_apart:
            return self.period.start
        return self.scope.compared.start

    @property
    def _filters(self) -> dict[str, Any]:
        """The filter of usage and costs; none where everything is asked for."""
        return {"project_ids": list(self.scope.project_ids)} if self.scope.project_ids else {}

    async def _costs(self, kind: str, of: str, start: date, end: date, needed: date) -> UsageTable:
        needs = sorted(self.allocation.needs) if self.allocation is not None else []
        return await usage_table(
            self.reads,
            kind,
            self.usage,
            ["costs"],
            start_time=midnight(start),
            end_time=midnight(end),
            needed_from=midnight(needed),
            group_by=needs or None if of == "costs by team" else _GROUPED[of],
            may_lack=needs if of == "costs by team" else (),
            **self._filters,
        )


def week_before(now: datetime) -> datetime:
    """The beginning of the week whose hours are looked at."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour - timedelta(hours=_HOURS - 1)
