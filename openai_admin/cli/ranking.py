"""Totals in order: the largest first, what is beyond the first few as one row, all added up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

import attrs

from ..usage.money import currency_code, plus
from ..usage.names import NAME_COLUMNS
from ..usage.table import COMPLETE, UsageTable
from .table import IN_PART, PART, TOTAL

Row = dict[str, Any]

OTHERS = "others"
"""The column that says how many groups a row stands for; ``None`` where it is one."""

CUT = "part"
"""The `PART` of a row that is settled, but not of its whole period."""

COMPARED = ("previous", "change", "change_percent")
"""What a comparison adds to a row of totals."""


@attrs.frozen
class Ranking:
    """How totals are put in order.

    Attributes:
        keys: what they are kept apart by.
        metrics: what they count, by the endpoint; under ``None`` for all of them.
        measure: the metric that the largest has most of; ``None`` is the first of each endpoint,
            whose rows are then by themselves.
        sort: a column to order by instead; with ``-`` in front the other way round.
        period: the column of a period, in whose order rows stay.
        top: how many rows to keep; the rest becomes one.
    """

    keys: Sequence[str]
    metrics: Mapping[str | None, Collection[str]]
    measure: str | None
    sort: str | None = None
    period: str | None = None
    top: int | None = None

    def arranged(self, rows: Sequence[Row], *, with_totals: bool) -> list[Row]:
        """The rows in order, of each currency by itself; those beyond `top` as one.

        Args:
            rows: the totals.
            with_totals: whether what several add up to follows them, as `TOTAL` says.
        """
        found: list[Row] = []
        for part in self._parts(rows):
            ordered = self._sorted(part)
            rest = ordered[self.top :] if self.top is not None else []
            found += ordered[: len(ordered) - len(rest)]
            if rest:
                found.append(self._sum(rest) | {OTHERS: len(rest)})
            if with_totals and len(part) > 1:
                found.append(self._sum(part) | {TOTAL: True})
        return found

    def _parts(self, rows: Sequence[Row]) -> list[list[Row]]:
        """The rows that may be added up."""
        endpoints: dict[str | None, list[Row]] = {}
        for row in rows:
            of = row.get("endpoint") if self.measure is None else None
            endpoints.setdefault(of, []).append(row)
        return [part for each in endpoints.values() for part in _by_currency(each)]

    def _sorted(self, rows: Sequence[Row]) -> list[Row]:
        measure = self.measure or next(iter(self._counted_by(rows[0])))
        ordered = _by(rows, measure)
        if self.sort is not None:
            return _by(ordered, self.sort.removeprefix("-"), backwards=self.sort.startswith("-"))
        return ordered if self.period is None else sorted(ordered, key=itemgetter(self.period))

    def _sum(self, rows: Sequence[Row]) -> Row:
        """Rows added up, exactly; ``None`` where one of them is not known, or units differ."""
        made: Row = dict.fromkeys(self.keys)
        if self.measure is None and "endpoint" in made:
            made["endpoint"] = rows[0]["endpoint"]
        for metric in dict.fromkeys(m for metrics in self.metrics.values() for m in metrics):
            values = [row.get(metric) for row in rows if metric in self._counted_by(row)]
            made[metric] = _sum(values)
        units = {r["quantity_unit"] for r in rows if r.get("quantity") is not None}
        if len(units) > 1:
            made |= {"quantity": None, "quantity_unit": None}
        if COMPLETE in rows[0]:
            made[COMPLETE] = all(row[COMPLETE] or row.get(PART) == CUT for row in rows)
        return made

    def _counted_by(self, row: Row) -> Collection[str]:
        return self.metrics[row.get("endpoint")]


def marked(table: UsageTable, period: str | None, *, is_settled: bool) -> list[Row]:
    """The rows of totals; those of a period that the range cuts have a `PART`.

    Args:
        table: the totals.
        period: the column of the period, if they are by one.
        is_settled: whether the last period may not be restated any more.
    """
    rows, cut = list(table.rows()), table.periods_cut
    if period is None or not cut:
        return rows
    unsettled = None if is_settled else max(table[period])
    return [
        row | {PART: f"{CUT}, so far" if row[period] == unsettled else CUT}
        if (row[period],) in cut
        else row
        for row in rows
    ]


def labelled(
    rows: Sequence[Row], places: Sequence[str], *, lacks: Collection[str], alike: bool
) -> list[Row]:
    """Rows of which those that stand for several say so where others have a name.

    Args:
        rows: rows of totals.
        places: the columns that say what a row is about; without any, totals are left out.
        lacks: the endpoints of which something that was asked for is not in them.
        alike: whether all are complete or none is, so that it is enough if totals say it.
    """
    if alike:
        rows = [row | {COMPLETE: IN_PART} if _lacks(row, lacks) else row for row in rows]
    named = [place for place in places if place in NAME_COLUMNS.values()]
    place = next(iter([*named, *places]), None)
    if place is None:
        return [row for row in rows if not row.get(TOTAL)]
    rows = [row | {place: label} if (label := _label(row, lacks)) else row for row in rows]
    if alike and any(row.get(TOTAL) for row in rows):
        return [row | {COMPLETE: None} for row in rows]
    return rows


def _label(row: Row, lacks: Collection[str]) -> str | None:
    if number := row.get(OTHERS):
        return f"{number:,} {'other' if number == 1 else 'others'}"
    if not row.get(TOTAL):
        return None
    if _lacks(row, lacks):
        return f"total {IN_PART}"
    return "total" if row.get(COMPLETE, True) else "total so far"


def _lacks(row: Row, lacks: Collection[str]) -> bool:
    endpoint = row.get("endpoint")
    return bool(lacks) if endpoint is None else endpoint in lacks


def _by_currency(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each currency; those that cost nothing, or nothing known, belong to the first."""
    codes = [currency_code(row.get("currency")) for row in rows]
    first = next((code for code in codes if code is not None), None)
    parts: dict[str | None, list[Row]] = {}
    for row, code in zip(rows, codes, strict=True):
        parts.setdefault(code if code is not None or row.get("amount") else first, []).append(row)
    return list(parts.values())


def _by(rows: Sequence[Row], column: str, *, backwards: bool = False) -> list[Row]:
    """Rows ordered by a column: numbers from the largest on, texts from A on, unknown ones last."""
    known = [row for row in rows if row.get(column) is not None]
    unknown = [row for row in rows if row.get(column) is None]
    numbers = all(isinstance(row[column], int | float | Decimal) for row in known)
    ordered = sorted(known, key=lambda row: _rank(row[column]), reverse=numbers != backwards)
    return ordered + unknown


def _rank(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _sum(values: Sequence[Any]) -> Any:
    """The sum of numbers, if all are known; the text that all of some texts are."""
    texts = {value for value in values if isinstance(value, str)}
    if texts:
        return texts.pop() if len(texts) == 1 else None
    if not values or None in values:
        return None
    total = values[0]
    for value in values[1:]:
        total = plus(total, value) if isinstance(total, Decimal) else total + value
    return total
