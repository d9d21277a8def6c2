"""Buckets of usage as results have them: what was counted, and nothing that was not.

Most of the counters of most rows are zero, and so are most buckets of a quiet organization. They
are left out and counted, for an assistant reads every zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire.fields import KIND
from ..usage.money import BILLED_IN, add_up
from .facts import facts_of
from .packed_rows import PackedRows, Row
from .texts import counted
from .values import is_money, iso, money_of

_AMOUNT = "amount"
_IDLE = "idle"  # how many rows of a bucket counted nothing; no result has it


def slim(bucket: Any, *, is_costs: bool) -> dict[str, Any]:
    """A bucket with what its rows counted, packed; times are Unix seconds, as cursors have them.

    Args:
        bucket: the bucket.
        is_costs: whether its rows are costs, whose amount is told where it is not known.
    """
    rows = [_slim(facts_of(row), is_costs=is_costs) for row in bucket.results]
    kept = [row for row in rows if row is not None]
    return {
        "start_time": int(bucket.start_time.timestamp()),
        "end_time": int(bucket.end_time.timestamp()),
        "results": PackedRows.of(kept),
        _IDLE: len(rows) - len(kept),
    }


def _slim(row: Row, *, is_costs: bool) -> Row | None:
    """A row with what it counted; ``None`` where all that it counts is zero."""
    kept: Row = {_AMOUNT: None} if is_costs else {}
    zeros = 0
    for name, value in row.items():
        if value is None or name == KIND:
            continue
        if _is_number(value) and not value:
            zeros += 1
        else:
            kept[name] = value
    counts = [value for name, value in kept.items() if name == _AMOUNT or _is_number(value)]
    is_idle = not any(value is None or not _is_zero(value) for value in counts)
    return None if is_idle and (zeros or counts) else kept


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_zero(value: Any) -> bool:
    return isinstance(value, Mapping) and is_money(value) and not Decimal(value["amount"])


@attrs.frozen
class Shown:
    """Buckets as a result has them.

    Attributes:
        facts: the fields of the result.
        summary: what they are, in words.
        notes: what was left out, a sentence each.
    """

    facts: dict[str, Any]
    summary: str
    notes: Sequence[str]


def shown(page: Mapping[str, Any], *, is_costs: bool) -> Shown:
    """A page of slim buckets, or a part of one, as a result has it."""
    buckets = [{**bucket, "results": list(bucket["results"])} for bucket in page["data"]]
    others = {name: value for name, value in page.items() if name not in ("data", KIND)}
    used = [bucket for bucket in buckets if bucket["results"]]
    rows = [row for bucket in used for row in bucket["results"]]
    sums = totals(rows)
    if is_costs and not rows:
        sums = {_AMOUNT: [_as_money(Decimal(0), BILLED_IN)]}
    facts: dict[str, Any] = {**_span(buckets), "totals": sums, "data": [*map(_told, used)]}
    return Shown({**facts, **others}, _words(buckets, rows), [*_notes(buckets, used, rows)])


def _span(buckets: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    if not buckets:
        return {}
    return {"start_time": _iso(buckets[0]["start_time"]), "end_time": _iso(buckets[-1]["end_time"])}


def _told(bucket: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: _iso(bucket[name]) for name in ("start_time", "end_time")}
    return {**times, "results": bucket["results"]}


def _iso(seconds: int) -> str | None:
    return iso(datetime.fromtimestamp(seconds, UTC))


def _words(buckets: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> str:
    if not buckets:
        return "No buckets."
    start, end = _span(buckets).values()
    return f"{counted(len(buckets), 'bucket')} from {start} to {end}, {counted(len(rows), 'row')}."


def _notes(
    buckets: Sequence[Mapping[str, Any]], used: Sequence[Mapping[str, Any]], rows: Sequence[Row]
) -> Iterator[str]:
    if empty := len(buckets) - len(used):
        yield f"Left out: {counted(empty, 'bucket')} in which nothing was counted."
    if idle := sum(bucket[_IDLE] for bucket in buckets):
        yield f"Left out: {counted(idle, 'row')} in which all that is counted is zero."
    if rows:
        yield "Counters that are zero are left out."
    if unknown := sum(_AMOUNT in row and row[_AMOUNT] is None for row in rows):
        yield f"The amount of {counted(unknown, 'row')} is not known, and in no sum."


def totals(rows: Sequence[Row]) -> dict[str, Any]:
    """The sums of what rows count; of money one for each currency."""
    counts: dict[str, Any] = {}
    amounts: dict[str | None, list[Decimal]] = {}
    for row in rows:
        for name, value in row.items():
            if _is_number(value):
                counts[name] = counts.get(name, 0) + value
            elif isinstance(value, Mapping) and is_money(value):
                amounts.setdefault(value["currency"], []).append(Decimal(value["amount"]))
    if not amounts:
        return counts
    # Quantities are of tokens, images, hours: their sum says nothing.
    return {_AMOUNT: [_as_money(add_up(each), currency) for currency, each in amounts.items()]}


def _as_money(amount: Decimal, currency: str | None) -> dict[str, Any] | None:
    money = money_of(amount, currency)
    return None if money is None else attrs.asdict(money)
