"""One-time codes: each stands for the consent to one call, for a while."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import attrs

LIFETIME = 600.0
"""Seconds for which a code is good."""

_REMEMBERED = 3600.0  # seconds for which it is known what became of a code
_MOST = 2000  # codes that are remembered at the same time; the oldest are forgotten
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what is easily taken for another
_LENGTH = 8  # characters: 40 bits


@attrs.frozen
class Bound:
    """The call that a code is good for.

    Attributes:
        tool: the tool's name.
        arguments: a digest of each argument, by its name: what was passed is not kept.
        connection: the connection's name.
        key: a digest of the key that the API is called with.
        party: a digest of who calls: their session, or what they show in place of one.
    """

    tool: str
    arguments: Mapping[str, str]
    connection: str
    key: str
    party: str

    @property
    def digest(self) -> str:
        """All of it, as one text."""
        return digest(attrs.asdict(self))


def digest(value: Any) -> str:
    """A digest of a value, the same for values that are the same as JSON."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _read(code: str) -> str:
    """A code as it was given, however it was written."""
    return code.strip().upper().replace("-", "")


@attrs.define
class _Given:
    bound: Bound
    asked: str  # a digest of the question
    at: float
    ended: str | None = None  # why it is no longer good


class Codes:
    """The codes that were given out, and what became of them.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._given: dict[str, _Given] = {}  # the latest last
        self._open: dict[str, str] = {}  # the code that is good for a call, by its digest

    def give(self, bound: Bound, question: str = "") -> str:
        """A new code for a call; one that was given for the same call before is no longer good.

        Args:
            bound: the call.
            question: what the person is asked, who agrees to that and to nothing else.
        """
        self._forget()
        before = self._given.get(self._open.get(bound.digest, ""))
        if before is not None and before.ended is None:
            before.ended = "a newer code was given for the same call"
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        self._given[code] = _Given(bound, digest(question), self._clock())
        self._open[bound.digest] = code
        return code

    def take(self, code: str, bound: Bound) -> str | None:
        """Use a code up for a call. Nothing else can run in between: of two calls, one gets it.

        Returns:
            Why the code is not good for the call, and so was not used up; ``None`` where it is.
        """
        why = self.why_not(code, bound)
        if why is None:
            self._given[_read(code)].ended = "it was used already"
            self._open.pop(bound.digest, None)
        return why

    def stands_for(self, code: str, question: str) -> bool:
        """Whether a question is the one that a code was given for."""
        given = self._given.get(_read(code))
        return given is not None and given.asked == digest(question)

    def why_not(self, code: str, bound: Bound) -> str | None:
        """Why a code is not good for a call; ``None`` where it is. It is not used up."""
        given = self._given.get(_read(code))
        if given is None or given.bound.party != bound.party:
            return "this server has not given it to you"
        if given.ended is not None:
            return given.ended
        if self._clock() - given.at >= LIFETIME:
            return f"it has expired after {LIFETIME / 60:.0f} minutes"
        of = given.bound
        if of.tool != bound.tool:
            return f"it was given for {of.tool}"
        if of.connection != bound.connection:
            return f"it was given for the connection {of.connection}"
        if of.key != bound.key:
            return "it was given for another admin key"
        names = sorted(of.arguments.keys() | bound.arguments.keys())
        other = [n for n in names if of.arguments.get(n) != bound.arguments.get(n)]
        return f"it was given for other arguments ({', '.join(other)})" if other else None

    def _forget(self) -> None:
        """Let go of the codes of which nobody asks any more."""
        oldest = self._clock() - _REMEMBERED
        for code, given in list(self._given.items()):
            if given.at >= oldest and len(self._given) < _MOST:
                break
            del self._given[code]
            if self._open.get(given.bound.digest) == code:
                del self._open[given.bound.digest]
