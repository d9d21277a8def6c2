"""What each refresh asks the API, and the figures that come of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar

import attrs
from anyio import to_thread

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...audit.guard.looking import Guard
from ...directory.not_known import told
from ...directory.reading import PAGE
from ...errors import APIError
from ...insights.daily import currencies
from ...insights.defaults import HISTORY_DAYS
from ...insights.examine import examine
from ...insights.facts import Facts
from ...insights.gather import fetch_facts
from ...insights.periods import midnight, month_of
from ...insights.projection import Projection, project_month
from ...insights.reviews import Review
from ...usage.names import names_in_rows
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from ...usage.telling import told_adaptations, told_missing
from .budgets import Budgets
from .bursts import burst_figure
from .families import COUNTED_FINDINGS, FIGURES, USAGE_ENDPOINTS
from .figures import Figure, Figures, moment
from .limits import read_limits
from .minutes import GROUPS, LOOKBACK, WINDOW, minute_figures
from .spend import spend_figures
from .teams import Teams

P = ParamSpec("P")
T = TypeVar("T")

TEAMS = "teams"
"""The refresh of what `spend` needs to tell teams; it goes first where each is done once."""

GUARD = "guard"
"""The refresh of keys that are used too much, which is done where it is asked for."""

INTERVALS: Mapping[str, float] = {
    "usage": 60,
    GUARD: 60,
    "spend": 300,
    "forecast": 900,
    "budgets": 900,
    "names": 1800,
    "certificates": 3600,
    "limits": 21_600,
    "access": 21_600,
    TEAMS: 21_600,
}
"""Seconds from the end of a refresh to the next of its kind.

The API answers some eight requests a minute for an endpoint. A refresh of `usage` takes one request
to each of its endpoints, and so does `guard`, after some seven to begin with; `spend`, `forecast`
and `budgets` take one each to costs, more where its answer would be long; `names` and
`certificates` take one for each page of a listing; `limits` takes three for each active project,
and `access` one, at the pace that the API allows. `teams` is done only where an allocation has
names of keys or people, and takes one or two for each active project.
"""

QUICK = frozenset({"usage", "spend", "forecast", "names"})
"""The refreshes that take a few requests however large the organization is."""


@attrs.define
class Reading:
    """Reads figures through a client.

    Attributes:
        client: an asynchronous client.
        clock: this machine's time in Unix seconds, for as long as the server's is not known.
        teams: whose spend it is, where that is asked for.
        budgets: budgets to judge.
        guard: what watches the keys, where that is asked for.
        lacks: what the latest refresh of each kind did not get, in words.
    """

    client: AdminResources[Async]
    clock: Callable[[], float] = time.time
    teams: Teams | None = None
    budgets: Budgets | None = None
    guard: Guard | None = None
    lacks: dict[str, tuple[str, ...]] = attrs.field(factory=dict)

    def reads(self) -> dict[str, Callable[[], Awaitable[Figures]]]:
        """What reads the figures of each refresh."""
        teams, budgets, guard = self.teams, self.budgets, self.guard
        return {
            **(
                {TEAMS: partial(self.look_up, teams)}
                if teams is not None and teams.needs_names
                else {}
            ),
            "usage": self.usage,
            **({GUARD: partial(self.watch, guard)} if guard is not None else {}),
            "spend": self.spend,
            "forecast": self.forecast,
            **({"budgets": partial(self.stand, budgets)} if budgets is not None else {}),
            "names": self.names,
            "certificates": self.certificates,
            "limits": self.limits,
            "access": partial(self.findings, "access"),
        }

    def now(self) -> datetime:
        """The present, by the server's clock where it is known."""
        told = self.client._caller.server_now()
        return datetime.fromtimestamp(self.clock(), UTC) if told is None else told

    @property
    def _usage(self) -> UsageQueries[Async]:
        return UsageQueries[Async](self.client._caller)

    async def usage(self) -> Figures:
        """Tokens and requests of the latest complete minutes.

        The first answer tells which these are, where this machine's clock is wrong.
        """
        while True:
            is_told, began = self.client._caller.server_now() is not None, self.now()
            table = await self._collect(
                "usage",
                USAGE_ENDPOINTS,
                began - LOOKBACK,
                bucket_width="1m",
                group_by=GROUPS,
            )
            if is_told or abs(self.now() - began) < WINDOW:
                return await aside(minute_figures, table)

    async def watch(self, guard: Guard) -> Figures:
        """Which keys are used far more than is usual for them."""
        look = await guard.look()
        self.lacks[GUARD] = look.not_known
        return burst_figure(look)

    async def spend(self) -> Figures:
        """What today and the month have cost."""
        table, now = await self._month("spend", 0, self._spend_groups)
        names = Figure(await aside(names_in_rows, table), moment(now))
        return {**await aside(self._spend_figures, table, now), "names in rows": names}

    def _spend_figures(self, table: UsageTable, now: datetime) -> Figures:
        if self.teams is None:
            return spend_figures(table, now=now)
        allocated, is_decided = self.teams.applied(table)
        found = spend_figures(allocated, now=now)
        return (
            found if is_decided else {k: attrs.evolve(f, complete=False) for k, f in found.items()}
        )

    @property
    def _spend_groups(self) -> list[str]:
        needs = self.teams.needs if self.teams is not None else ()
        return list(dict.fromkeys(("project_id", "line_item", *needs)))

    async def look_up(self, teams: Teams) -> Figures:
        """What the rules of an allocation call things; the next refresh of spend has it."""
        table, _ = await self._month(TEAMS, 0, self._spend_groups)
        await teams.look_up(self.client._caller, table)
        self.lacks[TEAMS] = (*self.lacks[TEAMS], *(why.rstrip(".") for why in teams.unknown))
        return {}

    async def forecast(self) -> Figures:
        """What the month should cost, in each currency that there are costs in."""
        table, now = await self._month("forecast", HISTORY_DAYS, None)
        found = await aside(_projections, table, now)
        if not found:
            return {}
        month = month_of(now)
        complete = not table.unreadable
        return {"forecast": Figure(found, moment(now), moment(midnight(month.end)), complete)}

    async def stand(self, budgets: Budgets) -> Figures:
        """Where budgets stand."""
        first = budgets.first_day(self.now())
        needs = self.teams.needs if self.teams is not None else ()
        groups = list(dict.fromkeys((*budgets.needs, *needs)))
        table = await self._collect("budgets", ["costs"], midnight(first), group_by=groups or None)
        now = self.now()
        await budgets.look_up(self.client._caller, table, now)
        return await aside(self._statuses, budgets, table, now)

    def _statuses(self, budgets: Budgets, table: UsageTable, now: datetime) -> Figures:
        if self.teams is not None:
            table, _ = self.teams.applied(table)
        return budgets.statuses(table, now)

    async def names(self) -> Figures:
        """What projects are called."""
        now = self.now()
        listed = self.client.projects.list(limit=PAGE, include_archived=True)
        names = {project.id: project.name async for project in listed if project.name}
        return {"names": Figure(names, moment(now))}

    async def limits(self) -> Figures:
        """What is allowed."""
        now = self.now()
        limits, lacks = await read_limits(self.client)
        self.lacks["limits"] = lacks
        return dict.fromkeys(
            ("limits", "spend_limits"), Figure(limits, moment(now), complete=limits.complete)
        )

    async def certificates(self) -> Figures:
        """When certificates end."""
        facts, found = await self._findings("certificates")
        if not found:
            return {}
        figure: Figure[Any] = found["ending_certificates"]
        return {**found, "certificates": attrs.evolve(figure, value=tuple(facts.certificates))}

    async def findings(self, refresh: str) -> Figures:
        """How many of each kind need attention."""
        _, found = await self._findings(refresh)
        return found

    async def _findings(self, refresh: str) -> tuple[Facts, dict[str, Figure[int]]]:
        now = self.now()
        only = [name for name in COUNTED_FINDINGS if FIGURES[name] == refresh]
        facts = await fetch_facts(self.client, only=only)
        review: Review = await aside(examine, facts)
        self.lacks[refresh] = told(review.not_known, review.names)
        found = {}
        for name in only:
            listed = getattr(review, name)
            if listed is not None:
                complete = not review.left_out(name) and not any(facts.unread.values())
                found[name] = Figure(len(listed), moment(now), complete=complete)
        return facts, found

    async def _month(
        self, refresh: str, days_before: int, group_by: Sequence[str] | None
    ) -> tuple[UsageTable, datetime]:
        """Costs from the month's first day on, or so many days before now, and when they came.

        The first answer tells what the server's day is, where this machine's clock is wrong.
        """
        while True:
            month = month_of(self.now())
            first = min(month.start, self.now().date() - timedelta(days=days_before))
            table = await self._collect(refresh, ["costs"], midnight(first), group_by=group_by)
            if month_of(now := self.now()) == month:
                return table, now

    async def _collect(
        self, refresh: str, endpoints: Sequence[Any], start: datetime, **query: Any
    ) -> UsageTable:
        """A table up to now, as far as it comes.

        Raises:
            APIError: nothing came at all.
        """
        table = await self._usage.collect(
            endpoints, start_time=start, partial=True, adapt="all", **query
        )
        if table.missing and not any(each.buckets for each in table.coverage):
            error = table.missing[0].error
            raise error if isinstance(error, APIError) else APIError(str(error))
        self.lacks[refresh] = await aside(_lacking, table)
        return table


def _lacking(table: UsageTable) -> tuple[str, ...]:
    """What did not come of what a table was asked for."""
    lost = told_adaptations(each for each in table.adapted if each.field is not None)
    missing = told_missing(table.missing) if table.missing else []
    return tuple(each.rstrip(".") for each in (*lost, *missing))


def _projections(table: UsageTable, now: datetime) -> tuple[Projection, ...]:
    return tuple(project_month(table, now=now, currency=currency) for currency in currencies(table))


async def aside(work: Callable[P, T], *of: P.args, **named: P.kwargs) -> T:
    """Compute something of what may be long, while the loop goes on."""
    return await to_thread.run_sync(partial(work, *of, **named), abandon_on_cancel=True)
