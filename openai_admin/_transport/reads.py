"""Reads in flight: one that begins while an equal one is on its way waits for the same answer.

The answer is what is shared, not what was made of it: each caller decodes it for itself, and so has
a result, or an error with a traceback, of its own.
"""

from __future__ import annotations

import asyncio

import attrs

from ..events import CallFailed, Shared
from .answers import Ended
from .attempts import CallAttempts
from .retry import AttemptFailure, FailureKind


class Changes:
    """When something was last changed at an address, by any client of this process.

    Attributes:
        latest: stands for the last moment at which a change began or ended. It is another object
            after each, so that setting it needs no lock.
    """

    def __init__(self) -> None:
        self.latest = object()

    def tell(self) -> None:
        """Say that a change begins or ends."""
        self.latest = object()


# Global: what one client of the process changes, a read of another must show that begins later.
# By the address alone: two keys may act in one organization, and a key that names none has one.
_changes: dict[str, Changes] = {}


def changes_at(base_url: str) -> Changes:
    """The changes at an address, for all clients of this process."""
    return _changes.setdefault(base_url, Changes())


@attrs.define(eq=False)
class Read:
    """A read in flight, and those that wait for its answer.

    Attributes:
        leader: the call that is sent.
        loop: the event loop that it runs in.
        followers: what wakes each of the others: with how the call ended, or with ``None`` where
            that says nothing about them.
    """

    leader: CallAttempts
    loop: asyncio.AbstractEventLoop
    followers: list[asyncio.Future[Ended | None]] = attrs.field(factory=list)


async def follow(read: Read, attempts: CallAttempts) -> Ended | None:
    """How an equal read ended; ``None`` where this one has to go on by itself.

    No time limit is needed: both have the same limits, and the read that began first reaches its
    own before.

    Args:
        read: the read.
        attempts: the call that waits for it.
    """
    turn: asyncio.Future[Ended | None] = read.loop.create_future()
    read.followers.append(turn)
    leader, waited, since = read.leader, read.leader.waited, read.loop.time()
    if attempts.events is not None and leader.events is not None:
        attempts.events.tell(Shared, leader=leader.events.number)
    try:
        ended = await turn
    except asyncio.CancelledError as error:
        if attempts.events is not None:
            attempts.events.tell(CallFailed, error=error)
        raise
    attempts.wait_with(min(leader.waited - waited, read.loop.time() - since))
    if ended is None and not attempts.take_over(leader) and leader.outcome is not None:
        return Ended(leader.outcome, leader.attempts)  # both ran out of time
    return ended


def wake(read: Read) -> None:
    """Wake those that wait for a read, however it ended: by its answer, an error, a cancellation.

    What ended the caller of the read alone (its time, a cancellation, Ctrl-C) is not theirs: the
    first of them to wake reads for itself, and the others wait for that.
    """
    ended = _ended(read.leader)
    for turn in read.followers:
        if not turn.done():  # it was not cancelled meanwhile
            turn.set_result(ended)


def _ended(leader: CallAttempts) -> Ended | None:
    """How a read ended, so far as it would have been the end of an equal one, too."""
    outcome = leader.outcome
    if outcome is None:
        return None
    is_late = isinstance(outcome, AttemptFailure) and outcome.kind is FailureKind.TIMED_OUT
    return None if is_late else Ended(outcome, leader.attempts)
