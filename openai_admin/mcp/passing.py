"""Arguments from the way that JSON passes them (see `argument_schema`) to the one that is declared.

A mapping is passed as pairs, and what may be anything as JSON text. Null in place of a field that
may be left out means that it is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._wire.types import (
    Anything,
    Array,
    Choice,
    Nullable,
    Object,
    OneOf,
    Record,
    Type,
    field_types,
)
from ..errors import InvalidInputError


def passed(described: Type, value: Any, where: str) -> Any:
    """A value of a type as it is declared; what does not fit it is returned for the check to find.

    Args:
        described: the type.
        value: the value as it was passed.
        where: the argument's name.

    Raises:
        InvalidInputError: a text is not JSON, or a name stands twice among pairs.
    """
    match described:
        case Nullable(of):
            return None if value is None else passed(of, value, where)
        case OneOf(members):
            return passed(next((m for m in members if _fits(m, value)), members[0]), value, where)
        case Array(item) if isinstance(value, list):
            return [passed(item, each, f"{where}[{n}]") for n, each in enumerate(value)]
        case Record(cls) if isinstance(value, Mapping):
            return _record(cls, described.required, value, where)
        case Object(Anything()) | Anything() if isinstance(value, str):
            return _decoded(value, where)
        case Object() if isinstance(value, list):
            return _mapping(value, where)
    return value


def _fits(described: Type, value: Any) -> bool:
    """Whether a value is meant to be of a type: has its fields, and the right choices."""
    if not isinstance(described, Record):
        return isinstance(described, Array) == isinstance(value, list)
    if not isinstance(value, Mapping):
        return False
    types = field_types(described.cls)
    return all(
        name in types and not (isinstance(kind := types[name], Choice) and each not in kind.values)
        for name, each in value.items()
    )


def _record(
    cls: Any, required: frozenset[str], value: Mapping[str, Any], where: str
) -> dict[str, Any]:
    types = field_types(cls)
    return {
        name: passed(types[name], each, f"{where}.{name}") if name in types else each
        for name, each in value.items()
        if each is not None or name in required
    }


def _decoded(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidInputError(f"{where} must be JSON text.") from None


def _mapping(pairs: list[Any], where: str) -> Any:
    made: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, Mapping) or pair.keys() != {"name", "value"}:
            raise InvalidInputError(f"{where} must be a list of a `name` and a `value` each.")
        if pair["name"] in made:
            raise InvalidInputError(f"{where} has {pair['name']!r} twice.")
        made[pair["name"]] = pair["value"]
    return made
