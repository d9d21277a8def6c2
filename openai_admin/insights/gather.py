"""Fetch everything that a review is based on through a client, with few requests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
import attrs

from .._declare.arguments import one_of, shown, suggest
from .._declare.resource import Async
from .._transport.tasks import TaskGroup, each
from .._tree import AdminResources
from ..allocation import Allocation
from ..directory.clock import clock_difference
from ..directory.find import with_ids
from ..directory.lookup import NameLookup
from ..errors import InvalidInputError
from ..resources.certificates import Certificate
from ..resources.projects import Project
from ..resources.projects.api_keys import ProjectAPIKey
from ..resources.projects.rate_limits import ProjectRateLimit
from ..resources.projects.spend_alerts import ProjectSpendAlert
from ..resources.spend import SpendAlert, SpendLimit
from ..resources.users.model import OrganizationUser
from ..usage.names import ids_in, names_in_rows
from ..usage.queries import UsageQueries
from ..usage.table import UsageTable
from .basis import (
    BASES,
    COMPARED,
    TO_COMPARE,
    TO_COMPARE_BY_CONSUMER,
    TO_COMPARE_BY_TEAM,
    kinds_for,
)
from .budgets.look import look_at_budgets
from .budgets.model import Budget
from .budgets.status import BudgetStatus
from .daily import days_in, lost_windows
from .defaults import ENDING_DAYS, HISTORY_DAYS, QUIET_DAYS, STALE_DAYS
from .facts import Facts
from .fetch import PAGE, Reads, latest_events
from .lacking import lacking
from .minutes import busiest_minutes
from .months import months_from
from .not_known import NotKnown
from .people import inactive_owners
from .periods import Period, midnight, month_of, utc
from .reviews import Review, examine
from .scope import Compare, Scope, names_of, period_asked_for
from .teams import allocated, check_has_teams

T = TypeVar("T")
U = TypeVar("U")

_HOURS = 168  # a week, which is one page

_COUNTED: tuple[Any, ...] = (
    "completions",
    "decisions",
    "embeddings",
    "images",
    "audio_speeches",
    "audio_transcriptions",
)
_LIMITED: tuple[Any, ...] = ("completions", "decisions", "embeddings", "images")
_GROUPED: Mapping[str, list[Any]] = {
    "costs": ["project_id", "line_item"],
    "costs by consumer": ["user_id", "api_key_id"],
}
"""What costs are grouped by."""
_OF_PROJECTS = (
    "keys of projects",
    "rate limits of projects",
    "spend limits of projects",
    "spend alerts of projects",
)
"""What can only be asked for where projects are known."""


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
        InvalidInputError: `days` is less than 1, or is passed with `period`; the period is empty,
            in the future, or longer ago than the API answers for; `now` has no time zone; or there
            is no such project or finding; or the rules name no team, or contradict each other.
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
    return await _on_thread(examine, facts)


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
    and the service accounts of projects where costs name one that has no key. What the API refuses,
    and what of usage and costs did not come, is in `not_known`; what cannot be read is counted in
    `unread`.

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
        InvalidInputError: `days` is less than 1, or is passed with `period`; the period is empty,
            in the future, or longer ago than the API answers for; `now` has no time zone; or there
            is no such project or finding; or the rules name no team, or contradict each other.
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
    listed = tuple(budgets)
    scope = attrs.evolve(scope, has_budgets=bool(listed))
    wanted = found
    if aside := scope.aside:
        wanted = (frozenset(BASES) if found is None else found) - aside.keys()
    reads = Reads(client._caller, None if wanted is None else kinds_for(wanted))
    gathering = _Gathering(client, now, looked_at, scope, found, reads, allocation)
    gathering.budgets, gathering.asked = listed, period
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


async def _on_thread(work: Callable[[T], U], of: T) -> U:
    """Compute something from a table that may be long, while the loop goes on."""
    return await anyio.to_thread.run_sync(work, of, abandon_on_cancel=True)


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


@attrs.define
class _OfProject:
    """A project with what belongs to it; private, since `Facts` has each kind by itself."""

    project: Project
    keys: list[ProjectAPIKey] = attrs.field(factory=list)
    rate_limits: list[ProjectRateLimit] = attrs.field(factory=list)
    limit: list[SpendLimit] = attrs.field(factory=list)
    alerts: list[ProjectSpendAlert] = attrs.field(factory=list)

    @property
    def thresholds(self) -> list[SpendLimit | SpendAlert]:
        return [*self.limit, *self.alerts]

    @property
    def active(self) -> bool:
        return self.project.status != "archived"


@attrs.define
class _Gathering:
    """One gathering under way; private, a place for what its requests share."""

    client: AdminResources[Async]
    now: datetime
    period: Period
    scope: Scope
    only: frozenset[str] | None
    reads: Reads
    allocation: Allocation | None = None
    unnamed: list[str] = attrs.field(factory=list)
    budgets: tuple[Budget, ...] = ()
    asked: Period | None = None  # the period as it was asked for

    @property
    def usage(self) -> UsageQueries[Async]:
        """Usage over long ranges, which the tree does not have: it is built on top of it."""
        return UsageQueries[Async](self.client._caller)

    @property
    def of_projects(self) -> dict[str, Any]:
        """The filter of usage and costs; none where everything is asked for."""
        return {"project_ids": list(self.scope.project_ids)} if self.scope.project_ids else {}

    async def facts(self) -> Facts:
        client = self.client
        last = self.period.end - timedelta(days=1) if self.scope.is_closed else self.now.date()
        earliest = self.period.start
        if self.scope.compared is not None and not self.scope.is_apart:
            earliest = self.scope.compared.start
        first = min(
            earliest - timedelta(days=QUIET_DAYS),
            min(self.now.date(), self.period.end) - timedelta(days=HISTORY_DAYS),
            month_of(self.now).start,
        )
        hours_from = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(
            hours=_HOURS - 1
        )
        async with TaskGroup() as work:
            costs = work.start(lambda: self._costs("costs", first))
            consumers = work.start(lambda: self._costs("costs by consumer", earliest))
            costs_before = work.start(lambda: self._costs_before("costs"))
            consumers_before = work.start(lambda: self._costs_before("costs by consumer"))
            teams = work.start(lambda: self._costs("costs by team", earliest))
            teams_before = work.start(lambda: self._costs_before("costs by team"))
            months = work.start(
                lambda: self.reads.table(
                    "costs by month",
                    self.usage,
                    ["costs"],
                    start_time=midnight(months_from(last)),
                    end_time=midnight(last + timedelta(days=1)),
                    as_far_back=True,
                    **self.of_projects,
                )
            )
            usage = work.start(
                lambda: self.reads.table(
                    "usage",
                    self.usage,
                    _COUNTED,
                    start_time=midnight(self.period.start),
                    end_time=midnight(self.period.end),
                    group_by=["model", "batch", "service_tier", "size"],
                    **self.of_projects,
                )
            )
            hours = work.start(
                lambda: self.reads.table(
                    "hourly usage",
                    self.usage,
                    _LIMITED,
                    start_time=hours_from,
                    end_time=self.now,
                    bucket_width="1h",
                    group_by=["project_id", "model", "batch"],
                    **self.of_projects,
                )
            )
            users = work.start(lambda: self.reads.all("people", client.users.list(limit=PAGE)))
            admin_keys = work.start(
                lambda: self.reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
            )
            invites = work.start(lambda: self.reads.all("invites", client.invites.list(limit=PAGE)))
            certificates = work.start(
                lambda: self.reads.all("certificates", client.certificates.list(limit=PAGE))
            )
            thresholds = work.start(self._organization_thresholds)
            of_budgets = work.start(self._budgets)
            projects = work.start(self._projects)
        self.reads.check()
        of_projects = projects.result
        rate_limits = {p.project.id: p.rate_limits for p in of_projects if p.active}
        async with TaskGroup() as work:
            minutes = work.start(
                lambda: busiest_minutes(
                    hours.result, rate_limits, now=self.now, usage=self.usage, reads=self.reads
                )
            )
            ending = work.start(
                lambda: self._project_certificates(
                    certificates.result, [p.project.id for p in of_projects if p.active]
                )
            )
            names = work.start(lambda: self._names(consumers.result, users.result, of_projects))
            by_team = work.start(
                lambda: allocated(
                    client._caller, self.allocation, teams.result, teams_before.result, self.reads
                )
            )
            seen = await _on_thread(_seen_in_costs, consumers.result)
            inactive = inactive_owners(
                users.result, now=self.now, admin_keys=admin_keys.result, last_seen=seen
            )
            events = work.start(
                lambda: latest_events(
                    client,
                    [o.user_id for o in inactive if self.reads.wants("the audit log")],
                    since=self.now - timedelta(days=STALE_DAYS),
                    now=self.now,
                    reads=self.reads,
                )
            )
        missing = {
            words
            for kind, table in (
                ("costs", costs.result),
                ("costs by consumer", consumers.result),
                ("costs by team", teams.result),
                ("costs by month", months.result),
                (TO_COMPARE, costs_before.result),
                (TO_COMPARE_BY_CONSUMER, consumers_before.result),
                (TO_COMPARE_BY_TEAM, teams_before.result),
                ("usage", usage.result),
                ("hourly usage", hours.result),
                ("hourly usage", minutes.result),
            )
            if table is not None
            for words in lacking(kind, table)
        }
        return Facts(
            now=self.now,
            period=self.period,
            scope=self.scope,
            only=self.only,
            costs=costs.result,
            consumer_costs=consumers.result,
            team_costs=by_team.result[0],
            team_costs_before=by_team.result[1],
            month_costs=months.result,
            costs_before=costs_before.result,
            consumer_costs_before=consumers_before.result,
            usage=usage.result,
            hours=hours.result,
            minutes=minutes.result,
            projects=[p.project for p in of_projects],
            users=users.result,
            keys={p.project.id: p.keys for p in of_projects if p.active},
            admin_keys=admin_keys.result,
            invites=invites.result,
            certificates=certificates.result,
            project_certificates=ending.result,
            rate_limits=rate_limits,
            found_names=names.result,
            thresholds={
                None: thresholds.result,
                **{p.project.id: p.thresholds for p in of_projects if p.active},
            },
            last_seen=seen | events.result,
            budgets=of_budgets.result,
            missing=tuple(sorted(missing | set(self.unnamed))),
            not_known=self._not_known(costs_before.result, consumers_before.result),
            unread={kind: number for kind, number in self.reads.unread.items() if number},
        )

    def _not_known(self, *before: UsageTable | None) -> tuple[NotKnown, ...]:
        """What is not known, without days before those that are compared with: they tell only
        whether anything was spent at all.
        """
        compared = self.scope.compared
        beside = {
            str(window)
            for table in before
            if table is not None and compared is not None
            for window in lost_windows(table)
            if days_in(window).end <= compared.start
        }
        return tuple(
            part
            for part in self.reads.not_known
            if part.kind not in COMPARED.values() or part.window not in beside
        )

    async def _names(
        self,
        consumers: UsageTable,
        users: Sequence[OrganizationUser],
        of_projects: Sequence[_OfProject],
    ) -> dict[str, str]:
        """The names in costs and in lists, with those of service accounts that no key names."""
        lookup = NameLookup(self.client._caller, names_in_rows(consumers))
        lookup.learn("projects", [p.project for p in of_projects])
        lookup.learn("people", users)
        lookup.learn("keys", [key for p in of_projects for key in p.keys])
        await lookup.find(await _on_thread(ids_in, consumers.columns))
        self.unnamed += [f"names of {of}" for unknown in lookup.unknown() for of in unknown.of]
        return lookup.names

    async def _costs(
        self, of: str, start: date, end: date | None = None, *, kind: str | None = None
    ) -> UsageTable:
        """Costs up to now or another day, of one of `_GROUPED`."""
        end = self.now.date() + timedelta(days=1) if end is None else end  # they come by whole days
        needs = sorted(self.allocation.needs) if self.allocation is not None else []
        return await self.reads.table(
            kind or of,
            self.usage,
            ["costs"],
            start_time=midnight(start),
            end_time=midnight(end),
            group_by=needs or None if of == "costs by team" else _GROUPED[of],
            may_lack=needs if of == "costs by team" else (),
            **self.of_projects,
        )

    async def _costs_before(self, of: str) -> UsageTable | None:
        """Costs of the period that is compared with, where the others do not have it."""
        if not self.scope.is_apart or self.scope.compared is None:
            return None
        start, end = self.scope.compared.start, self.scope.compared.end
        return await self._costs(of, start - timedelta(days=QUIET_DAYS), end, kind=COMPARED[of])

    async def _budgets(self) -> tuple[BudgetStatus, ...]:
        """Where the budgets stand that were given."""
        if not self.budgets or not self.reads.wants("costs of budgets"):
            return ()
        look = look_at_budgets(
            self.client,
            self.budgets,
            now=self.now,
            period=self.asked,
            allocation=self.allocation,
        )
        found = await self.reads.one("costs of budgets", look, None)
        if found is None:
            return ()
        self.unnamed += [f"budgets: {note.rstrip('.')}" for note in found.notes]
        return found.statuses

    async def _projects(self) -> list[_OfProject]:
        projects = await self.reads.all(
            "projects", self.client.projects.list(limit=PAGE, include_archived=True)
        )
        self.reads.without("projects", _OF_PROJECTS)
        if chosen := self.scope.project_ids:
            self._check_there(projects)
            projects = [project for project in projects if project.id in chosen]
        found = [_OfProject(project) for project in projects]
        parts = (self._keys, self._rate_limits, self._spend_limit, self._spend_alerts)
        await each(
            [partial(part, of) for of in found if of.active for part in parts], lambda read: read()
        )
        return found

    def _check_there(self, projects: Sequence[Project]) -> None:
        """Refuse the id of no project, where all projects are known.

        Raises:
            InvalidInputError: a project is not listed.
        """
        lacks = any(part.kind == "projects" for part in self.reads.not_known)
        if lacks or self.reads.unread["projects"] or not self.reads.wants("projects"):
            return
        for id in self.scope.project_ids:
            if id not in {project.id for project in projects}:
                raise InvalidInputError(f"project: no project has the id {shown(id)}.")

    async def _keys(self, of: _OfProject) -> None:
        id = of.project.id
        of.keys = await self.reads.all(
            "keys of projects",
            self.client.projects.api_keys.list(id, limit=PAGE, owner_project_access="any"),
            project_id=id,
        )

    async def _rate_limits(self, of: _OfProject) -> None:
        id = of.project.id
        of.rate_limits = await self.reads.all(
            "rate limits of projects",
            self.client.projects.rate_limits.list(id, limit=PAGE),
            project_id=id,
            completely=True,  # a snapshot's own limit may be on the last page
        )

    async def _spend_limit(self, of: _OfProject) -> None:
        id = of.project.id
        of.limit = await self.reads.limit(
            "spend limits of projects",
            partial(self.client.projects.spend_limit.retrieve, id),
            project_id=id,
        )

    async def _spend_alerts(self, of: _OfProject) -> None:
        id = of.project.id
        of.alerts = await self.reads.all(
            "spend alerts of projects",
            self.client.projects.spend_alerts.list(id, limit=PAGE),
            project_id=id,
        )

    async def _organization_thresholds(self) -> list[SpendLimit | SpendAlert]:
        if self.scope.project_ids:
            return []
        async with TaskGroup() as work:
            limit = work.start(
                lambda: self.reads.limit("spend limits", self.client.spend_limit.retrieve)
            )
            alerts = work.start(
                lambda: self.reads.all("spend alerts", self.client.spend_alerts.list(limit=PAGE))
            )
        return [*limit.result, *alerts.result]

    async def _project_certificates(
        self, certificates: Sequence[Certificate], project_ids: Sequence[str]
    ) -> dict[str, list[Certificate]]:
        """The certificates of projects, asked for only where one that ends may be in use there."""
        near = timedelta(days=ENDING_DAYS)
        ends = [c.expires_at for c in certificates if not c.active]
        if not any(end is not None and abs(end - self.now) <= near for end in ends):
            return {}
        self.reads.without("projects", ["certificates of projects"])
        found = await each(
            project_ids,
            lambda project_id: self.reads.all(
                "certificates of projects",
                self.client.projects.certificates.list(project_id, limit=PAGE),
                project_id=project_id,
            ),
        )
        return dict(zip(project_ids, found, strict=True))


def _seen_in_costs(costs: UsageTable) -> dict[str, datetime]:
    """The last day on which each person used something that costs, with or without a key."""
    seen: dict[str, datetime] = {}
    for user_id, start in zip(costs["user_id"], costs["start_time"], strict=True):
        if user_id is not None:
            seen[user_id] = max(start, seen.get(user_id, start))
    return seen
