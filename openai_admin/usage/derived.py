"""Costs grouped by what the API does not group by: the parts of their line items."""

from __future__ import annotations

from collections.abc import Sequence

from .line_items import DERIVED, derive
from .table import COMPLETE, FIXED, UsageTable


def by_parts(table: UsageTable, groups: Sequence[str]) -> UsageTable:
    """A table with costs by line item, as grouped by fields of which some are `DERIVED`.

    Rows that are alike in all of them are added up, amounts of each currency apart. Rows without a
    line item, such as those of usage, keep what they have.
    """
    items = table.columns["line_item"]
    nothing = [None] * len(items)
    parts = {
        name: [
            own if item is None else part
            for item, part, own in zip(
                items, derive(name, items), table.columns.get(name, nothing), strict=True
            )
        ]
        for name in groups
        if name in DERIVED
    }
    columns = {**table.columns, **parts}
    return added_up(table._with(columns, dimensions=[*table.dimensions, *parts]), groups)


def added_up(table: UsageTable, groups: Sequence[str]) -> UsageTable:
    """A table as grouped by some of its columns: rows of a bucket that agree in all are added up.

    Amounts of each currency stay apart.
    """
    fixed = [name for name in (*FIXED, COMPLETE) if name in table.columns]
    dimensions = [*fixed, *groups]
    sums = table._with(table.columns, dimensions=dimensions).totals(by=[*dimensions, "currency"])
    columns = {name: sums.columns[name] for name in (*dimensions, *table.metrics)}
    return sums._with(columns, dimensions=dimensions)
