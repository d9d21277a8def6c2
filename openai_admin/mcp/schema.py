"""JSON Schemas of declared types: of arguments as passed, of results as they were read.

Results are described as tolerantly as they are read: a field that has a default may be absent or
null, an open choice may be any text, and there may be fields that this version does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from .._wire.docstrings import attributes_of
from .._wire.fields import KIND, is_secret, keyed_by, wire_fields, wire_name
from .._wire.models import Entity
from .._wire.rows import Row
from .._wire.types import (
    Anything,
    Array,
    Bounds,
    Choice,
    Model,
    Null,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Record,
    Scalar,
    Time,
    Tuple,
    Type,
    Variable,
    field_types,
)
from ..directory.wording import is_cents
from ..resources.usage.results import CostAmount
from .values import Money

Schema = dict[str, Any]

_CENTS = ", in whole US cents"  # what results are not in
_KIND_DOC = "What kind of thing this is."
_MARKUP = re.compile(r"`+([^`]*)`+")
_MOST_CHOICES = 40  # a longer list of choices costs every reader of the tool more than it helps
_SCALARS: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
}


# --- results -------------------------------------------------------------------------------


def result_schema(described: Type) -> Schema:
    """The schema of a value of this type as `facts_of` writes it, without secrets.

    Each property is described by what the docstring of its class says of the attribute.
    """
    return _result(described, {})


def _result(described: Type, variables: Mapping[TypeVar, Type]) -> Schema:
    match described:
        case Variable(variable):
            return _result(variables[variable], {})
        case Nullable(of):
            return _maybe(_result(of, variables))
        case OneOf(members):
            return {"anyOf": [_result(m, variables) for m in members]}
        case Choice(values):
            return {"type": "string", "enum": list(values)}
        case OpenChoice():
            return {"type": "string"}
        case Null():
            return {"type": "null"}
        case Scalar(kind) if kind is datetime:
            return {"type": "string", "format": "date-time"}
        case Scalar(kind) if kind in _SCALARS:
            return {"type": _SCALARS[kind]}
        case Model(cls) if cls is CostAmount:
            return _model(Model(Money), variables)
        case Model():
            return _model(described, variables)
        case Object() | Record():
            return {"type": "object"}
        case Array(item):
            return {"type": "array", "items": _result(item, variables)}
    return {}


def _model(model: Model, variables: Mapping[TypeVar, Type]) -> Schema:
    cls = model.cls
    own = dict(zip(getattr(cls, "__parameters__", ()), model.arguments, strict=True))
    types, docs = field_types(cls), attributes_of(cls)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    has_threshold = any(is_cents(name, 0) for name in types)
    for attribute in wire_fields(cls):
        if is_secret(attribute) or keyed_by(attribute):
            continue
        if has_threshold and attribute.name == "currency":
            continue  # stands in the threshold (see `facts_of`)
        described = types[attribute.name]
        if not issubclass(cls, Entity | Row) and attribute.default is None:
            described = described.of if isinstance(described, Nullable) else described  # or absent
        cents = is_cents(attribute.name, 0)
        schema = _model(Model(Money), {}) if cents else _result(described, own)
        if attribute.default is attrs.NOTHING and issubclass(cls, Entity):
            required.append(wire_name(attribute))
        elif issubclass(cls, Entity):
            schema = _maybe(schema)
        doc = docs.get(attribute.name, _KIND_DOC if attribute.name == KIND else "")
        doc = doc.replace(_CENTS, "") if cents else doc
        properties[wire_name(attribute)] = _described(schema, doc)
    made: Schema = {"type": "object", "properties": properties}
    return {**made, "required": required} if required else made


def _maybe(schema: Schema) -> Schema:
    """The schema of what may be null, as results have it: no client reads these but to check."""
    if isinstance(schema.get("type"), list):
        return schema
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return or_null(schema)


def _described(schema: Schema, doc: str) -> Schema:
    """A property's schema with what the class says of it, as readers of JSON know its words."""
    if not doc:
        return schema
    text = _MARKUP.sub(r"\1", doc.replace("``None``", "null"))
    return {**schema, "description": text[:1].upper() + text[1:]}


# --- arguments -----------------------------------------------------------------------------


def argument_schema(described: Type) -> Schema:
    """The schema of an argument as JSON passes it: a time in Unix seconds, and never null.

    Names that are not known before, as a mapping has them, are passed as pairs, and what may be
    anything as JSON text: strict modes know no other way.
    """
    match described:
        case Nullable(of):
            return argument_schema(of)
        case OneOf(members):
            # A pair is a convenience in Python; JSON passes the mapping.
            schemas = [argument_schema(m) for m in members if not isinstance(m, Tuple)]
            return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        case Choice(values):
            return {"type": "string", **_choices("enum", values)}
        case OpenChoice(values, bounds):
            return {
                "type": "string",
                **_choices("examples", values),
                **_bounds(bounds, "minLength", "maxLength"),
            }
        case Time():
            return {"type": "integer"}
        case Scalar(kind, bounds) if kind is str:
            return {"type": "string", **_bounds(bounds, "minLength", "maxLength")}
        case Scalar(kind, bounds) if kind in _SCALARS:
            return {"type": _SCALARS[kind], **_bounds(bounds, "minimum", "maximum")}
        case Record(cls):
            return _record(cls, described.required)
        case Array(item, bounds):
            items = argument_schema(item)
            return {"type": "array", "items": items, **_bounds(bounds, "minItems", "maxItems")}
        case Object(value) if not isinstance(value, Anything):
            name = {"type": "string", "description": "The name."}
            pair = {"name": name, "value": described_as(argument_schema(value), "Its value.")}
            return {"type": "array", "items": _closed(pair, list(pair))}
    return {"type": "string", "description": "As JSON text."}


def _record(cls: Any, required: frozenset[str]) -> Schema:
    properties: dict[str, Schema] = {}
    docs = attributes_of(cls)
    for name, described in field_types(cls).items():
        schema = argument_schema(described)
        # Null is a value where the field must be there; else it means that it is left out.
        if isinstance(described, Nullable) and name in required:
            schema = or_null(schema)
        properties[name] = described_as(schema, docs.get(name, "").replace("`None`", "null"))
    return _closed(properties, [name for name in properties if name in required])


def described_as(schema: Schema, doc: str) -> Schema:
    """A schema with what its argument means, before what it says itself."""
    said = " ".join(part for part in (doc[:1].upper() + doc[1:], schema.get("description")) if part)
    return {**schema, "description": said} if said else schema


def _closed(properties: dict[str, Schema], required: list[str]) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": required} if required else made


def _bounds(bounds: Bounds, low: str, high: str) -> Schema:
    least = {low: bounds.least} if bounds.least is not None else {}
    return {**least, high: bounds.most} if bounds.most is not None else least


def _choices(keyword: str, choices: Sequence[Any]) -> Schema:
    return {keyword: list(choices)} if 0 < len(choices) <= _MOST_CHOICES else {}


# --- both ----------------------------------------------------------------------------------


def or_null(schema: Schema) -> Schema:
    """A schema that takes null too."""
    # A list of types would be shorter, but clients that know a single type drop the tool for it.
    if not schema or {"type": "null"} in schema.get("anyOf", []):
        return schema
    return {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}
