"""Models read from JSON that this package wrote: nothing is converted, guessed or left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire.types import (
    Anything,
    Array,
    Choice,
    Model,
    Nullable,
    Object,
    OneOf,
    Scalar,
    Type,
    field_types,
)


class NotOfTypeError(ValueError):
    """A value is of another type than its field says.

    Args:
        place: where it stands, as ``steps[0].action``.
        told: what it is, and what is allowed there.
    """

    def __init__(self, place: str, told: str) -> None:
        super().__init__(f"{place or 'the whole'} {told}")
        self.place = place
        self.told = told


def model_of(value: Any, cls: type, place: str = "") -> Any:
    """A model, from decoded JSON whose fractions are `Decimal`.

    Args:
        value: decoded JSON.
        cls: the model's class.
        place: where it stands.

    Raises:
        NotOfTypeError: it is something else, has a field that is not known, or lacks one.
    """
    if not isinstance(value, Mapping):
        raise NotOfTypeError(place, f"must be an object, not {_named(value)}")
    types = field_types(cls)
    own = attrs.fields_dict(cls)
    if unknown := sorted(value.keys() - own.keys()):
        raise NotOfTypeError(place, f"has a field that is not known: {unknown[0]}")
    lacking = [n for n, a in own.items() if a.default is attrs.NOTHING and n not in value]
    if lacking:
        raise NotOfTypeError(place, f"lacks {lacking[0]}")
    return cls(**{n: _read(v, types[n], f"{place}.{n}".lstrip(".")) for n, v in value.items()})


def _read(value: Any, described: Type, place: str) -> Any:
    match described:
        case Anything():
            return _settled(value)
        case Nullable(of):
            return None if value is None else _read(value, of, place)
        case OneOf(members):
            return _one_of(value, members, place)
        case Choice(values):
            if value not in values:
                raise NotOfTypeError(place, f"must be {' or '.join(map(str, values))}")
            return value
        case Model(cls):
            return model_of(value, cls, place)
        case Array(item):
            if not isinstance(value, list):
                raise NotOfTypeError(place, f"must be a list, not {_named(value)}")
            return tuple(_read(each, item, f"{place}[{i}]") for i, each in enumerate(value))
        case Object(inner):
            if not isinstance(value, Mapping):
                raise NotOfTypeError(place, f"must be an object, not {_named(value)}")
            return {name: _read(each, inner, f"{place}.{name}") for name, each in value.items()}
        case Scalar(kind):
            return _scalar(value, kind, place)
    raise TypeError(f"{described} is not read from JSON")


def _one_of(value: Any, members: tuple[Type, ...], place: str) -> Any:
    for member in members:
        try:
            return _read(value, member, place)
        except NotOfTypeError as error:
            refused = error
    raise refused


def _scalar(value: Any, kind: type, place: str) -> Any:
    if kind is datetime and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise NotOfTypeError(place, "is not a time in ISO 8601") from None
        if moment.tzinfo is None:
            raise NotOfTypeError(place, "is a time without a zone")
        return moment
    if kind in (Decimal, float) and type(value) in (int, Decimal):
        return kind(value)
    if type(value) is not kind:
        raise NotOfTypeError(place, f"must be {_NAMES.get(kind, kind.__name__)}")
    return value


_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    bool: "true or false",
    datetime: "a time in ISO 8601",
}


def _settled(value: Any) -> Any:
    """Any JSON, with lists as tuples, as models have them."""
    if isinstance(value, Mapping):
        return {name: _settled(each) for name, each in value.items()}
    return tuple(map(_settled, value)) if isinstance(value, list) else value


def _named(value: Any) -> str:
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else _NAMES.get(type(value), "an object")
