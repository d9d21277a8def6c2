"""A rotation given up: its new keys are deleted, and the old one stays."""

from __future__ import annotations

from ...errors import RotationError
from .doubts import resolve
from .finishing import expiry
from .making import reconcile
from .state import Attempt
from .trial import RejectedError, UntriedError
from .work import Work


async def check_abandon(work: Work) -> None:
    """Refuse to give a rotation up whose new key is, or may be, what programs use now.

    Raises:
        RotationError: it is, or the old key's deletion may have been sent.
        APIError: the keys cannot be listed.
    """
    old = work.state.terms.old
    if work.state.is_deleting:
        raise RotationError(
            f"The deletion of {old} may have been sent already: run the same command without"
            " --abandon to finish."
        )
    listed = await work.account.listed()
    made = [each for each in work.state.attempts if each.key]
    is_old_gone = old is not None and listed.find(old) is None and not listed.unreadable
    if is_old_gone and (there := [each for each in made if await _may_be_there(work, each)]):
        keys = " and ".join(each.key for each in there if each.key)
        raise RotationError(
            f"The old key {old} does not exist any more, so nothing was deleted: run the same"
            f" command without --abandon to go on, or delete {keys} by hand and run this again."
        )
    for attempt in made:
        if not _may_hold(work, attempt) or not await _may_work(work, attempt):
            continue
        back = f"put the old key {old} back into it by hand" if old else "take it out by hand"
        if work.held is not None:
            raise RotationError(
                f"{work.sink_name} holds the new key {attempt.key}, so nothing was deleted: {back}"
                " and run this again, or run the same command without --abandon to go on."
            )
        raise RotationError(
            f"{work.sink_name} may hold the new key {attempt.key} and cannot be read, so nothing"
            f" was deleted: {back}, delete {attempt.key} and run this again, or run the same"
            " command without --abandon to go on."
        )


async def abandon(work: Work) -> None:
    """Delete the keys of this rotation; none of them is in the sink and works.

    Raises:
        APIError: a key could not be deleted.
    """
    for attempt in work.state.attempts:
        if attempt.key is None:
            await reconcile(work)
        elif await work.clear(attempt):
            work.done.append(f"Deleted {attempt.key}.")
            if work.held is not None and _may_hold(work, attempt):
                work.notes.append(
                    f"{work.sink_name} still holds {attempt.key}, which no longer works."
                )
    if work.doubts:
        await resolve(work, work.account)
    if not work.doubts:
        work.log("abandoned", why="asked for")


async def _may_be_there(work: Work, attempt: Attempt) -> bool:
    return await work.is_there(attempt) is not False


def _may_hold(work: Work, attempt: Attempt) -> bool:
    if work.held is not None:
        return work.fingerprint(work.held) == attempt.held
    return attempt.is_put_begun


async def _may_work(work: Work, attempt: Attempt) -> bool:
    """Whether the API may accept a key that the sink may hold.

    The journal has it as made, so that it is not listed does not say that it is gone.
    """
    if work.held is None:
        return await _may_be_there(work, attempt)
    ends = expiry(work)
    if ends is not None and ends <= work.now():
        return False
    try:
        await work.attempted(work.held)
    except RejectedError:
        return False
    except UntriedError:
        return await _may_be_there(work, attempt)
    return True
