"""A review asked for: which days and projects, and what is fetched for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

import anyio.to_thread
import attrs

from ..._declare.arguments import one_of, suggest
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...allocation import Allocation
from ...directory.clock import clock_difference
from ...directory.find import with_ids
from ...directory.reading import Reads
from ...errors import InvalidInputError
from ..basis import BASES, kinds_for
from ..budgets.model import Budget
from ..examine import examine
from ..facts import Facts
from ..periods import Period, utc
from ..reviews import Review
from ..scope import Compare, names_of, period_asked_for
from ..teams import check_has_teams
from .facts import Gathering


async def review(
    client: AdminResources[Async],
    *,
    days: int | None = None,
    period: Period | None = None,
    project: str | Collection[str] | None = None,
    compare: Compare = "previous",
    allocation: Allocation | None = None,
    now: datetime | None = None,
    only: Collection[str] | None = None,
    budgets: Iterable[Budget] = (),
) -> Review:
    """Fetch what there is to know about the organization, and find what stands out.

    Args:
        client: an asynchronous client whose key may read the organization.
        days: how many whole days to look at, up to yesterday; by default 30.
        period: the days to look at, in place of `days`; of a period that is not over, those up to
            today.
        project: the name or the id of the project to look at, or several; by default the whole
            organization.
        compare: what costs are compared with: ``previous`` is as many days, or months, before;
            ``last-year`` is the same dates a year earlier; ``none`` is nothing.
        allocation: the rules that say whose costs are whose; without them, costs by team are not
            looked for.
        now: the moment to treat as the present, with a time zone; by default now.
        only: the findings to look for, as ``["stale_keys"]``; by default all. Nothing is fetched
            that these do not need, and all others are not known.
        budgets: the budgets to look at; those for a month, where `period` is one, for that month.

    Raises:
        InvalidInputError: `days` is less than 1, or is passed with `period`; the period is empty
            or in the future; `now` has no time zone; or there is no such project or finding; or
            the rules name no team, or contradict each other.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    facts = await fetch_facts(
        client,
        days=days,
        period=period,
        project=project,
        compare=compare,
        allocation=allocation,
        now=now,
        only=only,
        budgets=budgets,
    )
    # On a thread: of a large organization it takes seconds, in which others may go on.
    return await anyio.to_thread.run_sync(examine, facts, abandon_on_cancel=True)


async def fetch_facts(
    client: AdminResources[Async],
    *,
    days: int | None = None,
    period: Period | None = None,
    project: str | Collection[str] | None = None,
    compare: Compare = "previous",
    allocation: Allocation | None = None,
    now: datetime | None = None,
    only: Collection[str] | None = None,
    budgets: Iterable[Budget] = (),
) -> Facts:
    """Fetch what a review is based on.

    That takes some twenty requests and four for each active project: three of costs (for both
    periods and twelve weeks, up to 180 days on a page, and for the last months), six of daily and
    four of hourly usage, one for each listing of the organization, and for each project its keys,
    rate limits, spend limit and alerts. A few more follow where something was found that needs a
    closer look: usage by the minute on the busiest day of a project that may be near a limit, the
    certificates of projects where one ends soon, the latest event of each owner who seems inactive,
    the audit log around up to five unusual days (a page each, up to five where much was changed),
    and the service accounts of projects where costs name one that has no key. Whoever owns the
    organization through a group is found by a request for the groups, one for each of them, and one
    for each whose role makes owners; whoever owns it by a role of their own, by a request for the
    roles and one for each of up to 20 people who were not seen lately.
    What the API refuses, and what of usage and costs did not come, is in `not_known`; what cannot
    be read is counted in `unread`.

    Args:
        client: an asynchronous client whose key may read the organization.
        days: how many whole days to look at, up to yesterday; by default 30.
        period: the days to look at, in place of `days`; of a period that is not over, those up to
            today.
        project: the name or the id of the project to look at, or several; by default the whole
            organization.
        compare: what costs are compared with: ``previous`` is as many days, or months, before;
            ``last-year`` is the same dates a year earlier; ``none`` is nothing.
        allocation: the rules that say whose costs are whose; without them, costs by team are not
            looked for.
        now: the moment to treat as the present, with a time zone; by default now.
        only: the findings to fetch it for; by default all.
        budgets: the budgets to look at.

    Raises:
        InvalidInputError: `days` is less than 1, or is passed with `period`; the period is empty
            or in the future; `now` has no time zone; or there is no such project or finding; or
            the rules name no team, or contradict each other.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    given = now
    now = utc(given) if given is not None else datetime.now(UTC)
    found = None if only is None else _findings(only)
    looked_at, scope = period_asked_for(days, period, compare, now=now)
    if named := names_of(project):
        scope = attrs.evolve(scope, project_ids=await _project_ids(client, named))
    if allocation is not None:
        check_has_teams(allocation)
        scope = attrs.evolve(scope, allocation=allocation.source)
    budgets = tuple(budgets)
    scope = attrs.evolve(scope, has_budgets=bool(budgets))
    wanted = found
    if aside := scope.aside:
        wanted = (frozenset(BASES) if found is None else found) - aside.keys()
    reads = Reads(client._caller, None if wanted is None else kinds_for(wanted))
    gathering = Gathering(
        client, now, looked_at, scope, found, reads, allocation, budgets, asked=period
    )
    facts = await gathering.facts()
    if given is not None:
        return facts
    return attrs.evolve(facts, clock_difference=clock_difference(client._caller))


async def _project_ids(client: AdminResources[Async], named: Sequence[str]) -> tuple[str, ...]:
    """The ids of projects that were named.

    Raises:
        InvalidInputError: there is no such project, or several have a name.
    """
    found, _, _ = await with_ids(
        client, "usage.costs", {"project_ids": list(named)}, lambda _: "project"
    )
    return tuple(dict.fromkeys(found["project_ids"]))


def _findings(names: Collection[str]) -> frozenset[str]:
    if not names:
        raise InvalidInputError("only must not be empty: name a finding, or leave it out for all.")
    for name in names:
        if name not in BASES:
            raise InvalidInputError(
                f"There is no finding {name!r}; there are {one_of(list(BASES))}"
                f"{suggest(name, list(BASES))}"
            )
    return frozenset(names)
