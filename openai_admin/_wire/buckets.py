"""Buckets of usage, read row by row: what cannot be read costs itself."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import msgspec
from msgspec.structs import force_setattr

from .mistakes import StructureError
from .models import Unreadable
from .structure import Hook, Path, hook_of, read_item

_SCANNED = 64 * 1024  # bytes
# What cannot be read is kept as JSON, which takes a fraction of the memory of what is decoded.
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Data(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")


def has_null_data(raw: bytes) -> bool:
    """Whether a page's data is null: it neither has buckets nor says that there are none."""
    return bytes(msgspec.json.decode(raw, type=_Data).data) == b"null"


def rows_of(bucket: dict[str, Any]) -> Any:
    """The rows of a bucket as they came: ``results``, or ``result`` where that has nothing."""
    rows, others = bucket.get("results"), bucket.get("result")
    return rows or others if others or rows is None else rows


def read_bucket(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    """A bucket with its rows, which have come under ``result`` as well.

    One without either is not a quiet one: its rows are not known.
    """
    if not isinstance(value, dict):
        return _read(value, hint, hook, path, notes)
    rows, others = rows_of(value), value.get("result")
    if rows is not None and not isinstance(rows, list):
        return _read({**value, "results": rows}, hint, hook, path, notes)
    bucket = _read({**value, "results": []}, hint, hook, path, notes)
    if bucket is None:
        notes[-1] = attrs.evolve(notes[-1], raw=_encode(value))
        return None
    if rows is None:
        reason = "it has no list of results"
        notes.append(Unreadable(raw=_encode(value), reason=reason, path=path))
        return None
    if others and others != rows:
        reason = "its rows are not those of results, which are taken"
        notes.append(Unreadable(raw=_encode(value), reason=reason, path=path, field="result"))
    (row,) = get_args(hint)
    row_hook = hook_of(row)
    for index, each in enumerate(rows or ()):
        found = _read_row(each, row, row_hook, (*path, "results", index), notes)
        if found is not None:
            bucket.results.append(found)
    return bucket


def _read(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    known = len(notes)
    found = read_item(value, hint, hook, path, notes)
    notes[known:] = [attrs.evolve(part, raw=_encode(value)) for part in notes[known:]]
    return found


def _read_row(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    """A row of usage; a field of another type than described is ``None`` in it, and noted."""
    rest, odd, kept = value, [], None
    while True:
        try:
            row = hook(rest, hint)
            break
        except StructureError as exc:
            if not exc.path or not isinstance(rest, dict):
                return _read(value, hint, hook, path, notes)
            field = str(exc.path[0])
            odd.append(field)
            kept = _encode(value) if kept is None else kept
            notes.append(Unreadable(raw=kept, reason=exc.reason, path=path, field=field))
            rest = {name: each for name, each in rest.items() if name != field}
    for field in odd:
        force_setattr(row, field, None)
    if "amount" not in odd and not _has_amount(row):
        reason = "a cost without an amount is not known"
        kept = _encode(value) if kept is None else kept
        notes.append(Unreadable(raw=kept, reason=reason, path=path, field="amount"))
    return row


def _has_amount(row: Any) -> bool:
    """Whether a row has its amount; only costs have one, and always."""
    if not hasattr(row, "amount"):
        return True
    return row.amount is not None and row.amount.value is not None


def need_care(buckets: list[Any], raw: bytes) -> bool:
    """Whether what was decoded the fast way may lack what only the tolerant way notices."""
    filled = [bucket.results for bucket in buckets if bucket.results]
    if len(filled) < len(buckets):
        if b'"result"' in raw or raw.count(b'"results"') != len(buckets):
            return True
    # Rows beside other rows: a scan of all the bytes would cost a tenth of what decoding does.
    elif raw.rfind(b'"result"', 0, _SCANNED) >= 0:
        return True
    if not filled or not hasattr(filled[0][0], "amount"):
        return False
    rows = (row for results in filled for row in results)
    return any(row.amount is None or row.amount.value is None for row in rows)
