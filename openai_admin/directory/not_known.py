"""What was asked for and is not known, since the API refused it or did not answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

import attrs

from .._wire.portable import Portable
from ..errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
)

T = TypeVar("T")

UNREAD = "not all of it could be read"
"""The reason of what came, but not wholly."""

_LONGEST = 300  # characters of the API's own words
_MOST = 3  # days or projects that are named; there may be hundreds


@attrs.frozen(kw_only=True)
class NotKnown(Portable):
    """A part of what was asked for that did not come; it is neither empty nor zero.

    Attributes:
        kind: what it is, in words: a listing, as ``keys of projects``, or a grouping, as ``costs by
            project``.
        reason: why: ``the key lacks `api.management.read```, the API's own words, or what else
            went wrong.
        status: the HTTP status of the refusal; ``None`` where there was no answer, or one that
            cannot be read.
        missing_scopes: the scopes that the API says the key lacks.
        project_id: the project that it is of, or the group or person, where its kind is theirs;
            ``None`` where it is not of one alone.
        endpoint: the usage endpoint that it is of; ``None`` likewise.
        window: the stretch of time that it is of; ``None`` where it is all that was asked for.
        after: how many items of a listing came before it; ``None`` where none did.
    """

    kind: str
    reason: str
    status: int | None = None
    missing_scopes: tuple[str, ...] = ()
    project_id: str | None = None
    endpoint: str | None = None
    window: str | None = None
    after: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of its kind is known."""
        return self.project_id is None and self.endpoint is None and self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether nothing came of the listing or table that it is of."""
        return self.window is None and self.after is None

    def what(self, names: Mapping[str, str]) -> str:
        """What it is: ``keys of projects (Data Platform)``."""
        what = _KINDS.get(self.kind, self.kind)
        if self.is_whole:
            what = _WHOLE.get(self.kind, what)
        if self.project_id is not None:
            what += f" ({names.get(self.project_id, self.project_id)})"
        if self.endpoint is not None:
            what += f" ({self.endpoint})"
        if self.window is not None:
            what += f" of {_DAYS.sub(_in_days, self.window)}"
        return what if self.after is None else f"{what} after the first {self.after:,}"


_DAYS = re.compile(r"^(\S+)T00:00:00Z to (\S+)T00:00:00Z$")


def _in_days(window: re.Match[str]) -> str:
    """A window of whole days by its first and its last."""
    first, end = (date.fromisoformat(day) for day in window.groups())
    last = end - timedelta(days=1)
    return f"{first}" if first == last else f"{first} to {last}"


_KINDS = {
    "costs by consumer": "costs by user and key",
    "costs to compare": "costs",
    "costs to compare by consumer": "costs by user and key",
    "costs to compare by team": "costs by team",
    "costs of the period": "costs",
    "costs to judge by": "costs",
}
_WHOLE = {
    "costs to compare": "costs of the year before",
    "costs to compare by consumer": "costs by user and key of the year before",
    "costs to compare by team": "costs by team of the year before",
}


def known(found: T | None) -> T:
    """A finding of a review, where it is known.

    ::

        spent = known(review.by_project).total.cost

    Raises:
        LookupError: it is not known.
    """
    if found is None:
        raise LookupError("That is not known; `Review.why_not_known` says why.")
    return found


def not_known(
    kind: str,
    error: Exception,
    *,
    project_id: str | None = None,
    endpoint: str | None = None,
    window: str | None = None,
    after: int | None = None,
) -> NotKnown:
    """A part that is not known because of an error."""
    scopes = error.missing_scopes if isinstance(error, APIStatusError) else ()
    return NotKnown(
        kind=kind,
        reason=_reason(error),
        status=error.status if isinstance(error, APIStatusError) else None,
        missing_scopes=scopes,
        project_id=project_id,
        endpoint=endpoint,
        window=window,
        after=after,
    )


def not_read(unread: Mapping[str, int]) -> Iterator[NotKnown]:
    """What came and could not be read, as parts that are not known.

    Args:
        unread: how much of each kind.
    """
    for kind, number in sorted(unread.items()):
        if number:
            yield NotKnown(kind=kind, reason=f"{number:,} of what came could not be read")


def _reason(error: Exception) -> str:
    if isinstance(error, APIStatusError):
        if error.missing_scopes:
            return f"the key lacks {' and '.join(f'`{s}`' for s in error.missing_scopes)}"
        if error.status is None:
            return _lowered(error.in_general()).rstrip(".")
        if not error.is_from_api:
            return f"{_lowered(_words(error))} (status {error.status})"
        return f"the API answered {error.status}, “{_words(error)}”{error.later}"
    if isinstance(error, APITimeoutError):
        return "the API did not answer in time"
    if isinstance(error, APIConnectionError):
        return "there was no answer"
    if isinstance(error, APIResponseValidationError):
        return f"the answer could not be read: {_words(error)}"
    return _words(error)


def _lowered(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _words(error: Exception) -> str:
    told = error.message if isinstance(error, APIError) else str(error)
    text = re.sub(r"\s+", " ", told).strip().rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def told(
    parts: Iterable[NotKnown], names: Mapping[str, str], *, most: int | None = _MOST
) -> tuple[str, ...]:
    """Parts with their reasons: ``people and projects: the key lacks …``; each reason once.

    Args:
        parts: what is not known.
        names: names by id.
        most: how many parts are named for a reason; all where it is ``None``.
    """
    by_reason: dict[str, list[str]] = {}
    for part in parts:
        by_reason.setdefault(part.reason, []).append(part.what(names))
    return tuple(
        f"{_listed(list(dict.fromkeys(what)), most)}: {why}" for why, what in by_reason.items()
    )


def not_checked(parts: Sequence[NotKnown], names: Mapping[str, str]) -> str:
    """What stands where a figure would stand: ``not checked: the key lacks … (people)``."""
    by_reason: dict[str, list[str]] = {}
    for part in parts:
        by_reason.setdefault(part.reason, []).append(part.what(names))
    reasons = (f"{why} ({_listed(list(dict.fromkeys(what)))})" for why, what in by_reason.items())
    return f"not checked: {'; '.join(reasons)}"


def not_looked_at(parts: Sequence[NotKnown], names: Mapping[str, str]) -> str:
    """What a figure leaves out: ``not looked at: keys of projects (Data Platform): …``."""
    return f"not looked at: {'; '.join(told(parts, names))}"


def sentence(text: str) -> str:
    """A text as a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _listed(parts: list[str], most: int | None = _MOST) -> str:
    if most is not None and (rest := len(parts) - most) > 1:
        return f"{', '.join(parts[:most])} and {rest} more"
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
