"""A usage query that nothing answered: an error, where a query that lacks parts is none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..errors import APIError, APIStatusError, AuthenticationError, UsageWindowError
from ..usage.fetch import window_error
from ..usage.telling import told_missing
from ..usage.told import MissingWindow
from .errors import CommandError


def end_unanswered(missing: Sequence[MissingWindow], *, allowed: bool) -> None:
    """End a query of which no bucket came, unless it was answered by there being none.

    Args:
        missing: what could not be fetched.
        allowed: whether all of it may be refused; but the key must be right, and the API reached.

    Raises:
        APIError: nothing of the one endpoint asked for could be fetched.
        CommandError: nothing of several endpoints could be fetched.
        InvalidInputError: the amounts that came cannot be shared out over days of a time zone.
    """
    errors = [each.error for each in missing]
    if not missing or any(isinstance(error, UsageWindowError) for error in errors):
        return
    if allowed and any(map(_is_refusal, errors)):
        return
    first, last = missing[0], missing[-1]
    if not isinstance(first.error, APIError):
        raise first.error
    if first.endpoint != last.endpoint:
        parts = "; ".join(told_missing(missing))
        raise CommandError(f"Nothing could be fetched: {parts}.", code=1)
    whole = attrs.evolve(first.window, end=last.window.end)
    raise window_error(first.endpoint, whole, first.error) from first.error


def _is_refusal(error: Exception) -> bool:
    """Whether the API itself gave this answer, to a key that it knows."""
    is_status = isinstance(error, APIStatusError) and error.is_from_api
    return is_status and not isinstance(error, AuthenticationError)
