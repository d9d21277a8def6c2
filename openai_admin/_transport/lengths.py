"""How long answers are: what is accepted of one, and what the parts of those that came have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence

import attrs

from ..errors import ResponseTooLongError

DEFAULT_MAX_RESPONSE_BYTES = 256 * 2**20
"""The longest answer that is taken, unpacked: many times the largest page of usage."""

DEFAULT_TARGET_RESPONSE_BYTES = 16 * 2**20
"""How long an answer is meant to be at most that can be asked for in parts."""

_LOOKS = 32  # so often is an answer looked at, at most, that may be too long
_MOST_KINDS = 256


@attrs.frozen
class Portions:
    """What is known of an answer before it comes: it has so many parts, and may be given up.

    Attributes:
        mark: what begins in each part, once.
        count: how many parts it has.
        most: the bytes beyond which it is of no use.
        admit: awaited once with the bytes that it will have, if they are many, before the rest is
            read. Of equal reads that share an answer, one makes room for it.
    """

    mark: bytes
    count: int
    most: int
    admit: Callable[[float], Awaitable[None]] | None = attrs.field(default=None, eq=False)


class Look:
    """An answer that is looked at from time to time while it comes.

    What was looked at is not looked at again, so that no look takes more than a few milliseconds.

    Args:
        portions: what is known of it.

    Attributes:
        at: after how many bytes it is looked at next.
    """

    def __init__(self, portions: Portions) -> None:
        self._portions = portions
        self._admit = portions.admit
        self._every = max(1, portions.most // _LOOKS)
        self.at = self._every
        self._seen = 0  # pieces
        self._tail = b""  # of them, as a mark may be in two
        self._begun = 0
        self._last = 0  # where the last mark is

    async def check(self, pieces: Sequence[bytes], length: int) -> None:
        """Look at what was read of it, and wait until the rest may be.

        Args:
            pieces: what was read.
            length: how many bytes that is.

        Raises:
            ResponseTooLongError: all of it would be too long, if its parts are alike.
        """
        mark, most = self._portions.mark, self._portions.most
        new = b"".join((self._tail, *pieces[self._seen :]))
        if found := new.count(mark):
            self._begun += found
            self._last = length - len(new) + new.rfind(mark)
        self._seen, self._tail = len(pieces), new[len(new) - len(mark) + 1 :]
        self.at = length + self._every
        part = self._last / (self._begun - 1) if self._begun > 1 else float(length)
        expected = max(part * self._portions.count, length)
        if expected > most:
            raise ResponseTooLongError(
                f"The response would be longer than the {most:,} bytes that it may have.",
                length=length,
                limit=most,
                part=part,
            )
        admit, self._admit = self._admit, None
        if admit is not None:
            await admit(expected)


def too_long(length: int, limit: int, status: int, *, told: int | None) -> ResponseTooLongError:
    """The error of an answer that is longer than any may be.

    Args:
        length: how much of it was read, in bytes.
        limit: the most bytes that are accepted.
        status: its status.
        told: how many bytes it has, if its header says so.
    """
    return ResponseTooLongError(
        f"The response is longer than {limit:,} bytes, the most that is accepted: ask for less at"
        " a time, with limit where the call has it, or set max_response_bytes to more.",
        length=length if told is None else told,
        limit=limit,
        status=status,
        is_exact=told is not None,
    )


class Lengths:
    """How many bytes the parts of answers have, by the kind of question, for one session.

    Args:
        target: how long an answer is meant to be at most.
        most: the most bytes that are accepted of one.
    """

    def __init__(
        self,
        target: int = DEFAULT_TARGET_RESPONSE_BYTES,
        most: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self.target = min(target, max(1, most // 2))
        self._parts: dict[Hashable, float] = {}

    def part(self, kind: Hashable) -> float | None:
        """The bytes of a part of the answers to a kind of question; ``None`` if none came yet."""
        return self._parts.get(kind)

    def learn(self, kind: Hashable, part: float) -> None:
        """Remember how many bytes a part had.

        More are believed at once. Fewer are believed by halves, since the next parts may be like
        those before again.
        """
        before = self._parts.pop(kind, 0.0)
        while len(self._parts) >= _MOST_KINDS:
            del self._parts[next(iter(self._parts))]
        self._parts[kind] = max(part, before / 2)
