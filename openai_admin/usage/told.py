"""What is told beside a table: what is missing, what was changed, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from .._wire.models import Unreadable
from .._wire.portable import Portable
from ..errors import APIError
from .plan import Window

_NAMED = 3  # endpoints that a sentence names before it counts


def reason(error: Exception) -> str:
    """Why something is missing, without the request that it came of and without a full stop."""
    told = error.in_general() if isinstance(error, APIError) else str(error)
    return told.rstrip(". ")


@attrs.frozen
class MissingWindow(Portable):
    """A window that could not be fetched.

    Attributes:
        endpoint: whose.
        window: which.
        error: why.
    """

    endpoint: str
    window: Window
    error: Exception = attrs.field(eq=reason)

    def __str__(self) -> str:
        return f"{self.endpoint} from {self.window}: {self.error}"


@attrs.frozen
class Adaptation(Portable):
    """How a query was changed where the API refused it as it was.

    Attributes:
        endpoint: whose.
        what: ``"start"``: it begins later; ``"grouping"``: a field was left out; ``"width"``: its
            windows are narrower, which changes nothing about the result.
        change: what was changed, as words that follow the endpoint and are followed by the field.
        reason: why, in the API's words: the end of the sentence.
        missing: the stretch before a later start; it is in the table's `missing` as well.
        field: the field that was left out.
        words: the API's reason, as it gave it.
        until: the moment from which on the field is grouped by; ``None`` where it never is.
    """

    endpoint: str
    what: Literal["start", "grouping", "width"]
    change: str
    reason: str
    missing: MissingWindow | None = None
    field: str | None = None
    words: str = ""
    until: datetime | None = None

    @property
    def sentence(self) -> str:
        """What was changed, and the API's reason."""
        field = f" {self.field}" if self.field else ""
        return f"{subject([self.endpoint])} {self.change}{field}{self.reason}"

    @property
    def loses(self) -> bool:
        """Whether days or a field are lost by it."""
        return self.what != "width"

    def __str__(self) -> str:
        return self.sentence


def subject(endpoints: Sequence[str], *, capital: bool = True) -> str:
    """Endpoints as a sentence's subject: ``Audio speeches, embeddings and 9 more``."""
    names = [endpoint.replace("_", " ") for endpoint in endpoints]
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more"]
    text = listed(names)
    return text[0].upper() + text[1:] if capital else text


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: ``user_id, api_key_id and api_source``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


@attrs.frozen
class UnreadableUsage(Portable):
    """A bucket, a row or a field of usage that could not be read.

    Attributes:
        endpoint: whose.
        window: the bucket that it is of, or where that could not be read, the window that it came
            with.
        part: what it is; the row of a field that could not be read is in the table, with ``None``
            for that field.
    """

    endpoint: str
    window: Window
    part: Unreadable

    def __str__(self) -> str:
        return f"{self.endpoint} from {self.window}: {self.part}"
