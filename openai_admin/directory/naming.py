"""What a thing of the organization is called, from its wire form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NAMES = ("email", "name", "role_name")
_IDS = ("id", "model", "user_id", "group_id")


def name_of(thing: Mapping[str, Any]) -> str | None:
    """What a person knows a thing by: its e-mail address or its name, else those of what is in it.

    An event of the audit log is known by what happened.
    """
    if "effective_at" in thing:
        return _text(thing, "type")
    return _nearest(thing, _NAMES)


def id_of(thing: Mapping[str, Any]) -> str | None:
    """A thing's own id, or what takes the place of one."""
    return next((text for key in _IDS if (text := _text(thing, key))), None)


def label_of(thing: Mapping[str, Any]) -> str | None:
    """The best there is to show of a thing: its name, an id in it, or else its type."""
    found = name_of(thing) or _nearest(thing, _IDS)
    return found or (None if _parts(thing) else _text(thing, "type"))


def _nearest(thing: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    """The first text under one of the keys, of the thing itself before those of what is in it."""
    level = [thing]
    while level:
        for key in keys:
            for each in level:
                if text := _text(each, key):
                    return text
        level = [part for each in level for part in _parts(each)]
    return None


def _parts(thing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [value for value in thing.values() if isinstance(value, Mapping)]


def _text(thing: Mapping[str, Any], key: str) -> str | None:
    value = thing.get(key)
    return value if isinstance(value, str) and value else None
