"""The fields of results, by name, as text for a table or a CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from .._wire.codec import plain, to_dict
from .._wire.fields import KIND, wire_fields, wire_name
from .._wire.scalars import digits
from ..directory.naming import label_of
from ..directory.wording import dollars, is_cents


def field_names(item: Any) -> list[str]:
    """The names of an item's fields as the API has them, `object` left out."""
    if isinstance(item, Mapping):
        return [str(name) for name in item if name != KIND]
    known = [wire_name(a) for a in wire_fields(type(item))]
    extra = getattr(item, "extra", {})
    return [name for name in (*known, *extra) if name != KIND]


def value_at(item: Any, path: str) -> Any:
    """The value of a field; dots lead into nested things. ``None`` where there is none."""
    value = item
    for name in _steps(path):
        value = _field(value, name)
    return value


@cache  # as many as there are columns
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _field(item: Any, name: str) -> Any:
    kind: type = type(item)
    attributes = _attributes(kind)
    if attributes is None:
        return item.get(name) if isinstance(item, Mapping) else None
    attribute = attributes.get(name)
    if attribute is not None:
        return getattr(item, attribute)
    return getattr(item, "extra", {}).get(name)


@cache  # asked for each cell, and a class does not change
def _attributes(cls: type) -> Mapping[str, str] | None:
    """The attributes of a class by their names on the wire; ``None`` if attrs did not make it."""
    if issubclass(cls, Mapping) or not attrs.has(cls):
        return None
    return {wire_name(attribute): attribute.name for attribute in wire_fields(cls)}


def leaves(item: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of an item that has a value, nested ones by their path."""
    for name in field_names(item):
        value = _field(item, name)
        if value is None or value == {}:
            continue
        if attrs.has(type(value)) or isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def known_by(value: Any) -> str | None:
    """What a nested thing is called: its e-mail address, name or id, or that of what is in it."""
    return label_of(to_dict(value, mode="read"))


def is_plain(value: Any) -> bool:
    """Whether a value makes a short cell: a scalar, or something that has a name."""
    if attrs.has(type(value)) or isinstance(value, Mapping):
        return known_by(value) is not None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(is_plain(v) for v in value)
    return not (isinstance(value, str) and "\n" in value)


def cell(value: Any, name: str = "") -> str:
    """A field's value for people: times in UTC, cents as dollars, nested things by name."""
    if value is None:
        return ""
    if isinstance(value, str):  # as most are
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if is_cents(name, value):
        return dollars(value)
    if isinstance(value, Decimal):
        return f"{Decimal(digits(value)):,f}"
    if isinstance(value, int | float):
        return f"{value:,}"
    if attrs.has(type(value)) or isinstance(value, Mapping):
        return known_by(value) or json.dumps(to_dict(value, mode="json"), ensure_ascii=False)
    if isinstance(value, Sequence):
        return ", ".join(cell(v) for v in value)
    return str(value)


def plain_cell(value: Any) -> Any:
    """A value for a CSV: times in ISO 8601, nested things as JSON."""
    if isinstance(value, str):  # as most are
        return value
    if attrs.has(type(value)) or isinstance(value, Mapping | list | tuple):
        return json.dumps(to_dict(value, mode="json"), ensure_ascii=False)
    return plain(value)
