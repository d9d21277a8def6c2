"""A review: every insight about one organization, found from the same facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import attrs

from .._wire.portable import Portable
from ..directory.not_known import NotKnown
from ..usage.settled import settled_until
from .around import ChangesAround
from .basis import BASES, is_asked_for
from .budgets.status import BudgetStatus
from .caching import CacheSaving
from .certificates import EndingCertificate
from .costs import CostBreakdown, Mover
from .currencies import OtherCosts
from .daily import DailyCosts
from .defaults import NEAR
from .hours import HourOfWeek
from .keys import KeyFinding
from .months import MonthCost
from .naming import Named
from .outliers import AnomalySearch
from .people import InactiveOwner, PendingInvite
from .periods import Period, midnight
from .projection import Projection
from .rate_limits import RateLimitUse
from .reconciliation import Reconciliation
from .scope import Scope
from .spend import SpendThreshold, near_thresholds
from .tokens import ModelCost


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
        currency: of every amount: that of the most of them; ``None`` where the API states none.
        other_currencies: what the period cost in each other, which is in no amount here; ``None``
            is what came without one.
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
        around_anomalies: what the audit log says was changed around the most unusual of these days.
        models: cost of a million tokens and cache share.
        reconciliation: the bill beside the usage that explains it.
        stale_keys: project keys not used for `STALE_DAYS`.
        never_used_keys: project keys older than `NEVER_USED_DAYS` without a single use.
        keys_of_former_members: project keys whose owners left the organization; none where
            people could not be read, for then it is not known who left.
        stale_admin_keys: admin keys not used for `STALE_DAYS`, or never for `NEVER_USED_DAYS`.
        non_expiring_admin_keys: admin keys that work until somebody deletes them.
        inactive_owners: owners without a sign of activity for `STALE_DAYS`; not known where not all
            signs are.
        are_owners_asked: whether people who were not seen were asked for roles of their own, so
            that an owner by such a role would be found.
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
    other_currencies: OtherCosts = ()
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
    around_anomalies: tuple[ChangesAround, ...] | None = None
    models: tuple[ModelCost, ...] | None
    reconciliation: Reconciliation | None
    stale_keys: tuple[KeyFinding, ...] | None
    never_used_keys: tuple[KeyFinding, ...] | None
    keys_of_former_members: tuple[KeyFinding, ...] | None
    stale_admin_keys: tuple[KeyFinding, ...] | None
    non_expiring_admin_keys: tuple[KeyFinding, ...] | None
    inactive_owners: tuple[InactiveOwner, ...] | None
    are_owners_asked: bool = True
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
    def is_so_far(self) -> bool:
        """Whether the period's last day is not over, so that it is compared with whole days."""
        return self.now.date() in self.period

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
        if not is_asked_for(finding, self.only):
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
