"""Where budgets stand, with the names that their scopes need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import attrs

from ..._declare.operation import CallExecutor
from ..._transport.aside import to_end
from ...directory.lookup import NameLookup, Wanted
from ...errors import InvalidInputError
from ...insights.budgets.model import Budget
from ...insights.budgets.status import BudgetStatus, budget_statuses, costs_from, fields_of
from ...insights.periods import midnight
from ...usage.names import names_and_ids_in
from ...usage.table import UsageTable
from .families import (
    BUDGET_FORECAST,
    BUDGET_KNOWN,
    BUDGET_LIMIT,
    BUDGET_PASSED,
    BUDGET_PROBABILITY,
    BUDGET_SPENT,
    BUDGET_SPENT_AT_LEAST,
    Family,
)
from .figures import BUDGET, Figure, moment
from .folding import Key

SERIES = 9
"""The most series that a budget has."""

_AGAIN = timedelta(hours=6)
"""How long names that were looked up are taken as they are, unless something new costs something:
those of keys and people take a request for each active project."""


@attrs.define
class Budgets:
    """Budgets that are judged again and again.

    Attributes:
        budgets: the budgets.
    """

    budgets: Sequence[Budget]
    _names: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    _unnamed: frozenset[str] = frozenset()
    _seen: frozenset[str] = frozenset()
    _looked_up: datetime | None = None

    def __attrs_post_init__(self) -> None:
        keys = [key_of(budget) for budget in self.budgets]
        for n, key in enumerate(keys):
            if key in keys[:n]:
                raise InvalidInputError(
                    f"Two budgets are called {key[0]!r}: budgets of one period and currency need"
                    " names of their own."
                )

    def first_day(self, now: datetime) -> date:
        """The first day whose costs are needed."""
        return costs_from(self.budgets, now=now)

    @property
    def needs(self) -> Sequence[str]:
        """The fields to group costs by."""
        return sorted(fields_of(self.budgets))

    async def look_up(self, caller: CallExecutor, table: UsageTable, now: datetime) -> None:
        """Look up the names of what costs are of, where that is due."""
        in_rows, ids = await to_end(names_and_ids_in, table)
        there = frozenset((*ids.projects, *ids.users, *ids.keys))
        is_old = self._looked_up is None or now - self._looked_up >= _AGAIN
        if not is_old and there <= self._seen:
            return
        named = "projects" in self._named_fields
        lookup = NameLookup(caller, in_rows)
        people = {"users", "keys"} & self._named_fields
        await lookup.find(
            Wanted(
                projects=ids.projects if named else frozenset(),
                users=ids.users if "users" in people else {},
                keys=ids.keys if "keys" in people else {},
            )
        )
        columns = ("project_id", "api_key_id", "user_id")
        self._names = {**dict.fromkeys(columns, lookup.names), "user_email": lookup.emails}
        unknown = bool(lookup.unknown())
        self._unnamed = there - lookup.names.keys() if unknown else frozenset()
        self._looked_up, self._seen = None if unknown else now, there

    def statuses(self, table: UsageTable, now: datetime) -> dict[str, Figure[BudgetStatus]]:
        """Where they stand, each until its own period is over."""
        found = budget_statuses(
            table, self.budgets, now=now, names=self._names, unnamed=self._unnamed
        )
        return {
            f"{BUDGET}{n}": Figure(
                status,
                moment(now),
                moment(midnight(status.period.end)),
                complete=not status.lacks,
            )
            for n, status in enumerate(found)
        }

    @property
    def _named_fields(self) -> set[str]:
        """The fields of scopes that have names; every one may have."""
        return {name for budget in self.budgets for name, _ in budget.scope.fields()}


def key_of(budget: Budget) -> Key:
    """The labels of a budget."""
    return budget.name, budget.period, budget.currency


def budget_series(
    budgets: Sequence[Budget], figure: Figure[tuple[BudgetStatus, ...]] | None
) -> dict[Family, dict[Key, float]]:
    """The series of budgets; what is not known of one has none.

    Args:
        budgets: the budgets.
        figure: where they stand, where that is known.
    """
    if not budgets:
        return {}
    statuses = figure.value if figure is not None else ()
    known = [status for status in statuses if status.is_passed is not None]
    is_known = {key_of(status.budget) for status in known}
    read: Mapping[Family, Callable[[BudgetStatus], float | None]] = {
        BUDGET_SPENT: lambda s: None if s.lacks else float(s.spent),
        BUDGET_SPENT_AT_LEAST: lambda s: float(s.spent),
        BUDGET_PROBABILITY: lambda s: s.probability,
        BUDGET_PASSED: lambda s: None if s.is_passed is None else float(s.is_passed),
    }
    return {
        BUDGET_KNOWN: {key_of(b): float(key_of(b) in is_known) for b in budgets},
        BUDGET_LIMIT: {key_of(b): float(b.limit) for b in budgets},
        **{
            family: {
                key_of(status.budget): value
                for status in statuses
                if (value := of(status)) is not None
            }
            for family, of in read.items()
        },
        BUDGET_FORECAST: {
            (*key_of(status.budget), estimate): float(amount)
            for status in statuses
            for estimate in ("low", "expected", "high")
            if (amount := getattr(status, estimate)) is not None
        },
    }
