"""A review: every insight about one organization, found from the same facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from .basis import BASES
from .certificates import EndingCertificate, ending_certificates
from .costs import CostBreakdown, Mover, cost_by, movers
from .daily import DailyCosts, Grouping, currencies, daily_costs, days_of
from .defaults import NEAR
from .facts import Facts
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
from .naming import Named
from .not_known import NotKnown
from .outliers import AnomalySearch, anomalies
from .people import InactiveOwner, PendingInvite, inactive_owners, pending_invites
from .periods import Period
from .projection import Projection, project_month
from .rate_limits import RateLimitUse, fullest, rate_limit_use
from .reconciliation import Reconciliation, reconcile
from .spend import SpendThreshold, near_thresholds, spend_thresholds
from .tokens import ModelCost, model_costs


@attrs.frozen(kw_only=True)
class Review:
    """What there is to know about an organization's money, keys, people and limits.

    Attributes:
        now: the moment that it describes, UTC.
        period: the days looked at; `now`'s own day is not among them.
        currency: of every amount; ``None`` where there are no costs.
        daily: costs of each day by project and model, for charts; twelve weeks or more.
        by_project: costs of the period by project, beside the period before.
        by_model: likewise by model.
        by_line_item: likewise by line item.
        by_key: likewise by API key; ``(None,)`` is what was used without one.
        by_user: likewise by user or service account.
        movers: the largest changes by project and model.
        projection: of the current calendar month.
        anomalies: of the period, by project and model.
        models: cost of a million tokens and cache share.
        reconciliation: the bill beside the usage that explains it.
        stale_keys: project keys not used for `STALE_DAYS`.
        never_used_keys: project keys older than `NEVER_USED_DAYS` without a single use.
        keys_of_former_members: project keys whose owners left the organization.
        stale_admin_keys: admin keys not used for `STALE_DAYS`, or never for `NEVER_USED_DAYS`.
        inactive_owners: owners without a sign of activity for `STALE_DAYS`.
        pending_invites: invites that have been pending for `PENDING_DAYS`.
        ending_certificates: certificates in use that end within `ENDING_DAYS`.
        thresholds: all spend limits and alerts, those spent furthest first.
        rate_limits: busiest minutes of the last week beside their limits, the fullest first;
            those below `NEAR` may be averages of an hour.
        names: names by id, of projects, people, service accounts and keys.
        missing: what was left out of the figures, in words.
        not_known: what the API refused or did not answer. An attribute that is based on it alone
            has nothing in it, which does not mean that there is nothing: see `why_not_known`.
        unread: how much could not be read, by its kind (see `unread.NOUNS`): no finding has it.
    """

    now: datetime
    period: Period
    currency: str | None
    daily: DailyCosts
    by_project: CostBreakdown
    by_model: CostBreakdown
    by_line_item: CostBreakdown
    by_key: CostBreakdown
    by_user: CostBreakdown
    movers: tuple[Mover, ...]
    projection: Projection
    anomalies: AnomalySearch
    models: tuple[ModelCost, ...]
    reconciliation: Reconciliation
    stale_keys: tuple[KeyFinding, ...]
    never_used_keys: tuple[KeyFinding, ...]
    keys_of_former_members: tuple[KeyFinding, ...]
    stale_admin_keys: tuple[KeyFinding, ...]
    inactive_owners: tuple[InactiveOwner, ...]
    pending_invites: tuple[PendingInvite, ...]
    ending_certificates: tuple[EndingCertificate, ...]
    thresholds: tuple[SpendThreshold, ...]
    rate_limits: tuple[RateLimitUse, ...]
    names: Mapping[str, str]
    missing: tuple[str, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    unread: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def near_thresholds(self) -> tuple[SpendThreshold, ...]:
        """The spend limits and alerts that are reached, near, or expected to be reached."""
        return near_thresholds(self.thresholds)

    @property
    def near_rate_limits(self) -> tuple[RateLimitUse, ...]:
        """The rate limits whose busiest minute came to `NEAR` of them or more."""
        return tuple(use for use in self.rate_limits if use.share >= NEAR)

    def why_not_known(self, finding: str) -> tuple[NotKnown, ...]:
        """Why a finding is not known; empty where it is known, though perhaps in part.

        Args:
            finding: its attribute here, as ``"by_project"``.
        """
        return BASES[finding].refused(self.not_known) if finding in BASES else ()

    def left_out(self, finding: str) -> tuple[NotKnown, ...]:
        """What a finding leaves out that is known in part.

        Args:
            finding: its attribute here, as ``"stale_keys"``.
        """
        return BASES[finding].lacks(self.not_known)

    def name(self, id: str | None) -> str:
        """The name for an id; the id itself where it is unknown, ``-`` where there is none."""
        return "-" if id is None else str(self.named(id))

    def named(self, id: str | None) -> Named:
        """What an id refers to, as people read about it."""
        return Named(id).among(self.names)


def examine(facts: Facts) -> Review:
    """Find everything there is to find in the facts, with the default limits of each function."""
    now, period = facts.now, facts.period
    known = currencies(facts.costs)
    currency = known[0] if known else None
    missing = list(facts.missing)
    if len(known) > 1:
        missing.append(f"costs in {', '.join(known[1:])}: amounts are in {currency} alone")
    _, undecided = admin_keys_among(facts.admin_keys, facts.keys)
    if undecided:
        missing.append(may_be_project_keys(len(undecided)))
    missing += unstated(facts.costs)
    daily = daily_costs(facts.costs, ("project", "model"), currency=currency)

    def by(grouping: Grouping) -> CostBreakdown:
        table = facts.consumer_costs if grouping in ("key", "user") else facts.costs
        return cost_by(table, grouping, period=period, currency=currency)

    not_known = (*facts.not_known, *_lost_periods(facts, currency))

    def is_known(finding: str) -> bool:
        return not BASES[finding].refused(not_known)

    uses = [rate_limit_use(facts.hours, facts.rate_limits)]
    if facts.minutes is not None:
        uses.append(rate_limit_use(facts.minutes, facts.rate_limits))
    return Review(
        now=now,
        period=period,
        currency=currency,
        daily=daily,
        by_project=by("project"),
        by_model=by("model"),
        by_line_item=by("line_item"),
        by_key=by("key"),
        by_user=by("user"),
        movers=movers(cost_by(daily, period=period)),
        projection=project_month(daily, now=now),
        anomalies=anomalies(daily, period=period, now=now),
        models=model_costs(facts.costs, facts.usage, period=period, currency=currency)
        if is_known("models")
        else (),
        reconciliation=reconcile(facts.costs, facts.usage, period=period, currency=currency)
        if is_known("reconciliation")
        else Reconciliation(period=period, currency=currency, items=()),
        stale_keys=stale_keys(facts.keys, now=now),
        never_used_keys=never_used_keys(facts.keys, now=now),
        keys_of_former_members=keys_of_former_members(facts.keys, facts.users, now=now)
        if is_known("keys_of_former_members")
        else (),
        stale_admin_keys=stale_admin_keys(facts.admin_keys, now=now, project_keys=facts.keys),
        inactive_owners=inactive_owners(
            facts.users, now=now, admin_keys=facts.admin_keys, last_seen=facts.last_seen
        ),
        pending_invites=pending_invites(facts.invites, now=now),
        ending_certificates=ending_certificates(
            facts.certificates, now=now, by_project=facts.project_certificates
        ),
        thresholds=spend_thresholds(facts.costs, facts.thresholds, now=now)
        if is_known("thresholds")
        else (),
        rate_limits=fullest(*uses) if is_known("rate_limits") else (),
        names=facts.names(),
        missing=tuple(missing),
        not_known=not_known,
        unread=facts.unread,
    )


def _lost_periods(facts: Facts, currency: str | None) -> Iterator[NotKnown]:
    """Costs of which days came, but none of the period, or none of the one before."""
    for kind, table in (("costs", facts.costs), ("costs by consumer", facts.consumer_costs)):
        parts = [part for part in facts.not_known if part.kind == kind]
        if not parts or any(part.is_whole for part in parts):
            continue
        gaps = daily_costs(table, currency=currency).gaps
        lost = attrs.evolve(parts[0], endpoint=None, window=None)
        if gaps.issuperset(days_of(facts.period)):
            yield lost
        elif kind == "costs" and gaps.issuperset(days_of(facts.period.before())):
            yield attrs.evolve(lost, kind="costs before")
