"""Rows of a table in several, each with its part of the numbers."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..usage.columns import Column, joined
from ..usage.kernels import ByHand, packed
from ..usage.segments import Coded, Exact
from ..usage.table import UsageTable
from .parts import divided

_TEXTS = ("currency", "quantity_unit")


class Split:
    """A table whose rows are split.

    Args:
        table: the table.
        weights: those of the parts of each row that is split, in the order of the rows.
        kernels: what computes.

    Attributes:
        sources: the row that each new row is of.
        places: where the parts of each row that is split begin among the new rows.
    """

    def __init__(
        self, table: UsageTable, weights: Mapping[int, Sequence[int]], kernels: ByHand
    ) -> None:
        self._table = table
        self._weights = weights
        self._kernels = kernels
        self.sources = array("I")
        self.places: dict[int, int] = {}
        at = 0
        for row, parts in weights.items():
            self.sources.extend(range(at, row))
            self.places[row] = len(self.sources)
            self.sources.extend([row] * len(parts))
            at = row + 1
        self.sources.extend(range(at, len(table)))

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
        values = list(column)
        added: list[Any] = []
        places = array("I", self.sources)
        for row, weights in self._weights.items():
            if values[row] is None:
                continue
            first = self.places[row]
            places[first : first + len(weights)] = array(
                "I", range(len(values) + len(added), len(values) + len(added) + len(weights))
            )
            added += divided(values[row], weights)
        if not added:
            return self._kernels.ordered(column, places)
        is_money = isinstance(added[0], Decimal)
        extra = Column([Exact.of(added)]) if is_money else packed(added)
        return self._kernels.ordered(joined([column, extra]), places)
