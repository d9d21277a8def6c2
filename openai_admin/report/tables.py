"""The rows of a finding as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ..insights import Review
from ..insights import findings as stated
from ..insights.findings import MOST, Finding
from ..insights.findings.shown import is_absent, shown, thing
from ..insights.naming import Named
from ..insights.text import count, percent
from .document import Cell, Column, Table
from .exact import plain

_LEFT = ("thing", "things", "text")
_TIMES = ("day", "minute", "days")
_MONEY = ("money", "change", "range", "rate")
_FILTERED: Mapping[tuple[str | None, str], Literal["project", "model"]] = {
    ("by_project", "id"): "project",
    ("by_model", "id"): "model",
    (None, "project_id"): "project",
    (None, "model"): "model",
}
"""What the page can be filtered by: by finding, or of all, and the field that has it."""


def table(review: Review, finding: Finding[Any], *, most: int | None = MOST) -> Table | None:
    """What a finding has found; ``None`` where there is nothing, or nothing for people.

    Args:
        review: what was found.
        finding: the finding.
        most: how many rows it shows; ``None`` is all.
    """
    best = finding.top(review, most)
    columns = columns_for(review, finding, best.rows)
    if not best.rows or not columns:
        return None
    return Table(
        caption=finding.heading,
        columns=headings(finding, columns, review.currency),
        rows=[cells(review, finding, columns, row) for row in best.rows],
        rest=rest(review, finding, columns, best.others) if best.others else None,
    )


def rest(
    review: Review,
    finding: Finding[Any],
    columns: Sequence[stated.Column[Any]],
    others: Sequence[Any],
) -> tuple[Cell, ...]:
    """The row that stands for those that are not shown: their sums, where they have sums."""
    name = Cell(finding.others(len(others)))
    if finding.together is None:
        return (name, *(Cell("") for _ in columns[1:]))
    sums = cells(review, finding, columns[1:], finding.together(others))
    named = (column.kind in (*_LEFT, *_TIMES) for column in columns[1:])
    return (
        name,
        *(Cell("") if is_named else sum for sum, is_named in zip(sums, named, strict=True)),
    )


def distributions(review: Review, finding: Finding[Any]) -> Iterator[Table]:
    """How many rows there are of each kind, where they are more than are shown."""
    rows = finding.rows(review)
    if not finding.top(review).others:
        return
    for each in finding.distributions:
        best = each.top(rows, review.names)
        if best is None:
            continue
        yield Table(
            caption=f"{finding.heading}, by {each.title.lower()}",
            columns=(
                Column(each.title),
                Column(finding.noun[1].capitalize(), number=True),
                Column("Share", number=True),
            ),
            rows=[
                _part_of(str(what), what.beside, number, len(rows)) for what, number in best.rows
            ],
            rest=_part_of(
                f"The other {count(len(best.others), each.title.lower())}",
                None,
                sum(number for _, number in best.others),
                len(rows),
            )
            if best.others
            else None,
            small=True,
        )


def _part_of(what: str, id: str | None, number: int, all: int) -> tuple[Cell, ...]:
    part = number / all
    return Cell(what, id=id), Cell(f"{number:,}"), Cell(percent(part), part=part)


def columns_for(
    review: Review, finding: Finding[Any], rows: Sequence[Any]
) -> list[stated.Column[Any]]:
    """The columns that people read, without those that have nothing in them."""
    return [
        column
        for column in finding.columns_in(review)
        if column.importance != "detail"
        and not (column.optional and all(is_absent(column.value(row)) for row in rows))
    ]


def headings(
    finding: Finding[Any], columns: Sequence[stated.Column[Any]], currency: str | None
) -> tuple[Column, ...]:
    """The headings of columns.

    Args:
        finding: whose columns.
        columns: some of them.
        currency: of money, where a column has none of its own.
    """
    return tuple(
        Column(
            each.title,
            number=each.kind not in _LEFT,
            minor=each.importance == "minor",
            unit=_unit(each, currency),
            field=each.field,
            of=_FILTERED.get((finding.key, each.field)) or _FILTERED.get((None, each.field)),
        )
        for each in columns
    )


def _unit(column: stated.Column[Any], currency: str | None) -> str:
    """The unit of exact values, where the heading does not have it."""
    if column.kind in _MONEY:
        return (column.currency or currency or "").upper()
    return "%" if column.kind in ("share", "relative") and not column.title.endswith("%") else ""


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
            exact=_exact(column, row),
            key=_key(column, row),
        )
        for column in columns
    )


def _exact(column: stated.Column[Any], row: Any) -> str | None:
    """A number or a day with all that there is of it; both ends of a range."""
    if column.kind in _LEFT or column.kind == "days":
        return None
    value = column.value(row)
    if column.kind == "range":
        return None if value is None else " to ".join(str(plain(end)) for end in value)
    exact = plain(value, column.kind)
    return None if exact is None else str(exact)


def _key(column: stated.Column[Any], row: Any) -> str | None:
    """The id of what a column names."""
    if column.kind == "thing":
        named: Named = column.value(row)
        return named.id
    return str(column.value(row)) if column.field == "model" else None


def _part(column: stated.Column[Any], row: Any) -> float | None:
    part = None if column.part is None else column.part(row)
    return None if part is None else max(0.0, min(1.0, part))
