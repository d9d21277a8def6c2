"""What payloads of many shapes say alike: whom, what, which role, and where that belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .event import AuditEvent
from .kinds import Area, EventKind

Taken = set[str]
"""The keys of a payload whose values a mapping has a field for."""


def text(value: Mapping[str, Any], *keys: str, taken: Taken | None = None) -> str | None:
    """The first of the keys' values that is a text."""
    for key in keys:
        found = value.get(key)
        if isinstance(found, str) and found:
            if taken is not None:
                taken.add(key)
            return found
    return None


WHOM: Mapping[Area, tuple[str, ...]] = {
    "account": ("user_id", "principal_id", "id"),
    "authentication": ("user_id", "principal_id"),
    "user_access": ("principal_id", "user_id"),
}
"""The keys of payloads that say whom an event is about, the surest first."""


def principal_of(details: Mapping[str, Any]) -> str | None:
    """What kind of holder a role has: ``user``, ``service_account``, ``group``, however written;
    ``other`` for a word that is none of these, ``None`` without a word.
    """
    word = text(details, "principal_type")
    if word is None:
        return None
    plain = word.casefold().replace("_", "").replace("-", "").replace(" ", "")
    kinds = {"user": "user", "serviceaccount": "service_account"}
    return "group" if plain.endswith("group") else kinds.get(plain, "other")


def take_requested(event: AuditEvent, taken: Taken) -> None:
    """Say that a mapping has a field for all that was asked for."""
    taken.add("data" if event.details.get("data") is event.requested else "changes_requested")


def texts(value: Any) -> list[str]:
    """The texts of a list; none of a list of anything else."""
    whole = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if whole else []


def only_one(details: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one thing that a payload of several names."""
    for key in ("certificates", "configs"):
        several = details.get(key)
        if isinstance(several, list) and len(several) == 1 and isinstance(several[0], dict):
            return several[0]
    return None


def changed_members(event: AuditEvent) -> list[str]:
    """The people whose membership of a group was changed, where a change of the group says so."""
    requested = event.requested
    return texts(requested.get("users_added")) + texts(requested.get("users_removed"))


def place_of(event: AuditEvent, kind: EventKind) -> tuple[Area, str]:
    """Where an event belongs, and what was done: the kind's, or what the payload says better.

    A role of a group is the group's, and a change of a group may be one of its members.
    """
    if kind.area == "user_access" and principal_of(event.details) == "group":
        return "group", kind.verb
    if kind.noun == "group" and kind.action == "update" and len(event.requested) == 1:
        for key, verb in (("users_added", "added"), ("users_removed", "removed")):
            if texts(event.requested.get(key)):
                return "group", verb
    return kind.area, kind.verb
