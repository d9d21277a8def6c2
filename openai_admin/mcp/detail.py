"""Listings in short: what a person asks for of each item, and what is left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declare.arguments import one_of, shown, suggest
from .._wire.fields import KIND
from ..errors import InvalidInputError
from .texts import counted
from .tool import Argument

DETAIL = "detail"
CONCISE, DETAILED = "concise", "detailed"
_CHOICES = (CONCISE, DETAILED)

DETAIL_ARGUMENT = Argument(
    name=DETAIL,
    passed_as=DETAIL,
    required=False,
    schema={
        "type": "string",
        "enum": list(_CHOICES),
        "description": "concise, the default: what is usually asked for, up to 8 kB; detailed:"
        " every field, up to 40 kB.",
    },
)
"""How much a listing tells of each item."""

_DETAILS = frozenset(
    (
        *(KIND, "first_id", "picture", "developer_persona", "technical_level", "created"),
        *("is_default", "is_scale_tier_authorized_purchaser", "is_scim_managed", "group_type"),
        *("ja3", "ja4", "user_agent", "ip_address_details"),
        *("predefined_role", "resource_type", "assignment_sources", "metadata"),
        *("created_by", "created_by_user_obj", "residency", "external_key_id"),
    )
)
"""Fields that are seldom asked for."""
_MOST_LISTED = 10  # entries of a list within an item


def take_detail(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """A call's other arguments, and whether all of each item is asked for.

    Raises:
        InvalidInputError: `detail` is none of its values.
    """
    others = dict(arguments)
    detail = others.pop(DETAIL, CONCISE)
    if detail not in _CHOICES:
        raise InvalidInputError(
            f"{DETAIL} must be {one_of(_CHOICES)}, not {shown(detail)}"
            f"{suggest(detail, _CHOICES) if isinstance(detail, str) else '.'}"
        )
    return others, detail == DETAILED


def shortened(page: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A page of a list without the details of its items, and what was left out, a sentence each."""
    short = _Shortening()
    made = {
        name: [short.of(item) for item in value] if name == "data" else value
        for name, value in page.items()
        if name not in _DETAILS and (name != "last_id" or page["has_more"])
    }
    return made, short.notes()


class _Shortening:
    """Shortens items, and knows what it left out."""

    def __init__(self) -> None:
        self._fields: dict[str, None] = {}
        self._entries: dict[str, int] = {}

    def of(self, value: Any, name: str = "") -> Any:
        """A value without details."""
        if isinstance(value, Mapping):
            self._fields |= dict.fromkeys(value.keys() & _DETAILS)
            kept = {key: each for key, each in value.items() if key not in _DETAILS}
            shorter = {key: self.of(_plainer(each, kept), key) for key, each in kept.items()}
            return {key: each for key, each in shorter.items() if each != {}}
        if isinstance(value, list):
            if (left := len(value) - _MOST_LISTED) > 0:
                self._entries[name] = self._entries.get(name, 0) + left
            return [self.of(each, name) for each in value[:_MOST_LISTED]]
        return value

    def notes(self) -> list[str]:
        how = f"{DETAIL}: {DETAILED} has them."
        told = [
            f"{counted(count, 'entry', 'entries')} of {name} left out; {how}"
            for name, count in self._entries.items()
        ]
        if fields := sorted(self._fields.keys() - {KIND}):
            told.append(f"Left out of each item: {', '.join(fields)}; {how}")
        return told


def _plainer(value: Any, around: Mapping[str, Any]) -> Any:
    """An object within another, without what is null in it or stands around it already.

    Its id stays, without which it would not be what the output schema says.
    """
    if not isinstance(value, Mapping):
        return value
    is_same = value.get("id") is not None and value.get("id") == around.get("id")
    return {
        key: each
        for key, each in value.items()
        if each is not None and (key == "id" or not (is_same and around.get(key) == each))
    }
