"""Buckets of usage, read row by row: what cannot be read costs itself."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import msgspec
from msgspec.structs import force_setattr

from .mistakes import StructureError
from .models import Unreadable
from .structure import Hook, Path, hook_of, read_item


class _Data(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")


def has_null_data(raw: bytes) -> bool:
    """Whether a page's data is null: it neither has buckets nor says that there are none."""
    return bytes(msgspec.json.decode(raw, type=_Data).data) == b"null"


def read_bucket(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    """A bucket with its rows, which have come under ``result`` as well."""
    if not isinstance(value, dict):
        return read_item(value, hint, hook, path, notes)
    rows = value.get("results")
    if rows is None:
        rows = value.get("result")
    if rows is not None and not isinstance(rows, list):
        return read_item({**value, "results": rows}, hint, hook, path, notes)
    bucket = read_item({**value, "results": []}, hint, hook, path, notes)
    if bucket is None:
        notes[-1] = attrs.evolve(notes[-1], raw=value)
        return None
    (row,) = get_args(hint)
    row_hook = hook_of(row)
    for index, each in enumerate(rows or ()):
        found = _read_row(each, row, row_hook, (*path, "results", index), notes)
        if found is not None:
            bucket.results.append(found)
    return bucket


def _read_row(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    """A row of usage; a field of another type than described is ``None`` in it, and noted."""
    rest, odd = value, []
    while True:
        try:
            row = hook(rest, hint)
            break
        except StructureError as exc:
            if not exc.path or not isinstance(rest, dict):
                return read_item(value, hint, hook, path, notes)
            field = str(exc.path[0])
            odd.append(field)
            notes.append(Unreadable(raw=value, reason=exc.reason, path=path, field=field))
            rest = {name: each for name, each in rest.items() if name != field}
    for field in odd:
        force_setattr(row, field, None)
    return row
