"""Whether to retry, and after how long: pure decisions, no clock and no sleep.

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

from .._text.secrets import redact
from ..errors import InvalidInputError
from .rate_headers import LONGEST_HOLD

_FIRST_DELAY = 0.5
_CAP = 8.0
_CAP_RATE_LIMITED = 60.0
_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class FailureKind(enum.Enum):
    """How an attempt failed."""

    STATUS = "status"
    """The server answered with an error status."""
    NOT_SENT = "not sent"
    """The connection failed before the request left: the server did not act on it."""
    LOST = "lost"
    """The request may have arrived; no answer came, or none that can be read."""
    TIMED_OUT = "timed out"
    """As LOST, because time ran out."""


@attrs.frozen
class AttemptFailure:
    """How one attempt failed: with an error status, or without a usable answer.

    Attributes:
        kind: which of the two, and how it happened.
        message: what went wrong, without a full stop; empty where an answer came.
        cause: the exception that showed it, if one did.
        status: the answer's status; ``None`` without a usable answer.
        headers: the answer's headers, found by names in lower case.
        received: what had come of the answer to a change that was cut short.
        is_lasting: whether trying again cannot change it, as where a certificate is not trusted.
    """

    kind: FailureKind
    message: str = ""
    cause: BaseException | None = attrs.field(default=None, repr=False)
    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    received: bytes = attrs.field(default=b"", repr=False)
    is_lasting: bool = False

    @property
    def surely_had_no_effect(self) -> bool:
        """Whether it is certain that the server did not act on the request."""
        return self.kind is FailureKind.NOT_SENT or self.status == 429

    @property
    def outcome_is_unknown(self) -> bool:
        """Whether the server may have acted on the request without saying so."""
        # A status 2xx with an error in the body says both that it acted and that it did not.
        if self.status is None:
            return self.kind in (FailureKind.LOST, FailureKind.TIMED_OUT)
        return self.status >= 500 or self.status < 300

    def redacted(self, secret: str) -> AttemptFailure:
        """The same without a secret, such as the admin key that the server has echoed.

        An answer that is not HTTP is quoted in the error that says so.
        """
        failure, raw, shown = self, secret.encode(), redact(secret)
        if raw in failure.received:
            received = failure.received.replace(raw, shown.encode())
            failure = attrs.evolve(failure, received=received)
        if secret not in f"{failure.message} {failure.cause} {failure.cause!r}":
            return failure
        message = failure.message.replace(secret, shown)
        return attrs.evolve(failure, message=message, cause=None)


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
    failure: AttemptFailure,
    *,
    attempt: int,
    retries: int,
    repeatable: bool,
    time_left: float,
    rng: random.Random,
    now: datetime | None = None,
) -> float | None:
    """Seconds to wait before the next attempt, or ``None`` to stop.

    Args:
        failure: the attempt that just failed.
        attempt: how many attempts have been made, 1 after the first.
        retries: retries allowed after the first attempt.
        repeatable: whether the request may be sent twice without taking effect twice.
        time_left: seconds left for the whole call; a wait that would outlast it is not begun.
        rng: the source of jitter.
        now: the present, against which a ``Retry-After`` date is read; by default the answer's
            own ``Date``, else this machine's clock.
    """
    if attempt > retries or not _worth_retrying(failure, repeatable):
        return None
    asked = server_delay(failure.headers, now=now)
    if asked is not None:
        return asked if asked < time_left else None
    cap = _CAP_RATE_LIMITED if failure.status == 429 else _CAP
    delay = rng.uniform(0, min(cap, _FIRST_DELAY * 2 ** min(attempt - 1, 16)))
    return delay if delay < time_left else None


def _worth_retrying(failure: AttemptFailure, repeatable: bool) -> bool:
    """Whether another attempt can help and does no harm."""
    if failure.is_lasting:
        return False
    override = failure.headers.get("x-should-retry", "").strip().lower()
    if override == "false":
        return False
    if override == "true":
        # Even if the server asks for it, repeating a creation that may have happened is not safe.
        return repeatable or not failure.outcome_is_unknown
    if failure.kind is FailureKind.STATUS and failure.status not in _RETRIED_STATUSES:
        return False
    return repeatable or failure.surely_had_no_effect


def server_delay(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds the server asks to wait: ``retry-after-ms`` first, then ``Retry-After``.

    ``None`` when neither is there and readable. A negative wait or a date in the past is 0;
    more than a day is a day.
    """
    milliseconds = _finite(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = _finite(text)
    if seconds is not None:
        return _bounded(seconds)
    # The server's clock made the date, as it made its Date header; this machine's may be far off.
    return _until(text, now or _http_date(headers.get("date")))


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_HOLD)


def _finite(text: str | None) -> float | None:
    """The number in a header value; ``None`` for anything else, infinity and NaN included."""
    if text is None or not text.isascii() or "_" in text:  # Python's notation, not HTTP's
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _until(text: str | None, now: datetime | None) -> float | None:
    """Seconds until an HTTP date; ``None`` for text that is not one."""
    date = _http_date(text)
    if date is None:
        return None
    return _bounded((date - (now or datetime.now(UTC))).total_seconds())


def _http_date(text: str | None) -> datetime | None:
    """The moment that an HTTP date names; ``None`` for text that is not one."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
