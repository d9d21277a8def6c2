"""Schemas in fewer characters: what is described several times is described once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .schema import Schema

_DEFINED = "$defs"
_TEXT = {"type": "string"}
_REFERENCE = 30  # characters of a reference, and of the name of what it stands for


def gathered(schema: Schema) -> Schema:
    """A schema in which what several properties have stands once, under ``$defs``."""
    times = Counter(_properties(schema, set()))
    repeated = {
        text for text, count in times.items() if (count - 1) * len(text) > (count + 1) * _REFERENCE
    }
    names: dict[str, str] = {}
    defined: dict[str, Schema] = {}

    def property_of(name: str, each: Schema) -> Schema:
        text = _written(each)
        if text not in repeated:
            return within(each)
        if text not in names:
            names[text] = name if name not in defined else f"{name}_{len(names)}"
            defined[names[text]] = {}  # its place, before that of what is within it
            defined[names[text]] = within(_shared(each))
        reference = {"$ref": f"#/{_DEFINED}/{names[text]}"}
        return {**reference, **{k: v for k, v in each.items() if k not in _shared(each)}}

    def within(each: Schema) -> Schema:
        made = dict(each)
        if "properties" in each:
            made.pop("type", None)  # nothing else has properties
            made["properties"] = {n: property_of(n, p) for n, p in each["properties"].items()}
        if each.get("items") == _TEXT:
            del made["items"]  # what a list without a word on its items has
        elif "items" in each:
            made["items"] = within(each["items"])
        if "anyOf" in each:
            made["anyOf"] = [within(one) for one in each["anyOf"]]
        return made

    made = {**within(schema), "type": "object"}
    return {**made, _DEFINED: defined} if defined else made


def _properties(schema: Schema, known: set[str]) -> Iterator[str]:
    """Every property within a schema, but what is within an equal one only once."""
    for each in schema.get("properties", {}).values():
        text = _written(each)
        yield text
        if text not in known:
            known.add(text)
            yield from _properties(each, known)
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _properties(inner, known)


def _shared(schema: Mapping[str, Any]) -> Schema:
    """What of a property may stand elsewhere: an object whatever is said of it, else all."""
    return {k: v for k, v in schema.items() if k != "description" or "properties" not in schema}


def _written(schema: Mapping[str, Any]) -> str:
    return json.dumps(_shared(schema), separators=(",", ":"))
