"""Waiting out what keeps the audit log from being read, however long it lasts."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..._declare.operation import CallExecutor
from ...errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    RateLimitError,
)
from ...events import Interrupted, Resumed

T = TypeVar("T")

_LONGEST = 300.0  # seconds between two tries
_PASSING = frozenset({408, 409, 425, 429})  # beside those of 500 and above


async def until_read(
    read: Callable[[], Awaitable[T]],
    caller: CallExecutor,
    *,
    operation: str,
    poll: float,
    rng: random.Random,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Read, again and again with growing pauses, until that succeeds.

    Args:
        read: makes the requests; what it had read when one failed is read again.
        caller: sends the requests, sleeps, and tells its listener.
        operation: what the listener is told is interrupted.
        poll: seconds; the first pause is about as long, the longest five minutes or that.
        rng: the source of jitter.
        clock: monotonic seconds.

    Raises:
        APIError: one that does not pass by itself.
        ClientClosedError: the client was closed meanwhile.
    """
    announce = caller.announcer(operation)
    failures, began = 0, 0.0
    while True:
        try:
            found = await read()
        except APIError as error:
            caller.check_usable()  # closing it is what made the request fail
            if not can_pass(error):
                raise
            began = began if failures else clock()
            failures += 1
            delay = _pause(failures, poll, rng)
            announce(Interrupted, error=error, delay=delay, failures=failures)
        else:
            if failures:
                announce(Resumed, failures=failures, seconds=clock() - began)
            return found
        await caller.sleep(delay)


def can_pass(error: APIError) -> bool:
    """Whether an error may be gone after a while, with the same key, address and query.

    Where the API refuses the request itself (400, 401, 403, 404, …), it stays as it is, and so does
    what keeps every request from being sent, such as a certificate that is not trusted. What a
    gateway says in the API's place can pass: a page that cannot be read, a web page of any status,
    an error under a status 200. JSON that says that the address is not the API's stays.
    """
    if isinstance(error, RateLimitError) and not error.sent:
        return True
    if isinstance(error, APIStatusError) and error.status is not None:
        passes = error.status in _PASSING or error.status >= 500 or error.status < 300
        return passes or not (error.is_from_api or isinstance(error.body, dict))
    if isinstance(error, APIResponseValidationError):
        # An item that a strict reader refuses will be there again.
        return not error.place.startswith("$.data[")
    return not (isinstance(error, APIConnectionError) and error.is_lasting)


def _pause(failures: int, poll: float, rng: random.Random) -> float:
    """Seconds until the next try: doubled with each failure, and shortened by chance."""
    longest = max(_LONGEST, poll)
    return min(longest, poll * 2.0 ** min(failures, 32)) * rng.uniform(0.5, 1.0)
