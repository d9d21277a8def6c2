"""What a refusal of a usage query says is wrong with the query: pure reading of errors."""

from __future__ import annotations

import calendar
import enum
import re
from collections.abc import Collection
from datetime import UTC, datetime

from ..errors import APIError, APIStatusError, APITimeoutError, ResponseTooLongError

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
    r"\b(supported|allowed|valid|permitted|possible) (value|field|dimension|grouping)s?\b"
    r"|must be (one|any) of|\bone of\b|\bexpected\b|\bonly\b|can be grouped by|supports?\b",
    re.IGNORECASE,
)
_ALLOWED_BEFORE = re.compile(
    r"\b(are (all )?(the )?(only )?(ones? )?(supported|allowed|valid|permitted|available)"
    r"|is the only)\b"
    r"(?!\s+(from|since|after|as of|starting|when|if|only|with|for|until|on)\b)",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|no|except|but|without|cannot|unsupported|invalid)\b", re.IGNORECASE)
_WIDE = re.compile(
    r"\b(range|span|interval|period|window|difference|between)\b.*?"
    r"(exceed|at most|no more than|longer|maximum|limited to|too (long|wide|large|big))"
    r"|(maximum|max\.?|longest|largest) (time )?(range|span|interval|period|window)"
    r"|\bat (once|a time)\b|(per|(in )?(one|a single)) (request|query)",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"look-?back|\bpast\b|\blast\b|\bback\b|\bago\b|\bold\b|earl|histor|retention", re.IGNORECASE
)
_LENGTH = re.compile(r"(\d{1,4})[ -](minute|hour|day|week)s?\b", re.IGNORECASE)
_SECONDS = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
_IN_TIME = re.compile(
    r"\b(before|since|until|range|period|window|yet|date|days?|months?|history)\b|earl|time|\bold",
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
_MONTHS = {"month": 1, "year": 12}


class Refusal(enum.Enum):
    """What about a query the API does not take."""

    START = "start"
    """It begins too far back."""
    GROUPING = "grouping"
    """It groups by a field that the API does not group by, then or at all."""
    WIDTH = "width"
    """It may be too wide: the API says so, the server failed, or did not answer in time, or the
    answer is too long."""
    FINAL = "final"
    """Nothing that another query of the same would mend."""


def refusal_of(error: APIError, groups: Collection[str], *, is_bucket: bool = False) -> Refusal:
    """What an error says about the query.

    Args:
        error: what the query got.
        groups: the fields that it grouped by.
        is_bucket: whether it was for one bucket, which is never too wide.
    """
    if isinstance(error, APITimeoutError | ResponseTooLongError):
        return Refusal.WIDTH
    if not isinstance(error, APIStatusError) or not error.is_from_api:
        return Refusal.FINAL
    if error.status in _TOO_WIDE:
        return Refusal.WIDTH
    if error.status not in (400, 422):
        return Refusal.FINAL
    param = (error.param or "").partition("[")[0]
    if _says_wide(error.message) and param not in ("group_by", *groups):
        return Refusal.START if is_bucket else Refusal.WIDTH
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
    if _PAST.search(error.message):
        return Refusal.START
    return Refusal.GROUPING if groups and says_nothing(error, groups) else Refusal.FINAL


def says_nothing(error: APIError, groups: Collection[str]) -> bool:
    """Whether a refusal does not say what it is about: only asking again tells."""
    if not isinstance(error, APIStatusError) or error.param or error.code:
        return False
    return not (_GROUPS.search(error.message) or _named(error.message, groups))


def named_fields(error: APIError, groups: Collection[str]) -> list[str]:
    """The grouping fields that an error names, for whatever reason, in their order."""
    param = error.param if isinstance(error, APIStatusError) else None
    if param is not None and param in groups:
        return [param]
    return _named(error.message, groups)


def allowed_fields(error: APIError, groups: Collection[str]) -> list[str]:
    """The grouping fields that an error lists as those that are allowed, in their order.

    Empty if it lists none, names a refused one before them, says from when on they are answered,
    or allows all.
    """
    message = error.message
    if named_fields(error, groups) != _named(message, groups) or told_since(message) is not None:
        return []
    if (listed := _ALLOWED_BEFORE.search(message)) is not None:
        clause = re.split(r"[.:;]\s", message[: listed.start()])[-1]
        allowed = [] if _DENIED.search(clause) else _named(clause, groups)
    else:
        before, *after = _parts(message)
        clause = _DENIED.split(after[0])[0] if after else ""
        allowed = [] if _named(before, groups) else _named(clause, groups)
    return allowed if len(allowed) < len(groups) else []


def refused_fields(error: APIError, groups: Collection[str]) -> list[str]:
    """The grouping fields that an error names as refused, in their order; none if it is vague."""
    named = named_fields(error, groups)
    before = _named(_parts(error.message)[0], groups)
    return [field for field in named if field in before] or named


def depends_on_time(message: str) -> bool:
    """Whether a message may say that something is refused of some times only."""
    return _IN_TIME.search(message) is not None


def told_width(error: APIError) -> int | None:
    """The seconds that an error says a query may be wide at most; ``None`` if it does not."""
    if not isinstance(error, APIStatusError) or error.status in _TOO_WIDE:
        return None
    length = _LENGTH.search(error.message) if _says_wide(error.message) else None
    return None if length is None else int(length[1]) * _SECONDS[length[2].lower()]


def _says_wide(message: str) -> bool:
    return _WIDE.search(message) is not None and _BACK.search(message) is None


def _parts(message: str) -> list[str]:
    """What a message says before and after it comes to what is allowed, if it does."""
    found = _ALLOWED.search(message)
    return [message] if found is None else [message[: found.start()], message[found.end() :]]


def _named(text: str, groups: Collection[str]) -> list[str]:
    return [g for g in groups if re.search(rf"(?<![a-z_]){g}(?![a-z_])", text)]


def told_since(message: str, *, now: int | None = None) -> int | None:
    """The first day that a message says it answers for, in Unix seconds; ``None`` if it does not.

    Args:
        message: the API's words.
        now: the present, for a message that says how far back it goes, in calendar months and
            years; else those are passed over.
    """
    if (date := _DATE.search(message)) is not None:
        try:
            return int(datetime.fromisoformat(date[1]).replace(tzinfo=UTC).timestamp())
        except ValueError:
            return None
    if (moment := _MOMENT.search(message)) is not None:
        return -(-int(moment[1]) // DAY) * DAY
    if now is not None and (span := _SPAN.search(message)) is not None:
        return _back(now, int(span[1] or 1), span[2].lower())
    return None


def _back(now: int, count: int, unit: str) -> int | None:
    """The day that lies so many days, months or years before today, in Unix seconds."""
    if unit == "day":
        return (now // DAY - count) * DAY
    today = datetime.fromtimestamp(now, UTC)
    year, month = divmod(today.year * 12 + today.month - 1 - count * _MONTHS[unit], 12)
    if year < 1970:
        return None
    day = min(today.day, calendar.monthrange(year, month + 1)[1])
    return int(datetime(year, month + 1, day, tzinfo=UTC).timestamp())
