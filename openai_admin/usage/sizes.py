"""How many buckets fit in an answer: by their bytes, as the answers that came tell them."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any

from .._declare.operation import CallExecutor
from .._transport.aside import Aside
from .._transport.lengths import Lengths, Portions
from .._transport.session import Caller
from ..errors import ResponseTooLongError

_BUCKET = b'"start_time"'  # which every bucket has, and no row
_OVER = 1.5  # so many times what is meant fits as well, if that saves a request
_MANY = "buckets of it have"
_LENGTH = attrgetter("length")
_TOO_LONG = 2  # with so many times what is meant, asking again takes less than reading on


class BucketSizes:
    """What the buckets of one endpoint have in bytes, by what they are grouped by.

    Args:
        lengths: what the client has learned.
        kind: the endpoint, the width and the filters.
        share: which part of the length that the client means an answer to have one of these has.
    """

    def __init__(self, lengths: Lengths, kind: Hashable, *, share: int = 1) -> None:
        self._lengths = lengths
        self._kind = kind
        self._target = max(1, lengths.target // share)

    def fit(self, groups: Sequence[str], buckets: int) -> int:
        """How many of some buckets to ask for at once, so that the answers are alike."""
        expected = self.expected(groups, buckets)
        if expected <= _OVER * self._target:
            return buckets
        return -(-buckets // math.ceil(expected / self._target))

    def expected(self, groups: Sequence[str], buckets: int) -> float:
        """The bytes that some buckets will have; 0 while that is not known."""
        return buckets * (self._lengths.part(self._of(groups)) or 0.0)

    def portions(
        self, buckets: int, admit: Callable[[float], Awaitable[None]] | None
    ) -> Portions | None:
        """What makes an answer with so many buckets too long; nothing where it has but one.

        Args:
            buckets: how many it has.
            admit: see `Portions`.
        """
        if buckets < 2:
            return None
        return Portions(_BUCKET, buckets, _TOO_LONG * self._target, admit)

    def came(self, groups: Sequence[str], buckets: int, length: int) -> None:
        """Learn from an answer."""
        self._lengths.learn(self._of(groups), length / max(1, buckets))

    def was_too_long(
        self, groups: Sequence[str], buckets: int, error: ResponseTooLongError
    ) -> None:
        """Learn from an answer that was given up."""
        part = error.length / buckets if error.part is None else error.part
        self._lengths.learn(self._of(groups), part)

    def _of(self, groups: Sequence[str]) -> Hashable:
        return self._kind, frozenset(groups)


def sizes_of(
    caller: CallExecutor, endpoint: str, width: str, filters: Any = (), *, share: int = 1
) -> BucketSizes:
    """The sizes of an endpoint's buckets, as a client has learned them.

    Args:
        caller: makes the client's calls.
        endpoint: the endpoint's name.
        width: the width of the buckets.
        filters: what narrows the query.
        share: which part of the length that the client means an answer to have one of these has.
    """
    return BucketSizes(lengths_of(caller), (endpoint, width, repr(filters)), share=share)


def lengths_of(caller: CallExecutor) -> Lengths:
    """What a client has learned of the lengths of answers."""
    return caller.session.lengths if isinstance(caller, Caller) else Lengths()


def aside_of(caller: CallExecutor) -> Aside:
    """Where a client works on large answers."""
    return caller.session.aside if isinstance(caller, Caller) else Aside()


def asking(caller: CallExecutor, *, retry: bool, portions: Portions | None) -> CallExecutor:
    """What sends one query of a window.

    Args:
        caller: makes the client's calls.
        retry: whether a failure is tried again.
        portions: what makes the answer too long.
    """
    if not isinstance(caller, Caller):  # all others never try again
        return caller
    return caller.with_options(max_retries=None if retry else 0, portions=portions)


def buckets_too_long(errors: Sequence[ResponseTooLongError]) -> ResponseTooLongError:
    """The error of single buckets each of which is longer than any answer may be.

    Args:
        errors: those of the buckets, or of several of them.
    """
    longest = max(errors, key=_LENGTH)
    many = len(errors) > 1 or _MANY in longest.message
    limit, length = f"{longest.limit:,} bytes", f"{longest.length:,}"
    what, each = (_MANY, " each") if many else ("a bucket of it has", "")
    most = "the most that is accepted of an answer"
    up_to = "up to " if many else ""
    if all(error.is_exact for error in errors):
        told = f"{what} {up_to}{length} bytes{each}, more than {limit}, {most}"
        enough = f"at least {length}"
    else:
        told = f"{what} more than {limit}{each}, {most} (reading stopped at {up_to}{length})"
        enough = "more"
    found = ResponseTooLongError(
        f"{told}; set max_response_bytes to {enough}, or group by fewer fields.",
        length=longest.length,
        limit=longest.limit,
        part=longest.length,
        status=longest.status,
        is_exact=longest.is_exact,
    )
    found.__cause__ = longest.__cause__ or longest
    return found.placed_as(longest)
