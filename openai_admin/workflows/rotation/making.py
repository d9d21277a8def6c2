"""The steps that lead to a new key in the sink: each may be cut off, and is understood later."""

from __future__ import annotations

from ...errors import (
    APIStatusError,
    InvalidInputError,
    OutcomeUnknownError,
    RotationError,
    SinkError,
)
from ..sinks.sink import StagedSink
from .beginning import WILL_BELONG
from .keys import Key, Listed
from .state import Attempt, State
from .trial import RejectedError, UntriedError
from .work import Work, looked, spoken

_LISTED_WITHIN = 60.0  # seconds that a new key may take until it is listed


async def create(work: Work) -> None:
    """Make a key; where the outcome is unknown, the next step finds out.

    Raises:
        APIError: none was made, or the API cannot be reached.
        RotationError: it would belong to somebody else.
    """
    terms = work.state.terms
    number = work.state.attempted + 1
    name = terms.key_name(number)
    work.log("creating", attempt=number, name=name)
    try:
        made = await work.account.create(
            name=name, scopes=terms.scopes, expires_in_seconds=terms.expires_in_seconds
        )
    except OutcomeUnknownError:
        return
    except APIStatusError as error:
        if error.status is not None and error.status < 500 and error.is_from_api:
            work.log("cleared", attempt=number)
        raise
    work.secret, work.in_hand = made.secret, number
    work.log("created", attempt=number, key=made.id, held=work.fingerprint(made.secret))
    work.done.append(f"Made the key {made.id} ({name}).")
    owners = terms.owner, made.owner
    if terms.kind == "admin_key" and None not in owners and owners[0] != owners[1]:
        await _other_owner(work, made.owner or "")


async def _other_owner(work: Work, owner: str) -> None:
    terms = work.state.terms
    if terms.may_change_owner:
        work.notes = [note for note in work.notes if not note.startswith(WILL_BELONG)]
        work.notes.append(f"The new key belongs to {owner}, the old one belonged to {terms.owner}.")
        return
    raise await work.give_up(
        newest(work.state),
        f"The API made the new key for {owner}, and the old one belongs to {terms.owner}: have its"
        " owner rotate it, or pass --change-owner",
    )


async def reconcile(work: Work) -> None:
    """Find out whether an attempt made a key, and delete it: nobody has its secret."""
    attempt = newest(work.state)
    found: list[Key] = []

    async def look() -> bool:
        listed = await work.account.listed()
        found.extend(k for k in listed.keys if k.name == attempt.name and k.is_own is not False)
        return bool(found)

    await work.again(look, attempt.at)
    for key in found:
        await work.delete(key.id, since=attempt.at, account=work.account)
        work.done.append(f"Deleted {key.id}, which was made and whose secret was lost.")
    work.log("cleared", attempt=attempt.number, **({} if found else {"unseen": attempt.name}))


async def take(work: Work) -> None:
    """Take the newest key's secret in hand, which waits in the sink."""
    if isinstance(work.sink, StagedSink):
        work.secret = await work.sink.staged()
        work.in_hand = newest(work.state).number


async def discard(work: Work) -> None:
    """Delete the newest key, whose secret nobody has."""
    attempt = newest(work.state)
    if await work.clear(attempt):
        work.done.append(f"Deleted {attempt.key}, whose secret was lost.")


async def begin_anew(work: Work) -> None:
    """End a rotation that has no key and whose sink somebody else changed.

    Raises:
        RotationError: always; the next run begins with what the sink holds.
    """
    why = f"{work.sink_name} was changed by somebody else meanwhile"
    work.log("abandoned", why=why)
    raise RotationError(
        f"{why}, and no key was deleted: run the same command again to begin with what it holds"
        " now."
    )


async def confirm(work: Work) -> None:
    """Test the secret of the newest key that the sink has already.

    Raises:
        RotationError: the API does not accept it, or that cannot be found out.
    """
    await check_held(work, newest(work.state))
    _note_set(work)


async def check_held(work: Work, attempt: Attempt) -> None:
    """Make sure that the API accepts what the sink holds.

    Raises:
        RotationError: it does not, or that cannot be found out.
    """
    if work.is_untested:
        _note_untested(work, attempt)
        return
    kept = "no key was deleted"
    try:
        note = await work.attempted(work.held or "")
    except RejectedError:
        raise RotationError(
            f"The API does not accept the key that {work.sink_name} holds, {attempt.key}: {kept}."
            " Run it again with --abandon to give this rotation up, and then begin another."
        ) from None
    except UntriedError as error:
        raise RotationError(
            f"The key that {work.sink_name} holds, {attempt.key}, could not be tested ({error};"
            f" --test names another test): {kept}. Run the same command again."
        ) from None
    _note_refusal(work, note)


async def put(work: Work) -> None:
    """Test the key in hand, and give it to the sink.

    Raises:
        RotationError: the API does not accept it, or the sink did not take it; the new key is
            deleted, unless the sink may have it.
    """
    attempt, secret = newest(work.state), work.secret or ""
    if isinstance(work.sink, StagedSink):
        try:
            await work.sink.stage(secret)
        except SinkError as error:
            raise await work.give_up(attempt, spoken(error)) from error
    await _test(work, attempt, secret)
    if work.held is None:
        await _see(work, attempt)
    before = work.held
    await _check_unchanged(work, attempt, before)
    work.log("putting", attempt=attempt.number)
    try:
        if isinstance(work.sink, StagedSink):
            await work.sink.promote()
        else:
            await work.sink.put(secret)
    except SinkError as error:
        await _not_put(work, attempt, secret, error)
    held = await _read_back(work, attempt)
    is_readable = held is not None or before is not None
    if is_readable and held != secret:
        await _put_back(work, attempt, before)
    _note_set(work)


async def _see(work: Work, attempt: Attempt) -> None:
    """Wait until a new key is listed, before a place has it that cannot be read.

    Such a place never tells which key it has, so that only a listing shows a later run that there
    is one. And a listing that shows this key shows those that were made before it, of a rotation
    that was under way and whose journal is not here.

    Raises:
        RotationError: there is one; the new key is deleted.
    """
    listed = Listed()

    async def look() -> bool:
        nonlocal listed
        listed = await work.account.listed()
        return listed.find(attempt.key or "") is not None

    if not await looked(work.caller, look, attempt.at, _LISTED_WITHIN):
        work.notes.append(
            f"The API has not listed the new key {attempt.key} within a minute, so whether another"
            " rotation made a key meanwhile is not known."
        )
        return
    work.log("seen", attempt=attempt.number)
    try:
        work.refuse_second(listed)
    except InvalidInputError as error:
        raise await work.give_up(newest(work.state), spoken(error)) from error


async def _check_unchanged(work: Work, attempt: Attempt, before: str | None) -> None:
    """Make sure that nobody else has put something into the sink since this rotation began.

    Raises:
        RotationError: somebody has, or it cannot be read any more; the new key is deleted.
    """
    try:
        held = await work.look()
    except SinkError as error:
        raise await work.give_up(attempt, spoken(error)) from error
    known = {work.state.terms.old_held, *(each.held for each in work.state.attempts)}
    if held != before or (held and work.fingerprint(held) not in known):
        raise await work.give_up(
            attempt, f"{work.sink_name} was changed by somebody else meanwhile"
        )


async def _test(work: Work, attempt: Attempt, secret: str) -> None:
    if work.is_untested:
        _note_untested(work, attempt)
        return
    try:
        note = await work.attempted(secret)
    except RejectedError:
        why = "For a minute the API did not accept the new key"
        raise await work.give_up(attempt, why) from None
    except UntriedError as error:
        why = f"The new key could not be tested ({error}; --test names another test)"
        raise await work.give_up(attempt, why) from None
    _note_refusal(work, note)
    work.done.append(f"Tested {attempt.key}: the API accepts it.")


def _note_untested(work: Work, attempt: Attempt) -> None:
    note = f"{attempt.key} was not tested, so whether the API accepts it is not known."
    if note not in work.notes:
        work.notes.append(note)


def _note_refusal(work: Work, note: str | None) -> None:
    if note is not None:
        work.notes.append(f"The API knows the new key, but refused the test: {note}.")


async def _not_put(work: Work, attempt: Attempt, secret: str, error: SinkError) -> None:
    """What is so after the sink failed to take a secret; nothing where it has it nevertheless."""
    try:
        held = await work.look()
    except SinkError:
        held = None
        in_doubt = True
    else:
        in_doubt = error.in_doubt and held is None
    if held == secret:
        return
    if in_doubt:
        raise RotationError(
            f"{spoken(error)}. Whether it holds the new key {attempt.key} is not known, so no key"
            " was deleted: run the same command again."
        ) from error
    raise await work.give_up(attempt, spoken(error)) from error


async def _read_back(work: Work, attempt: Attempt) -> str | None:
    try:
        return await work.look()
    except SinkError as error:
        raise RotationError(
            f"{work.sink_name} took the new key {attempt.key} and cannot be read back now"
            f" ({spoken(error)}), so no key was deleted: run the same command again."
        ) from error


async def _put_back(work: Work, attempt: Attempt, before: str | None) -> None:
    """Give the sink what it held, since it holds something else than it was given.

    Raises:
        RotationError: always; the new key is deleted where the sink holds again what it held.
    """
    why = f"{work.sink_name} does not hold what it was given"
    if not before:
        raise RotationError(
            f"{why}, the secret of {attempt.key}; nothing was deleted, and what it held before is"
            " not known. Put that right, and run the same command again."
        )
    try:
        await work.sink.put(before)
        held = await work.look()
    except SinkError as error:
        raise RotationError(
            f"{why}, the secret of {attempt.key}, and could not be given back what it held"
            f" ({spoken(error)}); nothing was deleted."
        ) from error
    if held != before:
        raise RotationError(
            f"{why}, the secret of {attempt.key}, nor what it held before, which it was given back:"
            " nothing was deleted. Put that right, and run the same command again."
        )
    raise await work.give_up(attempt, f"{why}, and was given back what it held before")


def _note_set(work: Work) -> None:
    attempt = newest(work.state)
    work.log("set", attempt=attempt.number)
    work.done.append(f"{work.sink_name} holds {attempt.key}.")


def newest(state: State) -> Attempt:
    """The newest key of a rotation that has one."""
    assert state.last is not None  # noqa: S101 - the step that asks is for such a state
    return state.last
