"""ECS 9.4 as its own list of fields has it: what is wrong with a document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).parents[2] / "data" / "ecs_9_4.json"
_OWN = "openai"
"""The name below which no field of the schema is."""
_CATEGORY, _TYPE = "event.category", "event.type"


@cache
def facts() -> Mapping[str, Any]:
    """The schema's version and fields."""
    read: Mapping[str, Any] = json.loads(_FACTS.read_text(encoding="utf-8"))
    return read


def faults(document: Mapping[str, Any]) -> list[str]:
    """What of a document is not as the schema wants it."""
    found: list[str] = []
    fields = dict(_flat(document))
    for name, value in fields.items():
        described = facts()["fields"].get(name)
        if described is None:
            found.append(f"{name} is not in the schema")
        else:
            found += _faults_of(name, value, described)
    found += [f"{name} is missing" for name in ("@timestamp", "ecs.version") if name not in fields]
    expected = facts()["fields"][_CATEGORY]["allowed"]
    for category in fields.get(_CATEGORY, []):
        for type in fields.get(_TYPE, []):
            if type not in expected[category]:
                found.append(f"the type {type} is not expected in the category {category}")
    return found


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        path = f"{prefix}{name}"
        is_point = facts()["fields"].get(path, {}).get("type") == "geo_point"
        if path == _OWN:
            continue
        if isinstance(each, dict) and not is_point:
            yield from _flat(each, f"{path}.")
        else:
            yield path, each


def _faults_of(name: str, value: Any, described: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, list) != described.get("array", False):
        yield f"{name} is {'not ' * described.get('array', False)}a list"
        return
    for each in value if isinstance(value, list) else [value]:
        if not _is_of(each, described["type"]):
            yield f"{name} is no {described['type']}: {each!r}"
        elif "allowed" in described and each not in described["allowed"]:
            yield f"{name} may not be {each!r}"


def _is_of(value: Any, type: str) -> bool:
    match type:
        case "keyword" | "match_only_text" | "wildcard":
            return isinstance(value, str) and bool(value)
        case "long":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        case "geo_point":
            return (
                set(value) == {"lat", "lon"}
                and abs(value["lat"]) <= 90
                and (abs(value["lon"]) <= 180)
            )
        case "ip":
            return bool(ip_address(value))
        case "date":
            return datetime.fromisoformat(value).tzinfo is not None
    raise AssertionError(type)
