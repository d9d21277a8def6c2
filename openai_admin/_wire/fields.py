"""How a model's fields are declared, and what they are: names on the wire, keys, secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import attrs

from .types import Array, Model, Nullable, OneOf, Type, field_types

_WIRE = "wire"
_KEYED = "keyed"
_SECRET = "secret"  # noqa: S105 - the name of a mark
_ALIASES = "aliases"
# Fields that are not the API's.
_OURS = frozenset({"extra", "_nulls", "_not_sent", "raw", "_raw", "unreadable", "_walk_on"})

KIND = "object"
"""The name of the field that says only what kind of thing is described."""


def wire(name: str) -> Any:
    """An optional field whose name on the wire is not a Python name, as ``project.archived``."""
    return attrs.field(default=None, metadata={_WIRE: name})


def keyed(by: str, variants: Mapping[str, Any]) -> Any:
    """An optional field whose key on the wire is the value of the field ``by``.

    ``{"type": "a.b", "a.b": {…}}`` is structured as the variant named ``a.b``; where there is no
    variant of that name, the value is kept unchanged. `Entity` models alone can have one.
    """
    return attrs.field(default=None, metadata={_KEYED: (by, variants)})


Alias = Callable[[Mapping[str, Any]], Any]
"""Finds a field's value elsewhere in its object; ``None`` where it is not there either."""


def also(*places: str | Alias, default: Any = None) -> Any:
    """A field whose value has been seen in other places than its own, read where its own has none.

    Args:
        places: names, with dots into what is in the object; or functions that find it.
        default: `attrs.NOTHING` for what identifies the object.
    """
    aliases = tuple(_path(place) if isinstance(place, str) else place for place in places)
    return attrs.field(default=default, metadata={_ALIASES: aliases})


def _path(place: str) -> Alias:
    steps = place.split(".")

    def find(source: Mapping[str, Any]) -> Any:
        value: Any = source
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    return find


def aliases_of(attribute: attrs.Attribute[Any]) -> tuple[Alias, ...]:
    """The other places of a field (see `also`)."""
    aliases: tuple[Alias, ...] = attribute.metadata.get(_ALIASES, ())
    return aliases


def secret(*, default: Any = attrs.NOTHING) -> Any:
    """A field that the API shows once, such as a key's value.

    Reprs leave it out, `to_dict` does unless asked for it, and what was pickled has ``None`` there.
    """
    return attrs.field(default=default, repr=False, metadata={_SECRET: True})


def is_secret(attribute: attrs.Attribute[Any]) -> bool:
    """Whether a model's field is a `secret`."""
    return _SECRET in attribute.metadata


def keyed_by(attribute: attrs.Attribute[Any]) -> tuple[str, Mapping[str, Any]] | None:
    """Of a `keyed` field, the field that names its key, and the variants."""
    by: tuple[str, Mapping[str, Any]] | None = attribute.metadata.get(_KEYED)
    return by


def wire_name(attribute: attrs.Attribute[Any]) -> str:
    """A model field's name on the wire."""
    name: str = attribute.metadata.get(_WIRE, attribute.name)
    return name


def _wire_fields(model: type) -> tuple[attrs.Attribute[Any], ...]:
    return tuple(a for a in attrs.fields(model) if a.name not in _OURS)


# Cached, since every object written needs it and a model does not change; annotated, since mypy
# lets a cached function take no `type[Any]`.
wire_fields: Callable[[type], tuple[attrs.Attribute[Any], ...]] = cache(_wire_fields)
"""A model's fields that are the API's, not this library's own."""


class Written(NamedTuple):
    """How a field is written.

    Attributes:
        attribute: the field.
        name: its name on the wire.
        key: the field whose value names it instead, if there is one.
        is_secret: whether it is a `secret`.
    """

    attribute: attrs.Attribute[Any]
    name: str
    key: str | None
    is_secret: bool


def _fields_to_write(model: type) -> tuple[Written, ...]:
    return tuple(
        Written(a, wire_name(a), key[0] if (key := keyed_by(a)) else None, is_secret(a))
        for a in wire_fields(model)
    )


fields_to_write: Callable[[type], tuple[Written, ...]] = cache(_fields_to_write)
"""The same fields as they are written; cached for the same reason."""


def secret_paths(described: Type) -> list[tuple[str, ...]]:
    """Where a value of a type has secrets, as paths of wire names."""
    return [path for model in _models_in(described) for path in _secrets_of(model)]


def secrets_in(value: Any, described: Type) -> Iterator[str]:
    """The secrets in decoded JSON, where a value of the type has them, whatever else is wrong."""
    for path in secret_paths(described):
        yield from _texts_at(value, path)


def _texts_at(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts_at(each, path)
    elif isinstance(value, dict) and path:
        yield from _texts_at(value.get(path[0]), path[1:])
    elif isinstance(value, str) and not path:
        yield value


def _secrets_of(model: type) -> Iterator[tuple[str, ...]]:
    types = field_types(model)
    for attribute in wire_fields(model):
        name = wire_name(attribute)
        if is_secret(attribute):
            yield (name,)
        yield from ((name, *rest) for rest in secret_paths(types[attribute.name]))


def _models_in(described: Type) -> Iterator[type]:
    match described:
        case Model(cls):
            yield cls
        case Nullable(inner) | Array(inner):
            yield from _models_in(inner)
        case OneOf(members):
            for member in members:
                yield from _models_in(member)
