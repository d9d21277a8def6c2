"""The JSON Schema of a saved plan, made of its models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from ..._wire.docstrings import attributes_of, summary_of
from ..._wire.types import (
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
from ..document.model import Document
from .model import FORMAT, Plan
from .saved import FROM, KIND

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: Mapping[type, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
}


def plan_schema() -> dict[str, Any]:
    """What `saved.as_json` writes, for policies and those who write them.

    Every field of a plan is there; of what the file says, in `document`, only what it says.
    """
    definitions: dict[str, Any] = {}
    _model(Plan, definitions, is_whole=True)
    plan = definitions.pop("Plan")
    properties = {
        "kind": {"const": KIND, "description": "what it is."},
        **plan["properties"],
        "digest": {"type": "string", "description": "a digest of all else; nothing was changed."},
    }
    properties["format"] |= {"const": FORMAT}
    definitions["Step"]["properties"]["arguments"]["description"] += (
        f' `{{"{FROM}": STEP}}` stands for the id of what another step makes.'
    )
    return {
        "$schema": _DIALECT,
        "title": "A plan of openai-admin",
        **plan,
        "properties": properties,
        "required": [*properties],
        "$defs": dict(sorted(definitions.items())),
    }


def _model(cls: type, known: dict[str, Any], *, is_whole: bool) -> dict[str, Any]:
    """A reference to the schema of a model, which is put beside those that are known.

    Args:
        cls: the model.
        known: the schemas of models by name.
        is_whole: whether every field is there; else those without a default.
    """
    if cls.__name__ not in known:
        made: dict[str, Any] = {"type": "object", "additionalProperties": False}
        known[cls.__name__] = made
        types = field_types(cls)
        said = {name: _in_json(text) for name, text in attributes_of(cls).items()}
        properties = {}
        for attribute in attrs.fields(cls):
            name = attribute.name
            inner = is_whole and types[name] != Nullable(of=Model(cls=Document))
            schema = _schema(types[name], known, is_whole=inner)
            properties[name] = schema | ({"description": said[name]} if name in said else {})
        made["description"] = summary_of(cls)
        made["properties"] = properties
        needed = [a.name for a in attrs.fields(cls) if is_whole or a.default is attrs.NOTHING]
        if needed:
            made["required"] = needed
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _in_json(text: str) -> str:
    return text.replace("``None``", "null").replace("``", "`")


def _schema(described: Type, known: dict[str, Any], *, is_whole: bool) -> dict[str, Any]:
    match described:
        case Nullable(of):
            return {"anyOf": [_schema(of, known, is_whole=is_whole), {"type": "null"}]}
        case OneOf(members):
            return {"anyOf": [_schema(m, known, is_whole=is_whole) for m in members]}
        case Choice(values):
            return {"enum": [*values]}
        case Model(cls):
            return _model(cls, known, is_whole=is_whole)
        case Array(item):
            return {"type": "array", "items": _schema(item, known, is_whole=is_whole)}
        case Object(value):
            inner = _schema(value, known, is_whole=is_whole)
            return {"type": "object", "additionalProperties": inner}
        case Scalar(kind):
            return dict(_SCALARS[kind])
    return {}
