"""What could not be read, as rows of a dataset: its JSON stands in a column of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec

from .._wire.buckets import rows_of
from .._wire.codec import decode, to_dict
from .._wire.models import Page, Unreadable
from ..resources.usage.results import UsageBucket

UNREADABLE = "unreadable"
"""The column: JSON as it came, of an item that could not be read, or of a row with a field that
could not be; null elsewhere."""

Row = dict[str, Any]


def json_of(value: Any) -> str:
    """Decoded JSON as text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def unread_item(part: Unreadable) -> Row:
    """An item of a listing, as a row."""
    return {"id": part.id, UNREADABLE: json_of(part.raw)}


class _Pages(msgspec.Struct):
    data: list[msgspec.Raw] | None = None


@cache
def _strict(known: frozenset[str]) -> msgspec.json.Decoder[Any]:
    """A decoder of a bucket whose rows have known fields alone, as most have; it keeps nothing."""
    row = msgspec.defstruct(
        "Row", [(name, msgspec.Raw, b"") for name in known], forbid_unknown_fields=True
    )
    rows = list[row]  # type: ignore[valid-type] # a value
    bucket = msgspec.defstruct(
        "Bucket", [("start_time", Any), ("results", rows, []), ("result", None, None)]
    )
    return msgspec.json.Decoder(bucket)


def fields_of_rows(
    page: Page[UsageBucket[Any]], known: frozenset[str]
) -> Iterator[tuple[Any, list[Row] | None]]:
    """For each bucket of a page, when it begins and what its rows have that their class does not.

    The rows are ``None`` where none has anything. A bucket is read at a time, so that memory holds
    no page twice.

    Args:
        page: a page of usage or costs.
        known: the fields that the class has.
    """
    gone = {part.path for part in page.unreadable if part.field is None}
    odd = {part.path: json_of(part.raw) for part in page.unreadable if part.field is not None}
    strict = _strict(known)
    for index, raw in enumerate(msgspec.json.decode(page.raw, type=_Pages).data or ()):
        if not page.unreadable:
            with suppress(msgspec.ValidationError):
                yield strict.decode(raw).start_time, None
                continue
        if ("data", index) in gone:
            continue
        bucket = decode(bytes(raw), Any)
        rows = rows_of(bucket)
        paths = (("data", index, "results", i) for i in range(len(rows)))
        yield (
            bucket.get("start_time"),
            [
                {k: to_dict(v) for k, v in row.items() if k not in known}
                | ({UNREADABLE: odd[path]} if path in odd else {})
                for path, row in zip(paths, rows, strict=True)
                if path not in gone
            ],
        )


def unread_usage(page: Page[UsageBucket[Any]], first: date) -> Iterator[tuple[date, Row]]:
    """The rows and buckets of a page that could not be read, each with its day.

    Args:
        page: a page of usage or costs.
        first: the day of a bucket before which the page has none that could be read.
    """
    whole = [p.path[1] for p in page.unreadable if p.field is None and len(p.path) == 2]
    for part in page.unreadable:
        if part.field is not None and len(part.path) > 2:
            continue  # its row has it
        # Where its bucket, or the one after it, stands among those that could be read.
        _, index, *within = part.path
        at = int(index) - sum(other < index for other in whole)  # type: ignore[operator]
        row: Row = {UNREADABLE: json_of(part.raw)}
        if within:
            bucket = page.data[at]
            times = {"start_time": bucket.start_time, "end_time": bucket.end_time}
            yield bucket.start_time.date(), times | row
        else:
            before = page.data[at - 1].start_time.date() if at else first
            yield _day_of(part.raw) or before, row


def _day_of(bucket: Any) -> date | None:
    """The day that a bucket says itself."""
    start = bucket.get("start_time") if isinstance(bucket, dict) else None
    try:
        return datetime.fromtimestamp(start, UTC).date() if type(start) is int else None
    except (OverflowError, ValueError, OSError):
        return None
