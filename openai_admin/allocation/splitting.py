"""Rows of a table in several, each with its part of the numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..usage.columns import SLICE, Column, joined
from ..usage.kernels import ByHand, packed
from ..usage.money import plus, tidied
from ..usage.segments import Coded, Exact
from ..usage.table import UsageTable
from .parts import divided

_TEXTS = ("currency", "quantity_unit")


class Split:
    """A table whose rows are split.

    Args:
        table: the table.
        rows: the rows that are split, in their order.
        groups: the number of each row's group, for all rows.
        weights: those of the parts of each group whose rows are split.
        kernels: what computes.

    Attributes:
        sources: the row that each new row is of.
        places: where the parts of each of `rows` begin among the new rows.
    """

    def __init__(
        self,
        table: UsageTable,
        rows: Sequence[int],
        groups: array[int],
        weights: Mapping[int, Sequence[int]],
        kernels: ByHand,
    ) -> None:
        self._table = table
        self._rows = rows
        self._of = array("I", [groups[row] for row in rows])
        self._weights = weights
        self._kernels = kernels
        self.sources = array("I")
        self.places = array("I")
        at = 0
        for row, group in zip(rows, self._of, strict=True):
            self.sources.extend(range(at, row))
            self.places.append(len(self.sources))
            self.sources.extend([row] * len(weights[group]))
            at = row + 1
        for start in range(at, len(table), SLICE):
            self.sources.extend(range(start, min(start + SLICE, len(table))))

    def columns(self) -> dict[str, Sequence[Any]]:
        """All columns of the table, split."""
        numbers = set(self._table.metrics) - set(_TEXTS)
        return {
            name: self._divided(Column.of(column)) if name in numbers else self._repeated(column)
            for name, column in self._table.columns.items()
        }

    def _repeated(self, column: Sequence[Any]) -> Column:
        codes = self._kernels.coded(column)
        return Column([Coded(self._kernels.picked(codes.numbers, self.sources), codes.values)])

    def _divided(self, column: Column) -> Column:
        values = column.only(self._rows)
        added: list[Any] = []
        places = array("I", self.sources)
        first: list[int | None] = []  # where the parts of each row begin among those added
        for value, group, place in zip(values, self._of, self.places, strict=True):
            if value is None:
                first.append(None)
                continue
            first.append(len(added))
            parts = divided(value, self._weights[group])
            at = len(self._table) + len(added)
            places[place : place + len(parts)] = array("I", range(at, at + len(parts)))
            added += parts
        if not added:
            return self._kernels.ordered(column, places)
        is_money = isinstance(added[0], Decimal)
        if is_money:
            self._settle(values, first, added)
        slices = range(0, len(added), SLICE)
        extra = Column(Exact.of(added[n : n + SLICE]) for n in slices)
        return self._kernels.ordered(joined([column, extra if is_money else packed(added)]), places)

    def _settle(self, values: Iterable[Any], first: Sequence[int | None], added: list[Any]) -> None:
        """Let the parts of a group add up as if its rows were one, however many these are.

        What rounding has lost goes to the parts of its largest row.
        """
        totals: dict[int, Decimal] = {}
        sums: dict[int, list[Decimal]] = {}
        largest: dict[int, tuple[Decimal, int]] = {}
        for value, group, at in zip(values, self._of, first, strict=True):
            if at is None:
                continue
            parts = added[at : at + len(self._weights[group])]
            size = value.copy_abs()
            if group in totals:
                totals[group] = plus(totals[group], value)
                sums[group] = [*map(plus, sums[group], parts)]
                if size > largest[group][0]:
                    largest[group] = size, at
            else:
                totals[group], sums[group], largest[group] = value, parts, (size, at)
        for group, total in totals.items():
            at = largest[group][1]
            for n, part in enumerate(divided(total, self._weights[group])):
                lost = plus(part, sums[group][n].copy_negate())
                if lost:
                    added[at + n] = tidied(plus(added[at + n], lost))
