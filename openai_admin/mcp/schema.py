"""JSON Schemas of declared types: of arguments as they are passed, of results as `to_dict` writes.

Results are described as tolerantly as they are read: a field that has a default may be absent or
null, an open choice may be any text, and there may be fields that this version does not know.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import attrs

from .._declare.arguments import Items, Length, Range, Timestamp
from .._wire.codec import Entity, wire_name

Schema = dict[str, Any]

_MOST_CHOICES = 40  # a longer list of choices costs every reader of the tool more than it helps
_BOOKKEEPING = frozenset({"extra", "_nulls", "raw"})
_SCALARS: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
}


# --- results -------------------------------------------------------------------------------


def result_schema(kind: Any) -> Schema:
    """The schema of what `to_dict` makes of a value of this type, secrets left out."""
    return _result(kind, {})


def is_secret(attribute: attrs.Attribute[Any]) -> bool:
    """Whether a model's field is a secret: one that is kept out of reprs."""
    return attribute.repr is False and attribute.name not in _BOOKKEEPING


def secret_paths(kind: Any) -> list[tuple[str, ...]]:
    """Where a result of this type has secrets, as wire names from the outside in."""
    if not (isinstance(kind, type) and attrs.has(kind)):
        return []
    hints = typing.get_type_hints(kind)
    paths: list[tuple[str, ...]] = []
    for attribute in attrs.fields(kind):
        if attribute.name in _BOOKKEEPING:
            continue
        name = wire_name(attribute)
        if is_secret(attribute):
            paths.append((name,))
        hint = hints[attribute.name]
        for inner in (hint, *get_args(hint)):
            paths += [(name, *rest) for rest in secret_paths(inner)]
    return paths


def _result(kind: Any, variables: Mapping[Any, Any]) -> Schema:
    if isinstance(kind, TypeVar):
        return _result(variables[kind], {})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _result(arguments[0], variables)
    if origin in (Union, types.UnionType):
        return _any_of([_result(a, variables) for a in _without_literals(arguments)])
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if kind is type(None):
        return {"type": "null"}
    if kind is datetime:
        return {"type": "number", "description": "Unix seconds"}
    if kind in _SCALARS:
        return {"type": _SCALARS[kind]}
    if attrs.has(origin or kind):
        return _model(origin or kind, arguments)
    return _container(kind, variables)


def _container(kind: Any, variables: Mapping[Any, Any]) -> Schema:
    origin = get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        items = get_args(kind)
        return {"type": "array", "items": _result(items[0], variables) if items else {}}
    return {}


def _model(cls: type, arguments: Sequence[Any]) -> Schema:
    variables = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=True))
    hints = typing.get_type_hints(cls, include_extras=True)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for attribute in attrs.fields(cls):
        # A keyed field stands under a name that another field's value gives (see `codec.keyed`).
        hidden = attribute.name in _BOOKKEEPING or "keyed" in attribute.metadata
        if hidden or is_secret(attribute):
            continue
        schema = _result(hints[attribute.name], variables)
        if attribute.default is attrs.NOTHING:
            required.append(wire_name(attribute))
        elif issubclass(cls, Entity):
            schema = _nullable(schema)
        properties[wire_name(attribute)] = schema
    made: Schema = {"type": "object", "properties": properties}
    return {**made, "required": required} if required else made


# --- arguments -----------------------------------------------------------------------------


def argument_schema(annotation: Any, *, nullable: bool = False) -> Schema:
    """The schema of an argument as JSON can pass it; a time is Unix seconds.

    Args:
        annotation: its type.
        nullable: keep null where the type has it; else null is no value but a way to pass none.
    """
    if annotation == Timestamp:
        return {"type": "integer"}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _constrained(argument_schema(arguments[0], nullable=nullable), arguments[1:])
    if origin in (Union, types.UnionType):
        return _argument_union(arguments, nullable=nullable)
    if origin is Literal:
        return {"type": "string", **_choices("enum", arguments)}
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": argument_schema(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    return {}


def _argument_union(arguments: Sequence[Any], *, nullable: bool) -> Schema:
    # A pair is a convenience of Python's; JSON passes the mapping.
    members = [a for a in arguments if a is not type(None) and get_origin(a) is not tuple]
    literals = [c for a in members if get_origin(a) is Literal for c in get_args(a)]
    if str in members:
        schema: Schema = {"type": "string", **_choices("examples", literals)}
    else:
        schema = _any_of([argument_schema(a) for a in members])
    return _nullable(schema) if nullable and type(None) in arguments else schema


def _typed_dict(cls: Any) -> Schema:
    hints = typing.get_type_hints(cls, include_extras=True)
    made: Schema = {
        "type": "object",
        "properties": {name: argument_schema(h, nullable=True) for name, h in hints.items()},
        "additionalProperties": False,
    }
    required = [name for name in hints if name in cls.__required_keys__]
    return {**made, "required": required} if required else made


def _constrained(schema: Schema, constraints: Sequence[Any]) -> Schema:
    bounds: Schema = {}
    for constraint in constraints:
        names = _BOUNDS.get(type(constraint))
        if names is not None:
            low, high = names
            bounds |= {low: constraint.least} if constraint.least else {}
            bounds |= {high: constraint.most} if constraint.most is not None else {}
    return {**schema, **bounds}


_BOUNDS: Mapping[type, tuple[str, str]] = {
    Range: ("minimum", "maximum"),
    Length: ("minLength", "maxLength"),
    Items: ("minItems", "maxItems"),
}


# --- both ----------------------------------------------------------------------------------


def _choices(keyword: str, choices: Sequence[Any]) -> Schema:
    return {keyword: list(choices)} if 0 < len(choices) <= _MOST_CHOICES else {}


def _without_literals(arguments: Sequence[Any]) -> list[Any]:
    """A union's members; beside plain text, literals only document."""
    if str not in arguments:
        return list(arguments)
    return [a for a in arguments if get_origin(a) is not Literal]


def _any_of(schemas: list[Schema]) -> Schema:
    nulls = [s for s in schemas if s.get("type") == "null"]
    others = [s for s in schemas if s.get("type") != "null"]
    merged = others[0] if len(others) == 1 else {"anyOf": others}
    return _nullable(merged) if nulls else merged


def _nullable(schema: Schema) -> Schema:
    # A list of types would be shorter, but clients that know a single type drop the tool for it.
    if not schema or takes_null(schema):
        return schema
    return {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}


def takes_null(schema: Schema) -> bool:
    """Whether a schema made here takes null."""
    return {"type": "null"} in schema.get("anyOf", [])
