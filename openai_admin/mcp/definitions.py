"""The schema of an answer with each of its classes described once, however often it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .._wire.types import Array, Model, Nullable, OneOf, Type, field_types, read
from .schema import Schema, result_schema


def answer_schema_of(cls: type) -> Schema:
    """The schema of an answer's class; what stands in it repeatedly is under ``$defs``.

    It says of the whole alone which fields are always there: every reader of the tools pays for
    each word of it, and no model needs to know that of a row.
    """
    whole = result_schema(read(cls))
    names = {_text(result_schema(Model(each))): each.__name__ for each in _classes(read(cls))}
    names.pop(_text(whole), None)
    times = Counter(_named_in(whole, names))
    again = {text: name for text, name in names.items() if times[name] > 1}
    found: dict[str, Schema] = {}
    made: Schema = {name: _with_references(part, again, found) for name, part in whole.items()}
    required = made.pop("required", None)
    made = _without_required({**made, "$defs": found} if found else made)
    return made if required is None else {**made, "required": required}


def _without_required(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_required(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    is_object = "properties" in schema
    return {
        name: _without_required(part)
        for name, part in schema.items()
        if not (is_object and name == "required")
    }


def _classes(described: Type) -> Iterator[type]:
    """The classes that a type is made of, itself among them."""
    match described:
        case Nullable(of):
            yield from _classes(of)
        case OneOf(members):
            for member in members:
                yield from _classes(member)
        case Array(item):
            yield from _classes(item)
        case Model(cls):
            yield cls
            for each in field_types(cls).values():
                yield from _classes(each)


def _named_in(schema: Any, names: Mapping[str, str]) -> Iterator[str]:
    """The names of the classes in a schema, each as often as it is there."""
    if isinstance(schema, Mapping):
        name = names.get(_text(schema))
        if name is not None:
            yield name
        for part in schema.values():
            yield from _named_in(part, names)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named_in(part, names)


def _with_references(schema: Any, names: Mapping[str, str], found: dict[str, Schema]) -> Any:
    """A schema whose parts that have a name are looked up; `found` gets these parts."""
    if isinstance(schema, list):
        return [_with_references(part, names, found) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {name: _with_references(part, names, found) for name, part in schema.items()}
    name = names.get(_text(schema))
    if name is None:
        return made
    description = made.pop("description", None)
    found.setdefault(name, made)
    reference: Schema = {"$ref": f"#/$defs/{name}"}
    return reference if description is None else {**reference, "description": description}


def _text(schema: Mapping[str, Any]) -> str:
    """A schema as text, without what the place that it stands in says of it."""
    own = {name: part for name, part in schema.items() if name != "description"}
    return msgspec.json.encode(own).decode()
