"""Keys that may be there although the API has not shown them, and how that comes to be known.

The answer to a creation was lost, or a key was to be deleted that the API did not find; and a
listing may lag. What is there appears in a listing sooner or later, and is deleted then. What is
not there is known by a listing that is up to date: it shows a key that was made later, or it was
read `CERTAIN` seconds after the creation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from .accounts import Account
from .keys import Key, Listed
from .state import Attempt, State
from .work import CERTAIN, Work

_SLACK = timedelta(minutes=1)  # between the API's clocks
_MINUTE = timedelta(minutes=1)
_ABSENT = (
    "The key {name} counts as never made: its creation was not answered, and it is not listed."
    " Should it appear, the next rotation with this journal deletes it."
)


async def resolve(work: Work, account: Account, *, later: Attempt | None = None) -> Listed:
    """Delete what was left over, and settle what can be settled.

    Args:
        work: the rotation; a key that an earlier one of its journal left over is deleted, too.
        account: lists and deletes.
        later: the key that was made last.

    Returns:
        the keys that are left.

    Raises:
        APIError: they cannot be listed, or one could not be deleted.
    """
    listed = await account.listed()

    async def look() -> bool:
        nonlocal listed
        if _is_shown(listed, later):
            return True
        listed = await account.listed()
        return _is_shown(listed, later)

    if work.doubts and later is not None:
        await work.again(look, later.at)
    left_over = [key for key in listed.keys if key.is_own is not False and is_left(work, key)]
    for key in left_over:
        await work.delete(key.id, since=None, account=account)
        if not any(sentence.startswith(f"Deleted {key.id}") for sentence in work.done):
            work.done.append(f"Deleted {key.id}, which was left over.")
    deleted = {text for key in left_over for text in (key.id, key.name) if text}
    for attempt in work.doubts:
        if attempt.name in deleted or attempt.key in deleted:
            work.log("settled", name=attempt.name, absent=False)
        elif _is_absent(work, attempt, listed, later):
            was_made = attempt.key is not None
            work.log("settled", name=attempt.name, absent=not was_made)
            work.notes += [] if was_made else [_ABSENT.format(name=attempt.name)]
    kept = tuple(key for key in listed.keys if key not in left_over)
    return Listed(keys=kept, unreadable=listed.unreadable)


def is_left(work: Work, key: Key) -> bool:
    """Whether a rotation of this journal made a key that neither the sink holds nor held."""
    rotations = (work.state, *work.past)
    in_place = {each.new.key for each in rotations if each.new is not None}
    if key.id == work.state.terms.old or key.id in in_place:
        return False
    if any(key.id == attempt.key for attempt in work.doubts):
        return True
    return any(each.terms.mark in (key.name or "") for each in rotations)


def _is_shown(listed: Listed, key: Attempt | None) -> bool:
    return key is not None and listed.find(key.key or "") is not None


def _is_absent(work: Work, attempt: Attempt, listed: Listed, later: Attempt | None) -> bool:
    """Whether a key is not there, as a listing does not have it."""
    if listed.unreadable or any(_may_be(key, attempt, work) for key in listed.keys):
        return False
    return _is_shown(listed, later) or work.is_certain(attempt.at)


def _may_be(key: Key, attempt: Attempt, work: Work) -> bool:
    """Whether a key may be one of which a name is known: the API has left names out."""
    of = work.state.terms
    known = (of.old, *(each.key for each in work.state.attempts))
    if key.name is not None or key.is_own is False or key.id in known:
        return False
    is_older = key.created_at and attempt.at and key.created_at < attempt.at - _SLACK
    return not is_older


def settled_at(doubts: Sequence[Attempt]) -> datetime | None:
    """When a listing tells at the latest whether they are there; ``None`` where there are none."""
    moments = [attempt.at + timedelta(seconds=CERTAIN) for attempt in doubts if attempt.at]
    if not moments:
        return None
    return (max(moments) + _MINUTE).replace(second=0, microsecond=0)


def told_of(doubts: Sequence[Attempt], now: datetime | None = None) -> str | None:
    """What is not known, and what to do, as a sentence; ``None`` where nothing is in doubt.

    Args:
        doubts: the keys.
        now: the server's time, once they have been looked for.
    """
    if not doubts:
        return None
    what = " and whether ".join(map(_doubt, doubts))
    it, it_is = ("it", "it is") if len(doubts) == 1 else ("them", "they are")
    at = settled_at(doubts)
    if at is None or (now is not None and now >= at):
        return (
            f"Whether {what} is not known, as keys were listed that could not be read or have no"
            f" name: look for {it} by hand, and delete the journal once {it_is} gone."
        )
    return (
        f"Whether {what} is not known, as the API has not listed {it}: run the same command again"
        f" after {at:%Y-%m-%d %H:%M} UTC, which deletes {it} if {it_is} listed by then."
    )


def absent(state: State, listed: Listed) -> Iterator[str]:
    """Which keys a rotation does not count as made, a sentence each, unless they are listed."""
    names = {key.name for key in listed.keys}
    for name in state.absent:
        if name not in names:
            yield _ABSENT.format(name=name)
    for attempt in state.unseen:
        if attempt.name not in names:
            yield (
                f"Whether {_doubt(attempt)} is not known; the next rotation with this journal"
                " deletes it if it is listed by then."
            )


def _doubt(attempt: Attempt) -> str:
    if attempt.key is None:
        return f"a key {attempt.name} was made"
    return f"the key {attempt.key} is deleted"
