"""How near projects, and the organization, come to their spend limits and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..resources.spend import SpendAlert, SpendLimit
from ..usage.money import BILLED_IN
from ..usage.table import UsageTable
from .currencies import OtherCosts, in_others, in_others_by
from .daily import COLUMNS, DailyCosts, daily_costs
from .defaults import NEAR
from .periods import month_of
from .projection import Projection, project_month

Standing = Literal["reached", "near", "projected", "clear", "not known"]


@attrs.frozen(kw_only=True)
class SpendThreshold(Portable):
    """A spend limit or alert, beside what the month has cost.

    Attributes:
        project_id: whose; ``None`` for the organization's.
        kind: ``limit`` refuses requests once it is reached, ``alert`` sends mail.
        amount: the threshold in dollars (the API states it in cents).
        projection: of the current month, for what the threshold is about; without a range.
        near: the fraction of the threshold from which on it counts as near.
        other_costs: what the same costs in other currencies in the month, and without one: in no
            figure.
    """

    project_id: str | None
    kind: Literal["limit", "alert"]
    amount: Decimal
    projection: Projection
    near: float = NEAR
    other_costs: OtherCosts = ()

    @property
    def spent(self) -> Decimal:
        """The month's cost so far, in dollars."""
        return self.projection.spent

    @property
    def share(self) -> float:
        """The fraction of the threshold that is spent: 1 is all of it."""
        return float(self.spent / self.amount) if self.amount else 1.0

    @property
    def standing(self) -> Standing:
        """Where the month stands.

        ``reached`` is already spent; ``near`` is spent to the fraction `near`; ``projected`` is
        expected to be reached before the month ends; ``clear`` is none of these, and ``not known``
        is what may be any of them, since a day of the month is not known, or costs are not in
        US dollars.
        """
        expected = self.projection.expected
        if self.spent >= self.amount:
            return "reached"
        if self.share >= self.near:
            return "near"
        if self.projection.gaps or self.other_costs:
            return "not known"
        return "projected" if expected is not None and expected >= self.amount else "clear"


def spend_thresholds(
    costs: UsageTable | DailyCosts,
    thresholds: Mapping[str | None, Sequence[SpendLimit | SpendAlert]],
    *,
    now: datetime,
    near: float = NEAR,
    other_costs: Mapping[str | None, OtherCosts] | None = None,
) -> tuple[SpendThreshold, ...]:
    """Every spend limit and alert beside the month's cost, those spent furthest first.

    Costs reach the API with a delay, and limits work on OpenAI's own count: a limit may act
    before the costs shown here say so. Only costs in US dollars are added up, since thresholds
    are in no other currency; where there are others, what they add up to is not known.

    Args:
        costs: daily costs grouped by project, from the month's first day on; eight weeks of them
            for the projection.
        thresholds: the limits and alerts of each project, by the project's id; those of the
            organization under ``None``.
        now: when the costs were fetched, with a time zone.
        near: the fraction of a threshold from which on it counts as near, above 0, at most 1.
        other_costs: what each project costs in the month that is not in US dollars, and the
            organization under ``None``: what `in_other_currencies` finds in a table. By default
            what is in `costs`, where that is a table.

    Raises:
        InvalidInputError: the table was not grouped by project, or `near` is out of range.
    """
    if not 0 < near <= 1:
        raise InvalidInputError(f"near must be above 0 and at most 1, not {near}.")
    daily = costs
    if not isinstance(daily, DailyCosts):
        other_costs = in_other_currencies(daily, now=now) if other_costs is None else other_costs
        daily = daily_costs(daily, "project", currency=BILLED_IN)
    if daily.by != ("project",):
        raise InvalidInputError("Group the daily costs by project for this.")
    found = []
    for project_id, listed in thresholds.items():
        if not listed:
            continue
        chosen = daily.groups if project_id is None else [(project_id,)]
        groups = {key: daily.groups.get(key, {}) for key in chosen}
        projection = project_month(attrs.evolve(daily, groups=groups), now=now, ranged=False)
        found += [
            SpendThreshold(
                project_id=project_id,
                kind="limit" if isinstance(each, SpendLimit) else "alert",
                amount=amount,
                projection=projection,
                near=near,
                other_costs=(other_costs or {}).get(project_id, ()),
            )
            for each in listed
            if (amount := each.threshold_dollars) is not None
        ]
    return tuple(sorted(found, key=lambda t: (-t.share, t.amount, t.project_id or "", t.kind)))


def in_other_currencies(costs: UsageTable, *, now: datetime) -> dict[str | None, OtherCosts]:
    """What this month costs that is not in US dollars: of each project that has such costs, by its
    id, and of all together under ``None``.
    """
    month = month_of(now)
    by_project = in_others_by(costs, COLUMNS["project"], month, BILLED_IN)
    return {**by_project, None: in_others(costs, month, BILLED_IN)}


def near_thresholds(found: Iterable[SpendThreshold]) -> tuple[SpendThreshold, ...]:
    """Those of `spend_thresholds` that are reached, near, or expected to be reached."""
    return tuple(each for each in found if each.standing not in ("clear", "not known"))
