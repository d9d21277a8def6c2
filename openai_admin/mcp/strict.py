"""Schemas of arguments in the words that every client takes.

The strict modes of OpenAI and Anthropic know objects with a fixed set of properties, `anyOf`,
enums and types; a bound, a default or an example makes them refuse the tool. These are said in the
description instead, and every call is checked here anyway. Strict modes also require every
property, so one that may be left out takes null, which means the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .schema import Schema, or_null

_BOUNDS: Mapping[str, tuple[str, str, str]] = {
    "string": ("minLength", "maxLength", " characters"),
    "array": ("minItems", "maxItems", " items"),
    "integer": ("minimum", "maximum", ""),
    "number": ("minimum", "maximum", ""),
}
"""For each type, the keywords of its bounds and what they count."""
_NUMBERS = re.compile(r"\d+")
_SAID = {"default", "examples", *(word for bounds in _BOUNDS.values() for word in bounds[:2])}


def strict(schema: Schema, *, optional: bool = False, nullable: bool = True) -> Schema:
    """A schema without what strict modes refuse, its description saying it.

    Args:
        schema: the schema of an argument or of a part of one.
        optional: whether it may be left out.
        nullable: whether what may be left out takes null.
    """
    made = {name: value for name, value in schema.items() if name not in _SAID}
    doc = " ".join(_sentences(schema))
    made.pop("description", None)
    if "items" in made:
        made["items"] = strict(made["items"], nullable=nullable)
    if "anyOf" in made:
        made["anyOf"] = [strict(each, nullable=nullable) for each in made["anyOf"]]
    if made.get("type") == "object":
        required = made.get("required", ())
        made["properties"] = {
            name: strict(each, optional=name not in required, nullable=nullable)
            for name, each in made.get("properties", {}).items()
        }
        made["additionalProperties"] = False
    if optional and nullable:
        made = or_null(made)
    return {**made, "description": doc} if doc else made


def _sentences(schema: Schema) -> Iterator[str]:
    doc = schema.get("description", "")
    if doc:
        yield doc
    bounds = _bounds_of(schema)
    if bounds and _NUMBERS.findall(bounds)[-1] not in _NUMBERS.findall(doc):
        yield bounds
    known = [f"`{each}`" for each in schema.get("examples", ())]
    if known and known[0] not in doc:
        yield f"Such as {', '.join(known)}."
    default = schema.get("default")
    if default is not None:
        yield f"By default {default if isinstance(default, str) else json.dumps(default)}."


def _bounds_of(schema: Schema) -> str:
    """The bounds that a reader could not guess, as a sentence."""
    low, high, noun = _BOUNDS.get(schema.get("type", ""), ("", "", ""))
    least, most = schema.get(low), schema.get(high)
    if most is not None:
        return f"{least} to {most}{noun}." if least is not None else f"At most {most}{noun}."
    return f"At least {least}{noun}." if least is not None and least > 1 else ""


def properties_of(schema: Any) -> Iterator[str]:
    """The names of every property within a schema, at any depth."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from properties_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from properties_of(inner)
