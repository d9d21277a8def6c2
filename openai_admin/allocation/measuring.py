"""What was used, by those to whom it is allocated: the weights of rules that divide by usage."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from ..usage.columns import Column
from ..usage.kernels import ByHand, Codes
from ..usage.money import currency_code
from ..usage.table import UsageTable
from .deciding import Undecided, Verdict
from .facts import Facts
from .parts import Owner, Shares, by_usage, no_usage, shares_of, whole_numbers
from .rules import ByUsage, Part, Rule

_MEASURES = ("amount", "num_model_requests")
"""What is measured: costs, and of usage requests; of other usage whatever it counts first."""

Place = tuple[Any, ...]
"""A day, a project and a currency."""

_EVERYWHERE = "organization"
_BY_PROJECT = "project_ids"  # the filter that leaves projects whole


class Places:
    """The days, projects and currencies of a table's rows, as far as it has them.

    Args:
        table: the table.
        facts: what is known of its rows.
        kernels: what computes.
    """

    def __init__(self, table: UsageTable, facts: Facts, kernels: ByHand) -> None:
        nothing = Column.packed([None] * len(table))
        units = kernels.coded(table.columns.get("currency", nothing))
        days = facts.days() if "start_time" in table.columns else kernels.coded(nothing)
        numbers = {day: n for n, day in enumerate(dict.fromkeys(days.values))}
        of_bucket = array("I", [numbers[day] for day in days.values])
        self.codes = (
            Codes(kernels.picked(of_bucket, days.numbers), list(numbers)),
            facts.column("project_id"),
            Codes(units.numbers, [currency_code(each) for each in units.values]),
        )

    def place(self, day: int, project: int, unit: int) -> Place:
        """The place that such codes mean."""
        days, projects, units = self.codes
        return days.values[day], projects.values[project], units.values[unit]


class Used:
    """What was used on each day, in each project and in all of them, in each currency, by whom.

    Costs are net of credits, which the API gives rows of their own or not, depending on what it
    was asked to group by.

    Args:
        table: the table.
        places: of its rows.
        kernels: what computes.
        of_row: the number of the verdicts about each row.
        verdicts: all verdicts.
        dimensions: the dimensions that they are about.
        lost: the days that are not known of it.
    """

    def __init__(
        self,
        table: UsageTable,
        places: Places,
        kernels: ByHand,
        of_row: array[int],
        verdicts: Sequence[tuple[Verdict, ...]],
        dimensions: Sequence[str],
        lost: Collection[date] = (),
    ) -> None:
        self._table = table
        self._places = places
        self._kernels = kernels
        self._of_row = of_row
        self._verdicts = verdicts
        self._dimensions = dimensions
        self.lost = lost
        self._sums_of = self._sums()

    def by(self, usage: ByUsage, place: Place) -> list[tuple[Owner, Fraction]]:
        """Who used how much of what a rule measures in a place, in one order whatever the rows'."""
        day, project, unit = place
        where = (day, None, unit) if usage.measured == _EVERYWHERE else (day, project, unit)
        sums = self._sums_of[usage.measured].get(where, {})
        return sorted(((owner, sum) for owner, sum in sums.items() if sum > 0), key=_by_name)

    def _sums(self) -> dict[str, dict[Place, dict[Owner, Fraction]]]:
        """What was used by whom, in each project and in all of them."""
        metric = next((m for m in _MEASURES if m in self._table.columns), self._table.metrics[0])
        column = self._table.columns[metric]
        plans = Codes(self._of_row, self._verdicts)
        coded = [*self._places.codes, plans]
        groups = self._kernels.combined(coded, len(self._table))
        sums = self._kernels.sums({metric: column}, groups.numbers, groups.count)[metric]
        found: dict[str, dict[Place, dict[Owner, Fraction]]] = {"project": {}, "organization": {}}
        for day, project, unit, plan, total in zip(*groups.parts, sums, strict=True):
            verdicts = self._verdicts[plan]
            in_doubt = any(isinstance(each, Undecided) for each in verdicts)
            if not total or in_doubt or by_usage(verdicts):
                continue
            shares = shares_of(verdicts, self._dimensions, no_usage)
            whole = sum(weight for _, weight in shares)
            when, where, what = self._places.place(day, project, unit)
            for values, weight in shares:
                if any(value is not None for value in values):
                    part = Fraction(total) * weight / whole
                    for kind, place in (
                        ("project", (when, where, what)),
                        ("organization", (when, None, what)),
                    ):
                        sums_of = found[kind].setdefault(place, {})
                        sums_of[values] = sums_of.get(values, Fraction(0)) + part
        return found


class Measured:
    """Whose something is that rules divide by usage.

    Args:
        used: what was used.
        verdicts: what decides, for every kind of row.
        dimensions: the dimensions that they are about.
        filters: what narrows the table, if `used` is not of a wider one.
    """

    def __init__(
        self,
        used: Used,
        verdicts: Sequence[tuple[Verdict, ...]],
        dimensions: Sequence[str],
        filters: Collection[str],
    ) -> None:
        self._used = used
        self._verdicts = verdicts
        self._dimensions = dimensions
        self._filters = filters
        self._idle: dict[Rule, set[Any]] = {}
        self._unknown: dict[Rule, set[Any]] = {}

    def shares(self, plan: int, place: Place) -> Shares:
        """Whose it is what some verdicts are about in a place."""
        return shares_of(
            self._verdicts[plan],
            self._dimensions,
            lambda rule, usage: self._parts_of(rule, usage, place),
        )

    def notes(self, source: str) -> list[str]:
        """The days on which nothing was used that says how to divide."""
        return [
            f"Not allocated is what {source}, line {rule.line}, divides on {_days(days)}: nothing"
            " was used then that is allocated otherwise."
            for rule, days in self._idle.items()
        ]

    def doubts(self, source: str) -> list[str]:
        """The days of which it is not known what was used."""
        return [
            f"Not allocated is what {source}, line {rule.line}, divides on {_days(days)}: what was"
            " used then beside what was asked for is not known."
            for rule, days in self._unknown.items()
        ]

    def _parts_of(self, rule: Rule, usage: ByUsage, place: Place) -> Sequence[Part]:
        if is_shifted(usage, self._filters) or place[0] in self._used.lost:
            self._unknown.setdefault(rule, set()).add(place[0])
            return [Part(rule.values)]
        if used := self._used.by(usage, place):
            weights = whole_numbers(amount for _, amount in used)
            owners = (zip(self._dimensions, owner, strict=True) for owner, _ in used)
            values = ({d: v for d, v in owner if v is not None} for owner in owners)
            pairs = zip(values, weights, strict=True)
            return [Part({**own, **rule.values}, weight) for own, weight in pairs]
        if usage.otherwise:
            return [Part({**p.values, **rule.values}, p.weight) for p in usage.otherwise]
        self._idle.setdefault(rule, set()).add(place[0])
        return [Part(rule.values)]


def is_shifted(usage: ByUsage, filters: Collection[str]) -> bool:
    """Whether filters leave out some of what a rule measures."""
    return bool(filters) and (usage.measured == _EVERYWHERE or set(filters) != {_BY_PROJECT})


def lost_days(table: UsageTable) -> set[date]:
    """The days that a table does not have the whole of."""
    found: set[date] = set()
    for each in table.missing:
        first, last = (
            datetime.fromtimestamp(moment, table.zone).date()
            for moment in (each.window.start, each.window.end - 1)
        )
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return found


def _days(days: Collection[date]) -> str:
    return f"{len(days)} {'day' if len(days) == 1 else 'days'}, from {min(days)} on"


def _by_name(used: tuple[Owner, Fraction]) -> list[str]:
    return [value or "" for value in used[0]]
