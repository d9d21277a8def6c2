"""Why requests are refused with 429: rate limits beside the busiest minutes, and spend limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup
from ..._tree import AdminResources
from ...directory.not_known import NotKnown
from ...directory.reading import Reads
from ...resources.projects.rate_limits import ProjectRateLimit
from ...resources.spend import SpendLimit
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from ..basis import BASES, Basis
from ..fetch import usage_table
from ..minutes import busiest_minutes
from ..periods import midnight, month_of
from ..rate_limits import LIMITS, Metric, RateLimitUse, fullest, rate_limit_use
from ..scope import period_asked_for
from ..spend import SpendThreshold, spend_thresholds
from .projects import ProjectReads
from .tables import LIMITED, Tables, week_before

_LIMITS = ("spend limits", "spend limits of projects")
_SPEND = Basis(
    ("projects", *_LIMITS, "costs"),
    needs=(("costs",), _LIMITS),
    completely=("costs by project",),
)
_KINDS = frozenset((*BASES["rate_limits"].kinds, *_SPEND.kinds))


_ENDPOINTS = (*LIMITED, "audio_speeches", "audio_transcriptions")


@attrs.frozen(order=True)
class RateLimit:
    """A rate limit.

    Attributes:
        project_id: the project's.
        model: the model or family that it is for.
        metric: what is limited: ``requests``, ``tokens`` or ``images`` a minute.
        limit: how many are allowed a minute.
    """

    project_id: str
    model: str
    metric: Metric
    limit: int


@attrs.frozen(kw_only=True)
class LimitsLookedAt:
    """The limits of some projects, with how far they were used.

    Attributes:
        since: the beginning of the week whose usage was counted.
        endpoints: those whose usage was.
        uses: the rate limits that anything was counted for in the last week, the fullest first;
            ``None`` where that is not known.
        unused: the other rate limits, in order of the projects' ids and the models.
        by_minute: those of them whose peak is a minute's; the others are averages of an hour.
        spend: the spend limits beside what the month has cost; ``None`` likewise.
        enforcing: whose spend limits refuse requests at present; ``None`` is the organization.
        names: the projects' names, by id.
        not_known: what the API refused or did not answer.
        unread: how much of what came could not be read.
    """

    since: datetime
    endpoints: tuple[str, ...]
    uses: tuple[RateLimitUse, ...] | None
    unused: tuple[RateLimit, ...]
    by_minute: frozenset[tuple[str, str, str]]
    spend: tuple[SpendThreshold, ...] | None
    enforcing: frozenset[str | None]
    names: Mapping[str, str]
    not_known: tuple[NotKnown, ...]
    unread: Mapping[str, int]


async def look_at_limits(
    client: AdminResources[Async], project_ids: Sequence[str], *, now: datetime
) -> LimitsLookedAt:
    """Look at the limits of projects, and of the organization, that requests may have reached.

    It takes a request for the projects, two for each, one for costs, six for the hours of a week;
    and one to four for each day whose minutes are looked at: of projects that are named, the whole
    week where a minute may have come near a limit; else the days of busy hours.

    Args:
        client: an asynchronous client.
        project_ids: the projects; empty for all.
        now: the present, UTC.

    Raises:
        InvalidInputError: there is no such project.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    reads = Reads(client._caller, _KINDS)
    usage = UsageQueries[Async](client._caller)
    period, scope = period_asked_for(1, None, "none", now=now)
    scope = attrs.evolve(scope, project_ids=tuple(project_ids))
    listed = ProjectReads(client, reads, project_ids)
    async with TaskGroup() as work:
        tables = Tables(usage, reads, now, period, scope, None)
        hours = work.start(lambda: tables.hours(_ENDPOINTS))
        costs = work.start(lambda: _month(usage, reads, now))
        limit = work.start(lambda: reads.limit("spend limits", client.spend_limit.retrieve))
        projects = work.start(listed.all)
    reads.check()
    active = [of for of in projects.result if of.active]
    limits = {of.project.id: of.rate_limits for of in active}
    minutes = await busiest_minutes(
        hours.result, limits, now=now, usage=usage, reads=reads, closely=bool(project_ids)
    )
    of_spend: dict[str | None, list[SpendLimit]] = {None: limit.result}
    of_spend |= {of.project.id: of.limit for of in active}
    counted = [hours.result] if minutes is None else [hours.result, minutes]
    found = await anyio.to_thread.run_sync(
        lambda: [rate_limit_use(table, limits) for table in counted], abandon_on_cancel=True
    )
    is_spend_lost = _SPEND.refused(reads.not_known)
    uses = fullest(*found)
    used = {(use.project_id, use.model, use.metric) for use in uses}
    return LimitsLookedAt(
        since=week_before(now),
        endpoints=_ENDPOINTS,
        uses=None if BASES["rate_limits"].refused(reads.not_known) else uses,
        unused=tuple(
            each
            for each in sorted(_rate_limits(limits))
            if (each.project_id, each.model, each.metric) not in used
        ),
        by_minute=frozenset((u.project_id, u.model, u.metric) for u in found[-1])
        if minutes is not None
        else frozenset(),
        spend=None if is_spend_lost else spend_thresholds(costs.result, of_spend, now=now),
        enforcing=frozenset(
            whose
            for whose, listed in of_spend.items()
            for each in listed
            if each.enforcement is not None and each.enforcement.status == "enforcing"
        ),
        names={of.project.id: of.project.name for of in projects.result if of.project.name},
        not_known=reads.not_known,
        unread=reads.unread,
    )


def _rate_limits(limits: Mapping[str, Sequence[ProjectRateLimit]]) -> Iterator[RateLimit]:
    """The limits of each project that are of a minute."""
    for project_id, listed in limits.items():
        for limit in listed:
            for metric, name in LIMITS.items():
                allowed: int | None = getattr(limit, name)
                if limit.model is not None and allowed is not None:
                    yield RateLimit(project_id, limit.model, metric, allowed)


async def _month(usage: UsageQueries[Async], reads: Reads, now: datetime) -> UsageTable:
    """What each project has cost in this month, by the day."""
    return await usage_table(
        reads,
        "costs",
        usage,
        ["costs"],
        start_time=midnight(month_of(now).start),
        end_time=midnight(now.date() + timedelta(days=1)),
        group_by=["project_id"],
    )
