"""Costs as a question asks for them: which days, grouped by what, of which models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from ..._declare.arguments import shown, suggest
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError
from ...insights import CostBreakdown, DailyCosts, cost_by, daily_costs
from ...insights.daily import Grouping, beside, days_of
from ...insights.defaults import QUIET_DAYS
from ...insights.over_time import cost_over
from .costs import Costs, read_costs
from .periods import Days

PEOPLE, ACCOUNTS = "(people)", "(service accounts)"
"""What those are together who are not told apart."""

OF_TIME = ("day", "week", "month")
"""The words for stretches of time."""

_ACCOUNT = "svc_acct_"
_GROUPINGS: Mapping[str, tuple[Grouping, ...]] = {
    "project_model": ("project", "model"),
    "person": ("user",),
    "service_account": ("user",),
    **dict.fromkeys(OF_TIME, ()),
}


def grouping_of(by: str) -> tuple[Grouping, ...]:
    """What costs are grouped by for a question's word."""
    alone: Any = by
    return _GROUPINGS.get(by, (alone,))


@attrs.frozen(kw_only=True)
class AskedCosts:
    """What is asked for.

    Attributes:
        days: which days.
        by: what to group by, in the question's word.
        models: the models; empty for all.
    """

    days: Days
    by: str
    models: tuple[str, ...] = ()

    @property
    def is_of_time(self) -> bool:
        """Whether the groups are stretches of time."""
        return self.by in OF_TIME

    @property
    def _needed(self) -> tuple[Grouping, ...]:
        grouping = grouping_of(self.by)
        if not self.models or "model" in grouping:
            return grouping
        return (*grouping, "model")

    @property
    def _is_apart(self) -> bool:
        """Whether the days compared with lie so far back that they are read by themselves."""
        compared = self.days.compared
        return compared is not None and compared.end < self.days.period.start

    @property
    def _since(self) -> date:
        """The first day that is read with the period."""
        compared = self.days.compared
        first = compared if compared is not None and not self._is_apart else self.days.period
        return first.start - timedelta(days=QUIET_DAYS)

    async def read(
        self, client: AsyncOpenAIAdmin, project_ids: Sequence[str]
    ) -> tuple[Costs, Costs | None]:
        """Read the costs, and those of the days compared with where these are apart."""
        end = self.days.period.end
        costs = await read_costs(client, self._since, end, self._needed, project_ids=project_ids)
        compared = self.days.compared
        if compared is None or not self._is_apart:
            return costs, None
        first = compared.start - timedelta(days=QUIET_DAYS)
        earlier = await read_costs(
            client, first, compared.end, self._needed, project_ids=project_ids
        )
        return costs, earlier

    def added_up(self, costs: Costs, earlier: Costs | None) -> CostBreakdown:
        """What each group cost; of many rows, work for a thread.

        Raises:
            InvalidInputError: nothing was billed for a model.
        """
        days = self.days
        daily = daily_costs(costs.table, self._needed, currency=costs.currency)
        if earlier is not None and days.compared is not None:
            lost = days_of(days.compared) if earlier.refused else ()
            daily = beside(daily, earlier.table, lost=lost)
        if self.models and not costs.refused:
            daily = _of_models(daily, self.models)
        daily = daily.regrouped(grouping_of(self.by))
        daily = daily.renamed(lambda group: tuple(merged(self.by, each) for each in group))
        found = cost_by(
            daily, period=days.period, previous=days.compared, compared=days.compared is not None
        )
        if not self.is_of_time:
            return found
        every: Any = self.by
        over = cost_over(daily, every, period=days.period, since=self._since)
        return attrs.evolve(found, groups=over)


def merged(by: str, id: str | None) -> str | None:
    """Whom a user's costs are told under: all service accounts, or all people, may be one."""
    if id is None or by not in ("person", "service_account"):
        return id
    if id.startswith(_ACCOUNT):
        return ACCOUNTS if by == "person" else id
    return PEOPLE if by == "service_account" else id


def meant_models(models: Iterable[str], used: Iterable[str | None]) -> frozenset[str]:
    """The models that are meant, as they are spelled, whatever their letter case.

    Raises:
        InvalidInputError: one is not among those that were used.
    """
    known = sorted({model for model in used if model is not None})
    found: set[str] = set()
    for name in models:
        alike = [model for model in known if model.casefold() == name.casefold()]
        if not alike:
            raise InvalidInputError(
                f"models: nothing was used of {shown(name)} in these days"
                f"{suggest(name, known, most=3)}"
            )
        found.update(alike)
    return frozenset(found)


def _of_models(daily: DailyCosts, models: Iterable[str]) -> DailyCosts:
    """The costs of some models."""
    place = daily.by.index("model")
    meant = meant_models(models, (group[place] for group in daily.groups))
    return daily.renamed(lambda group: group if group[place] in meant else None)
