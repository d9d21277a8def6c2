"""Rate limits, spend limits and spend alerts of every project, as they are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.not_known import told
from ...directory.reading import PAGE, Reads
from ...errors import NotFoundError
from ...resources.projects.rate_limits import ProjectRateLimit
from ...resources.spend import SpendLimit
from .families import ORGANIZATION


@attrs.define
class Limits:
    """What is allowed.

    Attributes:
        rates: the rate limits of each active project, by its id.
        spend: the spend limits in dollars, by the project's id or `ORGANIZATION`.
        alerts: the thresholds of spend alerts in dollars, likewise, and by the alert's id.
        complete: whether nothing was refused or could not be read.
    """

    rates: dict[str, Sequence[ProjectRateLimit]] = attrs.field(factory=dict)
    spend: dict[str, Decimal] = attrs.field(factory=dict)
    alerts: dict[tuple[str, str], Decimal] = attrs.field(factory=dict)
    complete: bool = True


async def read_limits(client: AdminResources[Async]) -> tuple[Limits, tuple[str, ...]]:
    """Read the limits of the organization and of its active projects: three requests for each.

    Returns:
        The limits, and what was refused, in words.

    Raises:
        AuthenticationError: the key is wrong.
        APIError: nothing was answered at all, or projects cannot be listed.
    """
    reads = Reads(client._caller)
    limits = Limits()
    projects = [project async for project in client.projects.list(limit=PAGE)]
    active = [project.id for project in projects if project.status != "archived"]

    async def rates(id: str) -> None:
        listed = await reads.listing(
            "rate limits of projects",
            client.projects.rate_limits.list(id, limit=PAGE),
            project_id=id,
            completely=True,
        )
        if listed is not None:
            limits.rates[id] = listed

    async def spend(id: str | None) -> None:
        kind = "spend limits" if id is None else "spend limits of projects"
        limit = await reads.one(kind, _limit(client, id), None, project_id=id)
        if limit is not None and (amount := limit.threshold_dollars) is not None:
            limits.spend[id or ORGANIZATION] = amount

    async def alerts(id: str | None) -> None:
        kind = "spend alerts" if id is None else "spend alerts of projects"
        pager: Any = (
            client.spend_alerts.list(limit=PAGE)
            if id is None
            else client.projects.spend_alerts.list(id, limit=PAGE)
        )
        for alert in await reads.all(kind, pager, project_id=id):
            if alert.threshold_dollars is not None:
                limits.alerts[id or ORGANIZATION, alert.id] = alert.threshold_dollars

    work = [partial(read, id) for id in active for read in (rates, spend, alerts)]
    await each([partial(spend, None), partial(alerts, None), *work], lambda read: read())
    reads.check()
    limits.complete = not reads.not_known and not any(reads.unread.values())
    return limits, told(
        reads.not_known, {project.id: project.name or project.id for project in projects}
    )


async def _limit(client: AdminResources[Async], id: str | None) -> SpendLimit | None:
    try:
        if id is None:
            return await client.spend_limit.retrieve()
        return await client.projects.spend_limit.retrieve(id)
    except NotFoundError:  # how the API says that there is none
        return None


def used(limits: Mapping[str, Decimal], spent: Mapping[str, Decimal]) -> dict[str, float]:
    """The fraction of each spend limit that is spent.

    Args:
        limits: by project, or `ORGANIZATION`.
        spent: of the month, in dollars, by project.
    """
    total = sum(spent.values(), Decimal(0))
    found = {}
    for project, limit in limits.items():
        amount = total if project == ORGANIZATION else spent.get(project, Decimal(0))
        found[project] = float(amount / limit) if limit else 1.0
    return found
