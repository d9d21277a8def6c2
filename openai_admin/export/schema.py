"""The columns of an endpoint: fixed names and types, made from the declared model.

A nested object's fields are columns of their own, ``owner.user.id`` being ``owner_user_id``; a
list is JSON text. A field that the model does not know becomes a column of text, JSON where it is
not text: so its type is the same on every day, whatever the API puts there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from .._extras import require
from .._wire.codec import to_dict
from .._wire.fields import KIND, wire_fields, wire_name
from .._wire.models import Entity
from .._wire.types import Choice, Model, Nullable, OneOf, OpenChoice, Scalar, Type, field_types
from ..usage.money import MONEY
from .layout import KEYS

Kinds = Mapping[str, type]
"""The kind of each column by its name; `object` is JSON text."""

_SCALARS = (bool, int, float, str, datetime, Decimal)


def arrow_type(kind: type) -> Any:
    """The Arrow type of a kind of column."""
    pa = require("pyarrow", extra="arrow")
    known = {
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        date: pa.date32(),
        datetime: pa.timestamp("us", tz="UTC"),
        Decimal: pa.decimal128(*MONEY),
    }
    return known.get(kind, pa.string())


@cache  # asked for each row, and a model does not change
def fields_of(model: type) -> tuple[tuple[str, str, type], ...]:
    """A model's fields: the attribute, the name on the wire, and the kind or the model in it."""
    types = field_types(model)
    return tuple(
        (a.name, column_name(wire_name(a)), _kind(types[a.name]))
        for a in wire_fields(model)
        if a.name != KIND
    )


def columns_of(model: type, prefix: str = "") -> dict[str, type]:
    """The columns that a model's fields are, in their order."""
    columns: dict[str, type] = {}
    for _, name, kind in fields_of(model):
        if attrs.has(kind):
            columns |= columns_of(kind, f"{prefix}{name}_")
        else:
            columns[prefix + name] = kind
    return columns


def values_of(item: Any, model: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The columns of one item with their values, unknown fields among them.

    A value of another type than its column has is in a column beside it, as text.
    """
    typed = set()
    for attribute, name, kind in fields_of(model):
        value = getattr(item, attribute)
        if attrs.has(kind):
            if value is not None:
                yield from values_of(value, kind, f"{prefix}{name}_")
        else:
            yield prefix + name, text_of(to_dict(value)) if kind is object else value
            if kind not in (object, str):
                typed.add(name)
    if isinstance(item, Entity):
        for name, value in item.extra.items():
            if name != KIND:
                column = column_name(prefix + name)
                yield f"{column}_raw" if name in typed else column, text_of(value)


def placed(columns: Kinds, beside: Mapping[str, Sequence[str]]) -> dict[str, type]:
    """Columns, with others of text beside some of them.

    Args:
        columns: the columns.
        beside: the names of those that follow a column, where there is that column.
    """
    moved = {n for name in columns for n in beside.get(name, ())}
    order = (n for name in columns if name not in moved for n in (name, *beside.get(name, ())))
    return {name: columns.get(name, str) for name in order}


def column_name(field: str) -> str:
    """The column of a field, which may not be called as one that the layout brings."""
    return f"{field}_" if field in KEYS else field


def text_of(value: Any) -> str | None:
    """A value as text: JSON, unless it is a text itself."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _kind(described: Type) -> type:
    """What a field holds: a scalar's type, a model, or `object` for all else."""
    match described:
        case Nullable(of):
            return _kind(of)
        case OneOf(members):
            kinds = {_kind(m) for m in members}
            return kinds.pop() if len(kinds) == 1 else object
        case Choice(values):
            return type(values[0])
        case OpenChoice():
            return str
        case Scalar(kind) if kind in _SCALARS:
            return kind
        case Model(cls, arguments=()):
            return cls
    return object
