"""OCSF 1.8.0 as its own schema has it: what is wrong with an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

VERSION = "1.8.0"
_OTHER = 99


@cache
def _schema() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = get_ocsf_schema(version=VERSION)
    return schema


@cache
def _class_name(uid: int) -> str:
    name: str = OcsfJsonSchemaEmbedded(_schema()).lookup_class_name_from_uid(uid)
    return name


@cache
def _validator(class_name: str, profiles: tuple[str, ...]) -> jsonschema.Draft202012Validator:
    made = OcsfJsonSchemaEmbedded(_schema()).get_class_schema(class_name, list(profiles))
    return jsonschema.Draft202012Validator(made)


def faults(event: Mapping[str, Any]) -> list[str]:
    """What of an event is not as its class wants it: shape, requirements, constraints, captions."""
    profiles = tuple(event["metadata"].get("profiles", ()))
    name = _class_name(event["class_uid"])
    found = [
        f"{error.json_path}: {error.message[:300]}"
        for error in _validator(name, profiles).iter_errors(event)
    ]
    described = _schema()["classes"][name]
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        found.append(f"type_uid is {event['type_uid']}")
    return found + list(_captions(event, described, "$"))


def _captions(value: Mapping[str, Any], described: Mapping[str, Any], at: str) -> Iterator[str]:
    """Where the text beside a number is not the number's caption."""
    for name, each in value.items():
        attribute = described["attributes"].get(name)
        if attribute is None:
            continue  # the validator says so, but for objects that may have any attribute
        beside = attribute.get("sibling")
        if beside is not None and "enum" in attribute and each != _OTHER:
            caption = attribute["enum"][str(each)]["caption"]
            if value.get(beside) != caption:
                yield f"{at}.{beside} is {value.get(beside)!r}, not {caption!r}"
        if "@deprecated" in attribute:
            yield f"{at}.{name} is deprecated"
        inner = _schema()["objects"].get(attribute.get("object_type"))
        if inner is not None:
            for one in each if isinstance(each, list) else [each]:
                yield from _captions(one, inner, f"{at}.{name}")
