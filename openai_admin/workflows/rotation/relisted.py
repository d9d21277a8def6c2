"""The keys as a listing has them that may lag, put right by what a journal knows better."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from ..._transport.session import Caller
from ...errors import APIError, AuthenticationError
from .accounts import Account
from .keys import NONE, Key, Listed
from .state import Attempt, State, Terms, fingerprint
from .trial import ALLOWLIST
from .work import CERTAIN, age, looked

_MASK = "..."


async def relisted(
    caller: Caller,
    account: Account,
    past: Sequence[State],
    held: str | None,
    *,
    lag: float,
    test: str | None,
    listed: Listed | None = None,
) -> Listed:
    """The keys, without those that were deleted, and with the one that the sink was given last.

    Args:
        caller: sends the calls.
        account: what has the keys.
        past: the rotations of the journal.
        held: the secret that the sink holds, as far as that is known.
        lag: seconds for which the API may not list what was just created.
        test: how a key is tested; see `Wishes`.
        listed: the keys as they were listed a moment ago.

    Raises:
        APIError: they cannot be listed.
    """
    last = past[-1] if past else None
    new = last.new if last is not None and last.ended == "finished" else None
    found = listed or await account.listed()

    async def look() -> bool:
        nonlocal found
        found = await account.listed()
        return new is not None and found.find(new.key or "") is not None

    added: tuple[Key, ...] = ()
    is_unlisted = new is not None and found.find(new.key or "") is None
    if last is not None and new is not None and is_unlisted:
        is_held = held is not None and fingerprint(held, last.terms.rotation) == new.held
        if is_held and held is not None:
            is_there = await _may_work(account, held, test)
        elif held is None and not await looked(caller, look, new.at, lag):
            may_be = not new.is_seen and age(caller, new.at) < CERTAIN
            is_there = may_be or await account.has(new.key or "")
        else:
            is_there = False
        added = (_unlisted(last.terms, new, held),) if is_there else ()
    deleted = {each.deleted for each in past}
    kept = tuple(key for key in found.keys if key.id not in deleted)
    return attrs.evolve(found, keys=(*kept, *added))


async def _may_work(account: Account, secret: str, test: str | None) -> bool:
    """Whether the API does not say that it knows no such key."""
    if test == NONE:
        return True
    try:
        await account.accepts(secret, test)
    except AuthenticationError as error:
        return not error.is_from_api or error.code == ALLOWLIST
    except APIError:
        return True
    return True


def _unlisted(of: Terms, new: Attempt, held: str | None) -> Key:
    """A key as it will be listed, by what the journal and the sink have of it."""
    lifetime = of.expires_in_seconds
    ends = None if new.at is None or lifetime is None else new.at + timedelta(seconds=lifetime)
    return Key(
        id=new.key or "",
        name=new.name,
        redacted=None if held is None else f"{held[:3]}{_MASK}{held[-4:]}",
        created_at=new.at,
        expires_at=ends,
        is_use_known=False,
        owner=of.owner,
        scopes=of.scopes,
    )
