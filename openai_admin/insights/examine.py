"""Everything there is to find in the facts of one organization, as a review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from typing import TypeVar

import attrs

from ..directory.not_known import NotKnown, known
from ..usage.money import BILLED_IN
from ..usage.table import UsageTable
from .around import changes_around
from .basis import (
    BASES,
    TEAMS_IN_DOUBT,
    TO_COMPARE,
    TO_COMPARE_BY_CONSUMER,
    TO_COMPARE_BY_TEAM,
    TO_JUDGE,
    is_asked_for,
    unknown_signs,
)
from .caching import cache_savings
from .certificates import ending_certificates
from .costs import CostBreakdown, Mover, cost_by, movers
from .currencies import OtherCosts, in_others, main_currency, not_in_figures
from .daily import (
    COLUMNS,
    DailyCosts,
    Grouping,
    beside,
    daily_costs,
    daily_costs_by,
    days_of,
)
from .facts import Facts
from .holders import with_holders
from .hours import hours_of_week
from .keys import (
    admin_keys_among,
    keys_of_former_members,
    may_be_project_keys,
    never_used_keys,
    non_expiring_admin_keys,
    stale_admin_keys,
    stale_keys,
    unjudged_keys,
)
from .lost_costs import lost_of_periods, windows_of, without_parts_of_what_is_lost
from .months import MonthCost, month_costs, months_from
from .outliers import anomalies
from .people import inactive_owners, pending_invites
from .periods import Period
from .projection import project_month
from .rate_limits import RateLimitUse, fullest, rate_limit_use
from .reconciliation import billed, reconcile
from .reviews import Review
from .spend import in_other_currencies, spend_thresholds
from .tokens import model_costs

T = TypeVar("T")


def examine(facts: Facts) -> Review:
    """Find everything there is to find in the facts, with the default limits of each function."""
    names = facts.names()
    now, period, scope = facts.now, facts.period, facts.scope
    aside = scope.aside
    currency = main_currency(facts.costs)
    others = in_others(facts.costs, period, currency)
    missing = list(facts.missing)
    are_all = facts.has_all_keys
    admin_keys, undecided = admin_keys_among(facts.admin_keys, facts.keys, are_all=are_all)
    if undecided:
        missing.append(may_be_project_keys(len(undecided)))
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

    not_known = (
        *without_parts_of_what_is_lost(facts, currency),
        *not_in_figures(others, _in_others_before(facts, currency), currency),
        *unjudged_keys(admin_keys, facts.keys),
    )
    consequences = [*lost_of_periods(facts, not_known)]

    def where_known(finding: str, find: Callable[[], T]) -> T | None:
        refused = BASES[finding].refused((*not_known, *consequences))
        is_wanted = finding not in aside and is_asked_for(finding, facts.only)
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

    search = where_known(
        "anomalies",
        lambda: (
            anomalies(daily, period=period, now=now) if facts.unusual is None else facts.unusual
        ),
    )
    if search is not None and search.too_short and not search.judged:
        lost = [attrs.evolve(part, kind=TO_JUDGE) for part in windows_of(not_known)]
        consequences += lost or [NotKnown(kind=TO_JUDGE, reason="there is too little history")]
        search = None

    inactive = inactive_owners(
        facts.users,
        now=now,
        admin_keys=facts.admin_keys,
        last_seen=facts.last_seen,
        owners=facts.owners,
    )
    if inactive:
        consequences += unknown_signs(not_known, facts.unread)

    return Review(
        now=now,
        period=period,
        scope=scope,
        only=facts.only,
        currency=currency,
        other_currencies=others,
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
        around_anomalies=where_known(
            "around_anomalies",
            lambda: changes_around(
                known(search), facts.recorded, names, project_ids=scope.project_ids
            ),
        ),
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
            lambda: stale_admin_keys(
                facts.admin_keys, now=now, project_keys=facts.keys, are_all=are_all
            ),
        ),
        non_expiring_admin_keys=where_known(
            "non_expiring_admin_keys",
            lambda: non_expiring_admin_keys(
                facts.admin_keys, now=now, project_keys=facts.keys, are_all=are_all
            ),
        ),
        inactive_owners=where_known("inactive_owners", lambda: inactive),
        are_owners_asked=facts.are_owners_asked,
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
                projects if currency == BILLED_IN else facts.costs,
                facts.thresholds,
                now=now,
                other_costs=in_other_currencies(facts.costs, now=now),
            ),
        ),
        budgets=where_known("budgets", lambda: facts.budgets),
        rate_limits=where_known("rate_limits", lambda: _fullest(facts)),
        names=names,
        clock_difference=facts.clock_difference,
        missing=tuple(missing),
        not_known=not_known,
        unread=facts.unread,
        consequences=tuple(consequences),
    )


def _in_others_before(facts: Facts, currency: str | None) -> OtherCosts:
    """What the period that is compared with cost in other currencies."""
    before = facts.scope.compared
    table = facts.costs if facts.costs_before is None else facts.costs_before
    return () if before is None else in_others(table, before, currency)


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
