"""The rows of a finding as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..insights import Review
from ..insights import findings as stated
from ..insights.findings import Finding
from ..insights.findings.shown import is_absent, shown, thing
from .document import Cell, Column, Table

_LEFT = ("thing", "things", "text")


def table(review: Review, finding: Finding[Any]) -> Table | None:
    """What a finding has found; ``None`` where there is nothing, or nothing for people."""
    rows = finding.rows(review)
    columns = columns_for(finding, rows)
    if not rows or not columns:
        return None
    return Table(
        caption=finding.heading,
        columns=headings(columns),
        rows=[cells(review, finding, columns, row) for row in rows],
    )


def columns_for(finding: Finding[Any], rows: Sequence[Any]) -> list[stated.Column[Any]]:
    """The columns that people read, without those that have nothing in them."""
    return [
        column
        for column in finding.columns
        if column.importance != "detail"
        and not (column.optional and all(is_absent(column.value(row)) for row in rows))
    ]


def headings(columns: Sequence[stated.Column[Any]]) -> tuple[Column, ...]:
    """The headings of columns."""
    return tuple(
        Column(each.title, number=each.kind not in _LEFT, minor=each.importance == "minor")
        for each in columns
    )


def cells(
    review: Review, finding: Finding[Any], columns: Sequence[stated.Column[Any]], row: Any
) -> tuple[Cell, ...]:
    """A row in some of a finding's columns."""
    tone = finding.tone(row) if finding.tone else None
    return tuple(
        Cell(
            shown(column, row, review.names, review.currency),
            id=thing(column, row, review.names).beside if column.kind == "thing" else None,
            tone=tone if column.judged else None,
            part=_part(column, row),
        )
        for column in columns
    )


def _part(column: stated.Column[Any], row: Any) -> float | None:
    part = None if column.part is None else column.part(row)
    return None if part is None else max(0.0, min(1.0, part))
