"""The question of what the month will cost."""

from __future__ import annotations

from datetime import timedelta

import anyio.to_thread
import attrs

from ...client import AsyncOpenAIAdmin
from ...insights import month_of, project_month
from ...insights.cents import in_percent
from ...insights.defaults import HISTORY_DAYS
from ...insights.findings.changes import no_estimate
from ...insights.text import at_least, count, money
from ..tool import Answer
from ..values import Money
from .costs import ids_of_projects, present, read_costs
from .question import Projects, question
from .rows import Span, facts, span


@attrs.frozen(kw_only=True)
class Projected:
    """What the month will cost.

    Attributes:
        month: its days.
        spent: so far, with today.
        unsettled: what of it may be restated.
        expected: the whole month.
        low: the range's lower end.
        high: its upper end.
        coverage_percent: how often such a range is right.
        fitted_days: days that the estimate is based on.
        days_missing: days not known, and in no sum.
        not_known: what was refused, and why.
    """

    month: Span
    spent: Money | None
    unsettled: Money | None = None
    expected: Money | None
    low: Money | None = None
    high: Money | None = None
    coverage_percent: float
    fitted_days: int | None = None
    days_missing: int | None = None
    not_known: list[str] = attrs.field(factory=list)


@question(Projected, toolsets=("assistant", "insight"))
async def projection(client: AsyncOpenAIAdmin, *, projects: Projects = None) -> Answer:
    """What this calendar month (UTC) will cost in total, with the range it should end in. For
    "where will we land?"; the range knows only what the past shows.
    """
    now = present()
    project_ids, looked = await ids_of_projects(client, projects)
    start = min(now.date() - timedelta(days=HISTORY_DAYS), month_of(now).start)
    costs = await read_costs(client, start, None, [], project_ids=project_ids)
    found = await anyio.to_thread.run_sync(
        lambda: project_month(costs.table, now=now, currency=costs.currency)
    )
    currency = found.currency
    answer = Projected(
        month=span(found.month),
        spent=costs.if_known(costs.money(found.spent)),
        unsettled=costs.if_known(costs.money(found.unsettled)),
        expected=costs.if_known(costs.money(found.expected)),
        low=costs.if_known(costs.money(found.low)),
        high=costs.if_known(costs.money(found.high)),
        coverage_percent=in_percent(found.coverage, digits=0),
        fitted_days=costs.if_known(found.fitted_days),
        days_missing=costs.if_known(found.gaps or None),
        not_known=costs.not_known_of(found.month),
    )
    told = f"Spent so far: {at_least(found.spent, currency, gaps=found.gaps)}."
    if found.expected is None:
        told += f" {no_estimate(found)}"
    else:
        told += f" Expected by the end of the month: {money(found.expected, currency)}"
        if found.low is not None and found.high is not None:
            told += f", in {found.coverage:.0%} of such months between"
            told += f" {money(found.low, currency)} and {money(found.high, currency)}"
        told += f". The estimate is based on {count(found.fitted_days, 'day')}."
    return Answer(facts(answer), costs.told(told), notes=[*costs.notes(found.month), *looked])


QUESTIONS = (projection,)
