"""What was used, by those to whom it is allocated: the weights of rules that divide by usage."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any

from ..usage.columns import Column
from ..usage.kernels import ByHand, Codes
from ..usage.money import currency_code
from ..usage.segments import Exact
from ..usage.table import UsageTable
from .deciding import Undecided, Verdict
from .facts import Facts
from .parts import Owner, Shares, by_usage, no_usage, shares_of, whole_numbers
from .rules import ByUsage, Part, Rule

_MEASURES = ("amount", "num_model_requests")
"""What is measured: costs, and of usage requests; of other usage whatever it counts first."""

_Place = tuple[Any, ...]


class Measured:
    """What was used on each day, in each project and currency, by whom.

    Args:
        table: the table.
        facts: what is known of its rows.
        kernels: what computes.
        of_row: the number of the verdicts about each row.
        verdicts: all verdicts.
        dimensions: the dimensions that they are about.
    """

    def __init__(
        self,
        table: UsageTable,
        facts: Facts,
        kernels: ByHand,
        of_row: array[int],
        verdicts: Sequence[tuple[Verdict, ...]],
        dimensions: Sequence[str],
    ) -> None:
        self._table = table
        self._kernels = kernels
        self._of_row = of_row
        self._verdicts = verdicts
        self._dimensions = dimensions
        self._days = facts.days()
        self._projects = facts.column("project_id")
        columns = table.columns
        units = columns.get("currency", Column.packed([None] * len(table)))
        coded = kernels.coded(units)
        self._units = Codes(coded.numbers, [currency_code(each) for each in coded.values])
        self._used = self._sums()
        self._parts: dict[tuple[int, _Place], Sequence[Part]] = {}
        self._shares: dict[tuple[int, _Place], Shares] = {}
        self._idle: dict[Rule, set[Any]] = {}

    def shares(self, row: int) -> Shares:
        """Whose a row is that a rule divides by usage."""
        plan = self._of_row[row]
        place = (
            self._days.values[self._days.numbers[row]],
            self._projects.values[self._projects.numbers[row]],
            self._units.values[self._units.numbers[row]],
        )
        key = (plan, place)
        if key not in self._shares:
            self._shares[key] = shares_of(
                self._verdicts[plan],
                self._dimensions,
                lambda rule, usage: self._parts_of(rule, usage, place),
            )
        return self._shares[key]

    def notes(self, source: str) -> list[str]:
        """The days on which nothing was used that says how to divide."""
        return [
            f"Not allocated is what {source}, line {rule.line}, divides on"
            f" {len(days)} {'day' if len(days) == 1 else 'days'}, from {min(days)} on: nothing was"
            " used then that is allocated otherwise."
            for rule, days in self._idle.items()
        ]

    def _parts_of(self, rule: Rule, usage: ByUsage, place: _Place) -> Sequence[Part]:
        day, project, unit = place
        where = (day, project, unit) if usage.measured == "project" else (day, None, unit)
        # In one order, whatever that of the rows: the last part takes what remains.
        used = dict(sorted(self._used[usage.measured].get(where, {}).items(), key=_by_name))
        parts = [
            Part({d: v for d, v in zip(self._dimensions, values, strict=True) if v is not None})
            for values in used
        ]
        if parts:
            weights = whole_numbers(used.values())
            pairs = zip(parts, weights, strict=True)
            return [Part({**part.values, **rule.values}, weight) for part, weight in pairs]
        if usage.otherwise:
            return [Part({**p.values, **rule.values}, p.weight) for p in usage.otherwise]
        self._idle.setdefault(rule, set()).add(day)
        return [Part(rule.values)]

    def _sums(self) -> dict[str, dict[_Place, dict[Owner, Fraction]]]:
        """What was used by whom, in each project and in all of them."""
        metric = next((m for m in _MEASURES if m in self._table.columns), self._table.metrics[0])
        column = self._table.columns[metric]
        plans = Codes(self._of_row, self._verdicts)
        coded = [self._days_once(), self._projects, self._units, plans]
        groups = self._kernels.combined(coded, len(self._table))
        numbers = self._without_credits(groups.numbers, groups.count, column)
        sums = self._kernels.sums({metric: column}, numbers, groups.count + 1)[metric]
        found: dict[str, dict[_Place, dict[Owner, Fraction]]] = {"project": {}, "organization": {}}
        for day, project, unit, plan, total in zip(*groups.parts, sums, strict=False):
            verdicts = self._verdicts[plan]
            in_doubt = any(isinstance(each, Undecided) for each in verdicts)
            if not total or in_doubt or by_usage(verdicts):
                continue
            shares = shares_of(verdicts, self._dimensions, no_usage)
            whole = sum(weight for _, weight in shares)
            when, where, what = (
                coded[0].values[day],
                self._projects.values[project],
                self._units.values[unit],
            )
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

    def _days_once(self) -> Codes:
        """The days of the rows, buckets of one day as one."""
        numbers = {day: n for n, day in enumerate(dict.fromkeys(self._days.values))}
        of_bucket = array("I", [numbers[day] for day in self._days.values])
        return Codes(self._kernels.picked(of_bucket, self._days.numbers), list(numbers))

    def _without_credits(
        self, numbers: array[int], count: int, column: Sequence[Any]
    ) -> array[int]:
        """The groups of rows, with credits in a group of their own after the last."""
        segments = Column.of(column).segments
        texts = [s.texts() if isinstance(s, Exact) and "-" in s.text else s for s in segments]
        if not any(isinstance(each, list) for each in texts) and all(
            isinstance(s, Exact) for s in segments
        ):
            return numbers
        is_credit = (
            value.startswith("-")
            if isinstance(value, str)
            else isinstance(value, Decimal) and value < 0
            for value in chain.from_iterable(texts)
        )
        return array("I", [count if c else n for n, c in zip(numbers, is_credit, strict=True)])


def _by_name(used: tuple[Owner, Fraction]) -> list[str]:
    return [value or "" for value in used[0]]
