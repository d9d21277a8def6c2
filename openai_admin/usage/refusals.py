"""What a refusal of a usage query says is wrong with the query: pure reading of errors."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from ..errors import APIError, APIStatusError, APITimeoutError

DAY = 86_400
LOOKBACK_DAYS = 365
"""Whole days before today that the API answers for at most ("available for the past year")."""
API_KEY_COSTS_SINCE = 1_764_979_200
"""2025-12-06, Unix seconds: the first day whose costs the API groups by key (langwatch#7586)."""

_TOO_WIDE = frozenset({500, 504})
_PAST = re.compile(
    r"look-?back|too far back|too old|start[ _](time|date)|(past|last) (\d+ )?(day|month|year)",
    re.IGNORECASE,
)
_GROUPS = re.compile(r"group", re.IGNORECASE)
_ALLOWED = re.compile(
    r"(supported|allowed|valid|permitted|possible) (value|field|dimension|grouping)s?\b"
    r"|must be (one|any) of|\bone of\b|\bexpected\b",
    re.IGNORECASE,
)
_FROM = (
    r"(?:earliest|oldest|on or after|not before|no earlier than|since|from|starting|after|>=)"
    r"[^.;\d]{0,40}?"
)
_DATE = re.compile(_FROM + r"\b(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_MOMENT = re.compile(_FROM + r"\b(\d{10})\b", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:past|last|previous|within|up to|most recent|limited to|of|exceeds?)\s+"
    r"(?:the (?:past|last) )?(?:(\d{1,4})[ -])?(day|month|year)s?\b",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "month": 30, "year": 365}


class Refusal(enum.Enum):
    """What about a query the API does not take."""

    START = "start"
    """It begins too far back."""
    GROUPING = "grouping"
    """It groups by a field that the API does not group by, then or at all."""
    WIDTH = "width"
    """It may be too wide: the server failed, or did not answer in time."""
    FINAL = "final"
    """Nothing that another query of the same would mend."""


def refusal_of(error: APIError, groups: Collection[str]) -> Refusal:
    """What an error says about the query.

    Args:
        error: what the query got.
        groups: the fields that it grouped by.
    """
    if isinstance(error, APITimeoutError):
        return Refusal.WIDTH
    if not isinstance(error, APIStatusError) or not error.is_from_api:
        return Refusal.FINAL
    if error.status in _TOO_WIDE:
        return Refusal.WIDTH
    if error.status not in (400, 422):
        return Refusal.FINAL
    param = (error.param or "").partition("[")[0]
    if error.code == "reporting_lookback_exceeded" or param == "start_time":
        return Refusal.START
    if param:
        named = param in groups or param == "group_by"
        return Refusal.GROUPING if groups and named else Refusal.FINAL
    if "archived" in f"{error.code} {error.message}":
        return Refusal.FINAL
    told = _GROUPS.search(error.message) or _named(error.message, groups)
    if groups and (told or error.code == "invalid_value"):
        return Refusal.GROUPING
    return Refusal.START if _PAST.search(error.message) else Refusal.FINAL


def refused_fields(error: APIError, groups: Sequence[str]) -> list[str]:
    """The grouping fields that an error names as refused, in their order; none if it is vague.

    A message may name those that are allowed instead: then it is the others.
    """
    param = error.param if isinstance(error, APIStatusError) else None
    if param is not None and param in groups:
        return [param]
    parts = _ALLOWED.split(error.message, maxsplit=1)
    before, allowed = _named(parts[0], groups), _named(parts[-1], groups) if parts[1:] else []
    return before or ([g for g in groups if g not in allowed] if allowed else [])


def _named(text: str, groups: Collection[str]) -> list[str]:
    return [g for g in groups if re.search(rf"(?<![a-z_]){g}(?![a-z_])", text)]


def told_since(message: str, *, now: int | None = None) -> int | None:
    """The first day that a message says it answers for, in Unix seconds; ``None`` if it does not.

    Args:
        message: the API's words.
        now: the present, for a message that says how many days back it goes; else those are
            passed over.
    """
    if (date := _DATE.search(message)) is not None:
        try:
            return int(datetime.fromisoformat(date[1]).replace(tzinfo=UTC).timestamp())
        except ValueError:
            return None
    if (moment := _MOMENT.search(message)) is not None:
        return -(-int(moment[1]) // DAY) * DAY
    if now is not None and (span := _SPAN.search(message)) is not None:
        return (now // DAY - int(span[1] or 1) * _DAYS[span[2].lower()]) * DAY
    return None
