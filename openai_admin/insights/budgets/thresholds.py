"""Budgets made of the API's own spend limits and alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from ..._declare.arguments import shown
from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ..._wire.scalars import digits
from ...directory.reading import PAGE, Reads
from ...errors import InvalidInputError
from ...resources.projects import Project
from ...resources.spend import SpendAlert, SpendLimit
from ...usage.money import BILLED_IN, currency_code
from .model import BUDGET_PERIODS, PROBABILITY, Budget, BudgetBasis, BudgetPeriod, BudgetScope

Thresholds = Mapping[str | None, Sequence[SpendLimit | SpendAlert]]
"""Spend limits and alerts by the id of their project; the organization's own under ``None``."""

_PERIODS: Mapping[str, BudgetPeriod] = {period: period for period in BUDGET_PERIODS}


def budgets_of_thresholds(
    thresholds: Thresholds,
    names: Mapping[str, str],
    *,
    on: BudgetBasis = "actual",
    at: Decimal = PROBABILITY,
) -> tuple[tuple[Budget, ...], tuple[str, ...]]:
    """A budget for each spend limit and alert, and of which that cannot be, each in words: it
    states no amount that can be read, or is for an interval that is not known.

    The API acts once a threshold is reached; a budget is passed by more than its limit.

    Args:
        thresholds: the limits and alerts.
        names: names of projects by id.
        on: what each budget is passed by.
        at: the probability from which on passing is to be expected.
    """
    budgets: list[Budget] = []
    lacks: list[str] = []
    for project_id, listed in thresholds.items():
        whose = "organization" if project_id is None else names.get(project_id, project_id)
        for threshold in listed:
            is_limit = isinstance(threshold, SpendLimit)
            amount: object = threshold.threshold_dollars
            if not isinstance(amount, Decimal) or amount < 0:
                what = f"alert {threshold.id}" if isinstance(threshold, SpendAlert) else "limit"
                lacks.append(f"{whose}: the amount of the {what} is not known")
                continue
            name = f"{whose}: limit" if is_limit else f"{whose}: alert at {digits(amount)}"
            period = _PERIODS.get(str(threshold.interval).casefold())
            currency = currency_code(threshold.currency) or BILLED_IN
            try:
                if period is None:
                    interval = shown(threshold.interval)
                    raise InvalidInputError(f"its interval, {interval}, is not known here.")
                budget = Budget(
                    name=name,
                    limit=amount,
                    scope=BudgetScope(projects=() if project_id is None else (project_id,)),
                    period=period,
                    on=on,
                    at=at,
                    currency=currency,
                )
            except InvalidInputError as exc:
                lacks.append(f"{name}: {str(exc).rstrip('.')}")
            else:
                budgets.append(budget)
    return tuple(budgets), tuple(lacks)


async def fetch_thresholds(
    client: AdminResources[Async], reads: Reads
) -> tuple[Thresholds, dict[str, str]]:
    """The spend limits and alerts of the organization and its active projects, and the projects'
    names.

    Args:
        client: an asynchronous client.
        reads: keeps what the API refuses.

    Raises:
        AuthenticationError: the key is wrong.
    """
    async with TaskGroup() as work:
        limit = work.start(lambda: reads.limit("spend limits", client.spend_limit.retrieve))
        alerts = work.start(lambda: reads.all("spend alerts", client.spend_alerts.list(limit=PAGE)))
        listed = work.start(lambda: reads.all("projects", client.projects.list(limit=PAGE)))
    projects = [project for project in listed.result if project.status != "archived"]
    reads.without("projects", ["spend limits of projects", "spend alerts of projects"])

    async def of(project: Project) -> list[SpendLimit | SpendAlert]:
        id = project.id
        return [
            *await reads.limit(
                "spend limits of projects",
                partial(client.projects.spend_limit.retrieve, id),
                project_id=id,
            ),
            *await reads.all(
                "spend alerts of projects",
                client.projects.spend_alerts.list(id, limit=PAGE),
                project_id=id,
            ),
        ]

    found = await each(projects, of)
    names = {project.id: project.name for project in projects if project.name}
    own: list[SpendLimit | SpendAlert] = [*limit.result, *alerts.result]
    ids = [project.id for project in projects]
    return {None: own, **dict(zip(ids, found, strict=True))}, names
