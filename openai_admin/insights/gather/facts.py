"""The facts of a review, fetched at once as far as one does not need another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup
from ..._tree import AdminResources
from ...allocation import Allocation
from ...directory.lookup import NameLookup, names_in
from ...directory.not_known import NotKnown
from ...directory.owners import MOST_PEOPLE, by_less, owners_by_group, owners_by_role
from ...directory.reading import PAGE, Reads
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.spend import SpendAlert, SpendLimit
from ...resources.users.model import OrganizationUser
from ...usage.names import ids_in, names_in_rows
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from ..basis import COMPARED, TO_COMPARE, TO_COMPARE_BY_CONSUMER, TO_COMPARE_BY_TEAM
from ..budgets.look import look_at_budgets
from ..budgets.model import Budget
from ..budgets.status import BudgetStatus
from ..daily import days_in, lost_windows
from ..defaults import STALE_DAYS
from ..facts import Facts
from ..fetch import latest_events
from ..lacking import lacking
from ..minutes import busiest_minutes
from ..people import inactive_owners
from ..periods import Period, utc
from ..scope import Scope
from ..teams import allocated
from .around import LookedAround, look_around
from .projects import OfProject, ProjectReads
from .tables import Tables

T = TypeVar("T")
U = TypeVar("U")


@attrs.define
class Gathering:
    """One gathering under way, a place for what its requests share.

    Attributes:
        client: an asynchronous client.
        now: the present, UTC.
        period: the days looked at.
        scope: what they are compared with, and of which projects.
        only: the findings that it is for; ``None`` for all.
        reads: keeps what is refused or cannot be read.
        allocation: the rules that costs by team are made with.
        budgets: the budgets to look at.
        asked: the period as it was asked for.
        unnamed: the names that are not known, and what budgets lack, in words.
    """

    client: AdminResources[Async]
    now: datetime
    period: Period
    scope: Scope
    only: frozenset[str] | None
    reads: Reads
    allocation: Allocation | None
    budgets: tuple[Budget, ...]
    asked: Period | None
    unnamed: list[str] = attrs.field(factory=list)

    async def facts(self) -> Facts:
        """Fetch them.

        Raises:
            InvalidInputError: there is no such project, or rules contradict each other.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        client = self.client
        usage = UsageQueries[Async](client._caller)
        tables = Tables(usage, self.reads, self.now, self.period, self.scope, self.allocation)
        listed = ProjectReads(client, self.reads, self.scope.project_ids)
        async with TaskGroup() as work:
            costs = work.start(lambda: tables.costs("costs"))
            consumers = work.start(lambda: tables.costs("costs by consumer"))
            costs_before = work.start(lambda: tables.costs_before("costs"))
            consumers_before = work.start(lambda: tables.costs_before("costs by consumer"))
            teams = work.start(lambda: tables.costs("costs by team"))
            teams_before = work.start(lambda: tables.costs_before("costs by team"))
            months = work.start(tables.months)
            counted = work.start(tables.counted)
            hours = work.start(tables.hours)
            people = work.start(lambda: self.reads.all("people", client.users.list(limit=PAGE)))
            admin_keys = work.start(
                lambda: self.reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
            )
            invites = work.start(lambda: self.reads.all("invites", client.invites.list(limit=PAGE)))
            certificates = work.start(
                lambda: self.reads.all("certificates", client.certificates.list(limit=PAGE))
            )
            owners = work.start(lambda: owners_by_group(client, self.reads))
            thresholds = work.start(self._organization_thresholds)
            of_budgets = work.start(self._budgets)
            projects = work.start(listed.all)
        self.reads.check()
        users = people.result
        of_projects = projects.result
        rate_limits = {p.project.id: p.rate_limits for p in of_projects if p.active}
        async with TaskGroup() as work:
            minutes = work.start(
                lambda: busiest_minutes(
                    hours.result, rate_limits, now=self.now, usage=usage, reads=self.reads
                )
            )
            ending = work.start(
                lambda: listed.certificates(
                    certificates.result,
                    [p.project.id for p in of_projects if p.active],
                    now=self.now,
                )
            )
            around = work.start(
                lambda: look_around(
                    client,
                    costs.result,
                    period=self.period,
                    now=self.now,
                    reads=self.reads,
                )
            )
            by_team = work.start(
                lambda: allocated(
                    client._caller, self.allocation, teams.result, teams_before.result, self.reads
                )
            )
            seen = await _on_thread(_seen_in_costs, consumers.result)
            not_seen = partial(
                inactive_owners, now=self.now, admin_keys=admin_keys.result, last_seen=seen
            )
            # Only of those who were not seen it matters whether they are owners.
            quiet = {o.user_id for o in not_seen(users, owners={user.id for user in users})}
            unseen = [user for user in users if user.id in quiet]
            by_role = await owners_by_role(client, self.reads, unseen)
            owner_ids = frozenset((*owners.result, *by_role))
            inactive = not_seen(users, owners=owner_ids)
            events = work.start(
                lambda: latest_events(
                    client,
                    [o.user_id for o in inactive if self.reads.wants("the audit log")],
                    since=self.now - timedelta(days=STALE_DAYS),
                    now=self.now,
                    reads=self.reads,
                )
            )
        names = await self._names(
            consumers.result, around.result, users, of_projects, admin_keys.result
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
                ("usage", counted.result),
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
            usage=counted.result,
            hours=hours.result,
            minutes=minutes.result,
            projects=[p.project for p in of_projects],
            users=users,
            keys={p.project.id: p.keys for p in of_projects if p.active},
            admin_keys=admin_keys.result,
            invites=invites.result,
            certificates=certificates.result,
            project_certificates=ending.result,
            rate_limits=rate_limits,
            found_names=names,
            thresholds={
                None: thresholds.result,
                **{p.project.id: p.thresholds for p in of_projects if p.active},
            },
            last_seen=seen | events.result,
            owners=owner_ids,
            are_owners_asked=len(by_less(unseen)) <= MOST_PEOPLE,
            budgets=of_budgets.result,
            unusual=around.result.unusual,
            recorded=around.result.recorded,
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
        around: LookedAround,
        users: Sequence[OrganizationUser],
        of_projects: Sequence[OfProject],
        admin_keys: Sequence[AdminAPIKey],
    ) -> dict[str, str]:
        """The names in costs, in the audit log and in lists, with those of service accounts that no
        key names.
        """
        known = {**around.names, **names_in(admin_keys), **names_in_rows(consumers)}
        lookup = NameLookup(self.client._caller, known)
        lookup.learn("projects", [p.project for p in of_projects])
        lookup.learn("people", users)
        lookup.learn("keys", [key for p in of_projects for key in p.keys])
        wanted = await _on_thread(ids_in, consumers.columns)
        await lookup.find(wanted | around.wanted)
        self.unnamed += [f"names of {of}" for unknown in lookup.unknown() for of in unknown.of]
        return lookup.names

    async def _budgets(self) -> tuple[BudgetStatus, ...]:
        """Where the budgets stand that were given."""
        if not self.budgets or not self.reads.wants("costs of budgets"):
            return ()
        asked = self.asked
        is_over = asked is not None and asked.end <= utc(self.now).date()
        meant = [b for b in self.budgets if asked is None or not is_over or b.is_for(asked)]
        self.unnamed += [
            f"budgets: {b.name} is for a {b.period}, and {asked} is not one"
            for b in self.budgets
            if b not in meant
        ]
        if not meant:
            return ()
        look = look_at_budgets(
            self.client,
            meant,
            now=self.now,
            period=self.asked,
            allocation=self.allocation,
        )
        found = await self.reads.one("costs of budgets", look, None)
        if found is None:
            return ()
        self.unnamed += [f"budgets: {note.rstrip('.')}" for note in found.notes]
        return found.statuses

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


def _seen_in_costs(costs: UsageTable) -> dict[str, datetime]:
    """The last day on which each person used something that costs, with or without a key."""
    seen: dict[str, datetime] = {}
    for user_id, start in zip(costs["user_id"], costs["start_time"], strict=True):
        if user_id is not None:
            seen[user_id] = max(start, seen.get(user_id, start))
    return seen


async def _on_thread(work: Callable[[T], U], of: T) -> U:
    """Compute something from a table that may be long, while the loop goes on."""
    return await anyio.to_thread.run_sync(work, of, abandon_on_cancel=True)
