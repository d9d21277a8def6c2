"""Whether to try again, and after how long: pure decisions, no clock and no sleep.

Sources of the rules: the HTTP semantics of RFC 9110 (``Retry-After``, idempotent methods), the
official client (``retry-after-ms``, ``x-should-retry``, the retried statuses) and the full
jitter of the AWS architecture blog.
"""

from __future__ import annotations

import enum
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import attrs

from ..errors import InvalidInputError

_FIRST_DELAY = 0.5
_CAP = 8.0
_CAP_RATE_LIMITED = 60.0
_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class Trouble(enum.Enum):
    """How an attempt failed without a usable answer."""

    NOT_SENT = "not sent"
    """The connection failed before the request left: the server surely did not act."""
    LOST = "lost"
    """The request may have arrived; its answer did not, or not whole."""
    TIMED_OUT = "timed out"
    """As LOST, because time ran out."""


@attrs.frozen
class Failure:
    """One failed attempt: a status with its headers, or a trouble."""

    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    trouble: Trouble | None = None

    @property
    def surely_had_no_effect(self) -> bool:
        """True when the server did not act on the request."""
        return self.trouble is Trouble.NOT_SENT or self.status == 429


@attrs.frozen
class RetryPolicy:
    """How many times an operation may be tried.

    Args:
        max_retries: retries after the first attempt, whatever the operation; by default 4 for
            reads, 2 for changes.
    """

    max_retries: int | None = attrs.field(default=None)

    @max_retries.validator
    def _check(self, _: object, value: int | None) -> None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise InvalidInputError("max_retries must be a whole number, 0 or more.")
        if value is not None and value < 0:
            raise InvalidInputError(f"max_retries must be 0 or more, not {value}.")

    def retries(self, *, reads: bool) -> int:
        """Retries allowed after the first attempt."""
        if self.max_retries is not None:
            return self.max_retries
        return 4 if reads else 2


def delay_before_retry(
    failure: Failure,
    *,
    attempt: int,
    retries: int,
    repeatable: bool,
    time_left: float,
    rng: random.Random,
    now: datetime | None = None,
) -> float | None:
    """Seconds to wait before the next attempt, or ``None`` to give up.

    Args:
        failure: the attempt that just failed.
        attempt: how many attempts have been made, 1 after the first.
        retries: retries allowed after the first attempt.
        repeatable: whether the request may be sent twice without doing two things.
        time_left: seconds left for the whole call; a wait that would outlast it gives up.
        rng: the source of jitter.
        now: the present, against which a ``Retry-After`` date is read; by default the answer's
            own ``Date``, else this machine's clock.
    """
    if attempt > retries or not _worth_retrying(failure, repeatable):
        return None
    told = server_delay(failure.headers, now=now)
    if told is not None:
        return told if told < time_left else None
    cap = _CAP_RATE_LIMITED if failure.status == 429 else _CAP
    delay = rng.uniform(0, min(cap, _FIRST_DELAY * 2 ** min(attempt - 1, 16)))
    return delay if delay < time_left else None


def _worth_retrying(failure: Failure, repeatable: bool) -> bool:
    """Whether another try can help and does no harm."""
    override = failure.headers.get("x-should-retry", "").strip().lower()
    if override == "false":
        return False
    if override == "true":
        # Even the server's word does not make a creation that may have happened harmless.
        return repeatable or failure.surely_had_no_effect or (failure.status or 500) < 500
    if failure.trouble is None and failure.status not in _RETRIED_STATUSES:
        return False
    return repeatable or failure.surely_had_no_effect


def server_delay(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds the server asks to wait: ``retry-after-ms`` first, then ``Retry-After``.

    ``None`` when neither is there or readable. A negative wait or a date that is past is 0.
    """
    milliseconds = _finite(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = _finite(text)
    if seconds is not None:
        return max(0.0, seconds)
    # The date is one of the server's clock, as its Date header is; ours may be far from it.
    return _until(text, now or _http_date(headers.get("date")))


def _finite(text: str | None) -> float | None:
    """The number in a header value; ``None`` for none, inf and nan."""
    if text is None or not text.isascii() or "_" in text:  # Python's notation, not HTTP's
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _until(text: str | None, now: datetime | None) -> float | None:
    """Seconds until an HTTP date; ``None`` when it is none."""
    date = _http_date(text)
    if date is None:
        return None
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _http_date(text: str | None) -> datetime | None:
    """The moment that an HTTP date names; ``None`` when it is none."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
