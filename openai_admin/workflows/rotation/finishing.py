"""The end of a rotation: after the overlap, what is left over is deleted, the old key last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

from ...errors import AuthenticationError, RotationError
from .accounts import Account
from .doubts import resolve, settled_at
from .keys import Key, Listed, base_name, several
from .making import check_held
from .model import Wishes
from .state import Attempt, due
from .work import Work, key_of

_NOT_KNOWN = "When {key} was used last is not known: pass --finish to delete it nevertheless."
_NOT_SHOWN = (
    "When {key} was used last is not known, as the API no longer shows it: pass --finish to delete"
    " it nevertheless."
)


@attrs.frozen(kw_only=True)
class Waiting:
    """Why the old key is not deleted yet.

    Attributes:
        due: when it may be; ``None`` where that is not known.
        not_known: what is not known.
        is_due: whether it may be now.
    """

    due: datetime | None
    not_known: str | None = None
    is_due: bool = False


async def waiting(work: Work, wishes: Wishes) -> Waiting:
    """Whether the old key may be deleted now; nothing is changed.

    Raises:
        APIError: the keys cannot be listed, where that is needed.
    """
    state = work.state
    if wishes.finish or state.is_deleting or state.terms.old is None:
        return Waiting(due=None, is_due=True)
    terms, old_id = state.terms, state.terms.old
    overlap = terms.overlap if wishes.overlap is None else wishes.overlap
    until_unused = terms.until_unused if wishes.until_unused is None else wishes.until_unused
    last_used = None
    if until_unused:
        old = (await with_new(work).listed()).find(old_id)
        if old is not None and not old.is_use_known:
            return Waiting(
                due=None,
                not_known=_NOT_KNOWN.format(key=terms.old),
            )
        last_used = None if old is None else old.last_used_at
        if old is not None and last_used is None and terms.old_used is not None:
            return Waiting(due=None, not_known=_NOT_SHOWN.format(key=terms.old))
    if work.caller.server_now() is None:  # this machine's clock must not decide
        await with_new(work).listed()
    at = due(state, overlap=overlap, until_unused=until_unused, last_used=last_used)
    ends = expiry(work)
    if ends is not None and work.now() < at and ends <= at:
        work.notes.append(
            f"The new key stops working at {ends:%Y-%m-%d %H:%M} UTC, before that: run this with"
            " --finish by then, and rotate again."
        )
    return Waiting(due=at, is_due=work.now() >= at)


def expiry(work: Work) -> datetime | None:
    """When the new key stops working, or a moment later; ``None`` if it does not, or is not set."""
    new, seconds = work.state.new, work.state.terms.expires_in_seconds
    if new is None or new.at is None or seconds is None:
        return None
    return new.at + timedelta(seconds=seconds)


async def finish(work: Work) -> None:
    """Delete what is left over, then the old key.

    Raises:
        RotationError: the sink does not hold the new key any more, or the API does not accept it.
        APIError: a key could not be deleted.
    """
    try:
        await _finish(work)
    except AuthenticationError as error:
        await _own_is_gone(work, error)
    if not work.doubts:
        work.log("finished")
    elif work.state.is_deleting and not work.state.is_deleted:
        work.log("deleted")


async def _finish(work: Work) -> None:
    state = work.state
    new, old = state.new, state.terms.old
    assert new is not None  # noqa: S101 - it was set, else this is not the step
    account = with_new(work)
    if not state.is_deleting:
        await _check_new(work, new, account)
    for attempt in state.attempts:
        if attempt.number != new.number:
            is_gone = await work.clear(attempt, account)
            if is_gone and attempt.key is not None:
                work.done.append(f"Deleted {attempt.key}, which an earlier run made.")
    listed = await resolve(work, account, later=new)
    work.notes += _others(work, new, listed)
    if old is None or state.is_deleted:
        return
    if not state.is_deleting:
        own = await _own(work, listed.find(old))
        if own is not None:
            work.notes.append(
                "The key that this command runs with is the old one and no longer works: use the"
                f" new one, which {work.sink_name} holds."
            )
        work.log("deleting", key=old, own=work.fingerprint(own))
    created = state.terms.old_created
    since = None if created is None else datetime.fromisoformat(created)
    # A listing that has the new key has all that were made before.
    is_seen = any(listed.find(id or "") is not None for id in (old, new.key))
    was_there = await work.delete(old, since=since, account=account, is_seen=is_seen)
    if was_there is None:
        raise RotationError(_not_shown(f"the old key {old} is deleted", since))
    if was_there or state.is_deleting:
        work.done.append(f"Deleted the old key {old}.")
    else:
        work.notes.append(f"The old key {old} was gone already: something else deleted it.")


def _others(work: Work, new: Attempt, listed: Listed) -> Iterator[str]:
    """Which keys stay beside the new one; of admin keys, those of the same name."""
    terms = work.state.terms
    deleted = {each.deleted for each in work.past}  # which may be listed still
    others = [
        key
        for key in listed.own
        if key.id not in (new.key, terms.old, *deleted)
        and (terms.kind == "service_account" or base_name(key.name or "") == terms.name)
    ]
    if others:
        called = f" of the name {terms.name}" if terms.kind == "admin_key" else ""
        many = f"{len(others)} other keys" if len(others) > 1 else "another key"
        yield f"Valid as before: {many} of {work.account.whose}{called}: {several(others)}."
    if listed.unreadable:
        yield f"{listed.unreadable} of the keys listed could not be read, so they are not known."


async def _own(work: Work, old: Key | None) -> str | None:
    """The key that the calls are made with, if it is the old one."""
    terms = work.state.terms
    key = await client_key(work)
    is_old = work.fingerprint(key) == terms.old_held or (old is not None and old.may_be(key))
    return key if is_old and terms.kind == "admin_key" else None


async def _own_is_gone(work: Work, error: AuthenticationError) -> None:
    """Understand a refusal: the key that was used may be the one that was deleted with it.

    Raises:
        AuthenticationError: it cannot be.
        RotationError: it may be, and that is not certain.
    """
    state = work.state
    old = state.terms.old
    if state.terms.kind != "admin_key" or not state.is_deleting or new_secret(work) is not None:
        raise error
    if state.deleted_by is None or state.deleted_by != work.fingerprint(await client_key(work)):
        raise RotationError(
            f"The API does not accept the key that this command runs with. If it is {old}, whose"
            " deletion was sent already, that is as it should be: run the same command with the new"
            " key to make certain."
        ) from error
    work.done.append(
        f"The old key {old} is deleted: the API no longer accepts it, and it is the one that this"
        " command runs with."
    )
    if work.doubts:
        work.notes.append(f"Run it with the new key, which {work.sink_name} was given.")


def with_new(work: Work) -> Account:
    """The account, called with the new key where this process has it."""
    secret = new_secret(work)
    return work.account if secret is None else work.account.called_with(secret)


def new_secret(work: Work) -> str | None:
    """The new key's secret, from this process or from the sink."""
    new = work.state.new
    if new is None:
        return None
    if work.in_hand == new.number:
        return work.secret
    return work.held if work.fingerprint(work.held) == new.held else None


async def _check_new(work: Work, new: Attempt, account: Account) -> None:
    """Make sure that the sink holds the new key still, and that it works."""
    if work.held is not None:
        await work.look()
    ends = expiry(work)
    if ends is not None and ends <= work.now():
        raise RotationError(
            f"The new key {new.key} expired at {ends:%Y-%m-%d %H:%M} UTC, so the old one,"
            f" {work.state.terms.old}, was not deleted. Run it again with --abandon, and then begin"
            " another rotation."
        )
    if work.held is not None:
        if work.fingerprint(work.held) != new.held:
            raise RotationError(
                f"{work.sink_name} does not hold the new key {new.key} any more, so the old one,"
                f" {work.state.terms.old}, was not deleted: somebody else changed it. Put that"
                " right, or run it again with --abandon."
            )
        if work.in_hand != new.number:  # else it was tested a moment ago
            await check_held(work, new)
        return
    # One that this run made itself was tested a moment ago, and may not be listed yet.
    is_there = work.in_hand == new.number or await work.is_there(new, account)
    if is_there is None:
        raise RotationError(
            f"The old key {work.state.terms.old} was not deleted."
            f" {_not_shown(f'the new key {new.key} is there', new.at)}"
        )
    if not is_there:
        raise RotationError(
            f"The new key {new.key} is not there any more, so the old one, {work.state.terms.old},"
            " was not deleted. Run it again with --abandon, and then begin another rotation."
        )


def _not_shown(what: str, since: datetime | None) -> str:
    """That something is not known before a key that was made then must be shown."""
    at = settled_at([Attempt(number=0, name="", at=since)])
    when = f" after {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
    return (
        f"Whether {what} is not known, as the API does not show it: run the same command again"
        f"{when}."
    )


async def client_key(work: Work) -> str:
    """The key that the calls are made with."""
    return await key_of(work.caller)
