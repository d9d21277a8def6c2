"""A review: every insight about one organization, found from the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import TypeVar

import attrs

from .._wire.portable import Portable
from ..usage.settled import settled_until
from ..usage.table import UsageTable
from .basis import (
    BASES,
    OF_PERIOD,
    TEAMS_IN_DOUBT,
    TO_COMPARE,
    TO_COMPARE_BY_CONSUMER,
    TO_COMPARE_BY_TEAM,
    TO_JUDGE,
    unknown_signs,
)
from .budgets.status import BudgetStatus
from .caching import CacheSaving, cache_savings
from .certificates import EndingCertificate, ending_certificates
from .costs import CostBreakdown, Mover, cost_by, movers
from .daily import (
    COLUMNS,
    DailyCosts,
    Grouping,
    beside,
    currencies,
    daily_costs,
    daily_costs_by,
    days_in,
    days_of,
    lost_windows,
)
from .defaults import NEAR
from .facts import Facts
from .holders import with_holders
from .hours import HourOfWeek, hours_of_week
from .keys import (
    KeyFinding,
    admin_keys_among,
    keys_of_former_members,
    may_be_project_keys,
    never_used_keys,
    stale_admin_keys,
    stale_keys,
)
from .lacking import unstated
from .months import MonthCost, month_costs, months_from
from .naming import Named
from .not_known import NotKnown
from .outliers import AnomalySearch, anomalies
from .people import InactiveOwner, PendingInvite, inactive_owners, pending_invites
from .periods import Period, midnight
from .projection import Projection, project_month
from .rate_limits import RateLimitUse, fullest, rate_limit_use
from .reconciliation import Reconciliation, billed, reconcile
from .scope import Scope
from .spend import SpendThreshold, near_thresholds, spend_thresholds
from .tokens import ModelCost, model_costs

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Review(Portable):
    """What there is to know about an organization's money, keys, people and limits.

    A finding is ``None`` where it is not known, since the API refused what it is based on;
    `why_not_known` says why, and `left_out` what a finding lacks that is known in part. One that
    is known and empty found nothing.

    Attributes:
        now: the moment that it describes, UTC.
        period: the days looked at; `now`'s own day is among them only where a period was asked for
            that is not over.
        scope: what they are compared with, and which projects everything here is of.
        only: the findings that were looked for; ``None`` for all.
        currency: of every amount; ``None`` where no costs are known.
        daily: costs of each day by project and model, for charts; twelve weeks or more.
        by_project: costs of the period by project, beside those of `scope.compared`.
        by_model: likewise by model.
        by_line_item: likewise by line item.
        months: what each of the last months cost, the latest first.
        busy_hours: the hours of the last week, that of the most requests first.
        cache_savings: what was saved by reading from the cache, by model.
        by_key: likewise by API key, as `KeyCost`; ``(None,)`` is what was used without one.
        by_user: likewise by user or service account.
        by_team: likewise by the team of an allocation; ``(None,)`` is what is not allocated.
        movers: all changes by project and model, the largest first.
        projection: of the current calendar month; not known where the period is over
            (`Scope.is_closed`).
        anomalies: of the period, by project and model.
        models: cost of a million tokens and cache share.
        reconciliation: the bill beside the usage that explains it.
        stale_keys: project keys not used for `STALE_DAYS`.
        never_used_keys: project keys older than `NEVER_USED_DAYS` without a single use.
        keys_of_former_members: project keys whose owners left the organization; none where
            people could not be read, for then it is not known who left.
        stale_admin_keys: admin keys not used for `STALE_DAYS`, or never for `NEVER_USED_DAYS`.
        inactive_owners: owners without a sign of activity for `STALE_DAYS`; not known where not all
            signs are.
        pending_invites: invites that have been pending for `PENDING_DAYS`.
        ending_certificates: certificates in use that end within `ENDING_DAYS`.
        thresholds: all spend limits and alerts, those spent furthest first.
        budgets: where each budget stands that was given, in their order.
        rate_limits: busiest minutes of the last week beside their limits, the fullest first;
            those below `NEAR` may be averages of an hour.
        names: names by id, of projects, people, service accounts and keys.
        clock_difference: seconds that the server's clock is ahead of this machine's, which decides
            what the days are; ``None`` where it was told what is now.
        missing: what was left out of the figures, in words.
        not_known: what the API refused or did not answer.
        unread: how much could not be read, by its kind (see `unread.NOUNS`): no finding has it.
        _consequences: what is not known of `not_known` for some findings alone.
    """

    now: datetime
    period: Period
    scope: Scope = attrs.field(
        default=attrs.Factory(lambda self: Scope(compared=self.period.before()), takes_self=True)
    )
    only: frozenset[str] | None = None
    currency: str | None
    daily: DailyCosts | None
    by_project: CostBreakdown | None
    by_model: CostBreakdown | None
    by_line_item: CostBreakdown | None
    months: tuple[MonthCost, ...] | None
    busy_hours: tuple[HourOfWeek, ...] | None
    cache_savings: tuple[CacheSaving, ...] | None
    by_key: CostBreakdown | None
    by_user: CostBreakdown | None
    by_team: CostBreakdown | None = None
    movers: tuple[Mover, ...] | None
    projection: Projection | None
    anomalies: AnomalySearch | None
    models: tuple[ModelCost, ...] | None
    reconciliation: Reconciliation | None
    stale_keys: tuple[KeyFinding, ...] | None
    never_used_keys: tuple[KeyFinding, ...] | None
    keys_of_former_members: tuple[KeyFinding, ...] | None
    stale_admin_keys: tuple[KeyFinding, ...] | None
    inactive_owners: tuple[InactiveOwner, ...] | None
    pending_invites: tuple[PendingInvite, ...] | None
    ending_certificates: tuple[EndingCertificate, ...] | None
    thresholds: tuple[SpendThreshold, ...] | None
    budgets: tuple[BudgetStatus, ...] | None = None
    rate_limits: tuple[RateLimitUse, ...] | None
    names: Mapping[str, str]
    clock_difference: int | None = None
    missing: tuple[str, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    unread: Mapping[str, int] = attrs.field(factory=dict)
    _consequences: tuple[NotKnown, ...] = ()

    @property
    def near_thresholds(self) -> tuple[SpendThreshold, ...] | None:
        """The spend limits and alerts that are reached, near, or expected to be reached."""
        return None if self.thresholds is None else near_thresholds(self.thresholds)

    @property
    def near_rate_limits(self) -> tuple[RateLimitUse, ...] | None:
        """The rate limits whose busiest minute came to `NEAR` of them or more."""
        if self.rate_limits is None:
            return None
        return tuple(use for use in self.rate_limits if use.share >= NEAR)

    @property
    def unsettled_from(self) -> date | None:
        """The first day of the period that may still be restated; ``None`` where none may."""
        settled = settled_until(self.now)
        if midnight(self.period.end) <= settled:
            return None
        return max(settled.date(), self.period.start)

    def is_about(self, finding: str) -> bool:
        """Whether a finding belongs to what was asked about: one of the organization does not
        belong to a project, nor a projection to a period that is over.

        Args:
            finding: its attribute here, as ``"pending_invites"``.
        """
        return finding not in self.scope.aside

    def why_not_known(self, finding: str) -> tuple[NotKnown, ...]:
        """Why a finding is not known; empty where it is known, though perhaps in part.

        Args:
            finding: its attribute here, as ``"by_project"``.
        """
        if finding not in BASES:
            return ()
        if reason := self.scope.aside.get(finding):
            return (NotKnown(kind=BASES[finding].kinds[0], reason=reason),)
        if not _is_asked_for(finding, self.only):
            return (NotKnown(kind=BASES[finding].kinds[0], reason="it was not asked for"),)
        return BASES[finding].refused((*self.not_known, *self._consequences))

    def left_out(self, finding: str) -> tuple[NotKnown, ...]:
        """What a finding leaves out that is known in part.

        Args:
            finding: its attribute here, as ``"stale_keys"``.
        """
        return () if self.why_not_known(finding) else BASES[finding].lacks(self.not_known)

    def name(self, id: str | None) -> str:
        """The name for an id; the id itself where it is unknown, ``-`` where there is none."""
        return "-" if id is None else str(self.named(id))

    def named(self, id: str | None) -> Named:
        """What an id refers to, as people read about it."""
        return Named(id).among(self.names)


def examine(facts: Facts) -> Review:
    """Find everything there is to find in the facts, with the default limits of each function."""
    now, period, scope = facts.now, facts.period, facts.scope
    aside = scope.aside
    known = currencies(facts.costs)
    currency = known[0] if known else None
    missing = list(facts.missing)
    if len(known) > 1:
        missing.append(f"costs in {', '.join(known[1:])}: amounts are in {currency} alone")
    _, undecided = admin_keys_among(facts.admin_keys, facts.keys)
    if undecided:
        missing.append(may_be_project_keys(len(undecided)))
    missing += unstated(facts.costs)
    # Each table is gone through once, and what is asked of it regrouped from there.
    daily, lines = daily_costs_by(
        facts.costs, [("project", "model"), ("line_item",)], currency=currency
    )
    projects = daily.regrouped("project")
    began = _with_those_before(facts, daily).began()
    by_consumer: Callable[[], list[DailyCosts]] = cache(
        lambda: daily_costs_by(facts.consumer_costs, [("key",), ("user",)], currency=currency)
    )

    bill = cache(lambda: billed(facts.costs, period, currency))

    not_known = _without_parts_of_what_is_lost(facts, currency)
    consequences = [*_lost_of_periods(facts, not_known)]

    def where_known(finding: str, find: Callable[[], T]) -> T | None:
        refused = BASES[finding].refused((*not_known, *consequences))
        is_wanted = finding not in aside and _is_asked_for(finding, facts.only)
        return find() if is_wanted and not refused else None

    def compared(costs: DailyCosts, *, is_sure: bool = True) -> CostBreakdown:
        return cost_by(
            _with_those_before(facts, costs),
            period=period,
            previous=scope.compared,
            began=began,
            compared=scope.compared is not None and is_sure,
        )

    def by_team(table: UsageTable) -> CostBreakdown:
        costs = daily_costs(table, "team", currency=currency)
        # What is not known to be a team's in one period may be known to be in the other.
        in_doubt = any(part.kind == TEAMS_IN_DOUBT for part in not_known)
        return compared(costs, is_sure=not in_doubt)

    def by(grouping: Grouping) -> CostBreakdown | None:
        def find() -> CostBreakdown:
            costs = (
                by_consumer()[grouping == "user"]
                if grouping in ("key", "user")
                else {"line_item": lines, "project": projects}.get(grouping, daily)
            )
            if costs.by != (grouping,):
                costs = costs.regrouped(grouping)
            found = compared(costs)
            return with_holders(found, facts.keys) if grouping == "key" else found

        return where_known(f"by_{grouping}", find)

    search = where_known("anomalies", lambda: anomalies(daily, period=period, now=now))
    if search is not None and search.too_short and not search.judged:
        lost = [attrs.evolve(part, kind=TO_JUDGE) for part in _windows(not_known)]
        consequences += lost or [NotKnown(kind=TO_JUDGE, reason="there is too little history")]
        search = None

    inactive = inactive_owners(
        facts.users, now=now, admin_keys=facts.admin_keys, last_seen=facts.last_seen
    )
    if inactive:
        consequences += unknown_signs(not_known, facts.unread)

    return Review(
        now=now,
        period=period,
        scope=scope,
        only=facts.only,
        currency=currency,
        daily=where_known("daily", lambda: daily),
        by_project=by("project"),
        by_model=by("model"),
        by_line_item=by("line_item"),
        by_key=by("key"),
        by_user=by("user"),
        by_team=where_known("by_team", partial(by_team, facts.team_costs))
        if facts.team_costs is not None
        else None,
        months=where_known("months", lambda: _months(facts, currency)),
        busy_hours=where_known("busy_hours", lambda: hours_of_week(facts.hours, now=now)),
        cache_savings=where_known("cache_savings", lambda: cache_savings(bill())),
        movers=where_known("movers", lambda: _movers(compared(daily))),
        projection=where_known("projection", lambda: project_month(projects, now=now)),
        anomalies=where_known("anomalies", lambda: search),
        models=where_known(
            "models",
            lambda: model_costs(
                facts.costs, facts.usage, period=period, currency=currency, daily=lines
            ),
        ),
        reconciliation=where_known(
            "reconciliation",
            lambda: reconcile(
                facts.costs, facts.usage, period=period, currency=currency, lines=bill()
            ),
        ),
        stale_keys=where_known("stale_keys", lambda: stale_keys(facts.keys, now=now)),
        never_used_keys=where_known(
            "never_used_keys", lambda: never_used_keys(facts.keys, now=now)
        ),
        keys_of_former_members=where_known(
            "keys_of_former_members",
            # Whoever could not be read may be the owner of any key.
            lambda: (
                keys_of_former_members(facts.keys, facts.users, now=now)
                if not facts.unread.get("people")
                else ()
            ),
        ),
        stale_admin_keys=where_known(
            "stale_admin_keys",
            lambda: stale_admin_keys(facts.admin_keys, now=now, project_keys=facts.keys),
        ),
        inactive_owners=where_known("inactive_owners", lambda: inactive),
        pending_invites=where_known(
            "pending_invites", lambda: pending_invites(facts.invites, now=now)
        ),
        ending_certificates=where_known(
            "ending_certificates",
            lambda: ending_certificates(
                facts.certificates, now=now, by_project=facts.project_certificates
            ),
        ),
        thresholds=where_known(
            "thresholds",
            lambda: spend_thresholds(
                projects if currency == "usd" else facts.costs, facts.thresholds, now=now
            ),
        ),
        budgets=where_known("budgets", lambda: facts.budgets),
        rate_limits=where_known("rate_limits", lambda: _fullest(facts)),
        names=facts.names(),
        clock_difference=facts.clock_difference,
        missing=tuple(missing),
        not_known=not_known,
        unread=facts.unread,
        consequences=tuple(consequences),
    )


def _months(facts: Facts, currency: str | None) -> tuple[MonthCost, ...]:
    end = facts.period.end if facts.scope.is_closed else facts.now.date() + timedelta(days=1)
    over = Period(months_from(end - timedelta(days=1)), end)
    return month_costs(facts.month_costs, over=over, now=facts.now, currency=currency)


def _movers(costs: CostBreakdown) -> tuple[Mover, ...]:
    """All that moved, so that it adds up to what the total changed by."""
    return movers(costs, limit=None, least=Decimal(0))


def _with_those_before(facts: Facts, costs: DailyCosts) -> DailyCosts:
    """Costs with those of the period that is compared with, where that was fetched by itself."""
    if "team" in costs.by:
        table, kind = facts.team_costs_before, TO_COMPARE_BY_TEAM
    elif {"key", "user"}.isdisjoint(costs.by):
        table, kind = facts.costs_before, TO_COMPARE
    else:
        table, kind = facts.consumer_costs_before, TO_COMPARE_BY_CONSUMER
    if table is None or facts.scope.compared is None:
        return costs
    is_lost = any(part.kind == kind and part.is_whole for part in facts.not_known)
    # A field that the API did not group by is missing in what the groups are compared by.
    fields = {COLUMNS[name] for name in costs.by}
    is_lost = is_lost or any(each.field in fields for each in table.adapted)
    return beside(costs, table, lost=days_of(facts.scope.compared) if is_lost else ())


def _fullest(facts: Facts) -> tuple[RateLimitUse, ...]:
    """The busiest minutes beside their limits, by the hour where minutes were not asked for."""
    tables = [facts.hours] if facts.minutes is None else [facts.hours, facts.minutes]
    return fullest(*(rate_limit_use(table, facts.rate_limits) for table in tables))


def _is_asked_for(finding: str, only: frozenset[str] | None) -> bool:
    """Whether a finding is, or one that speaks of it."""
    of = [finding, finding.removeprefix("near_")]
    if finding == "daily":
        of += [key for key, basis in BASES.items() if "costs" in basis.kinds]
    if finding == "by_project":
        of.append("movers")
    return only is None or not only.isdisjoint(of)


def _without_parts_of_what_is_lost(facts: Facts, currency: str | None) -> tuple[NotKnown, ...]:
    """What is not known; costs as a whole where days came, but none of the period."""
    found = list(facts.not_known)
    for kind, table in (("costs", facts.costs), ("costs by consumer", facts.consumer_costs)):
        parts = [part for part in _windows(found, kind) if part.endpoint is None]
        if not parts:
            continue
        daily = daily_costs(table, currency=currency)
        came = any(day in facts.period for days in daily.groups.values() for day in days)
        if not came and daily.gaps.issuperset(days_of(facts.period)):
            found = [part for part in found if part.kind != kind]
            found += dict.fromkeys(attrs.evolve(part, window=None) for part in parts)
    return tuple(found)


def _lost_of_periods(facts: Facts, not_known: Sequence[NotKnown]) -> Iterator[NotKnown]:
    """The stretches of costs that lie in the period or in the one that it is compared with."""
    compared = facts.scope.compared
    before = frozenset(days_of(compared) if compared is not None else ())
    lost = {str(window): set(days_of(days_in(window))) for window in lost_windows(facts.costs)}
    for part in _windows(not_known):
        days = lost.get(str(part.window), set())
        if not days.isdisjoint(days_of(facts.period)):
            yield attrs.evolve(part, kind=OF_PERIOD)
            yield attrs.evolve(part, kind=TO_COMPARE)
        elif not days.isdisjoint(before):
            yield attrs.evolve(part, kind=TO_COMPARE)


def _windows(not_known: Sequence[NotKnown], kind: str = "costs") -> list[NotKnown]:
    """The stretches of time of which costs are not known."""
    return [part for part in not_known if part.kind == kind and part.window is not None]
