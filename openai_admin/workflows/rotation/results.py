"""What a caller gets to know of a rotation that is under way, or was carried out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..._text.durations import duration
from .doubts import settled_at, told_of
from .finishing import Waiting
from .model import Rotation, RotationState, Wishes
from .work import Work


def result(
    work: Work, wishes: Wishes, wait: Waiting | None, path: Path, state: RotationState
) -> Rotation:
    """What a caller gets to know of a rotation."""
    of = work.state
    new = of.new or of.last
    doubts = work.doubts if state == "unsettled" else []
    return Rotation(
        id=None if state == "planned" and not of.is_open else of.terms.rotation,
        kind=of.terms.kind,
        project=of.terms.project,
        account=of.terms.account,
        whose=work.account.whose,
        sink=work.sink_name,
        state=state,
        old_key=of.terms.old,
        new_key=new.key if new is not None else None,
        done=tuple(work.done),
        left=tuple(_left(work, wishes, wait)),
        due=wait.due if wait is not None else settled_at(doubts),
        notes=tuple(work.notes),
        not_known=wait.not_known if wait is not None else told_of(doubts, work.now()),
        journal=str(path),
    )


def _left(work: Work, wishes: Wishes, wait: Waiting | None) -> Iterator[str]:
    """What is left to do, a sentence each."""
    state, of = work.state, work.state.terms
    if state.ended is not None:
        return
    if wishes.abandon:
        if state.attempts:
            yield f"Delete the keys of this rotation that {work.sink_name} does not hold."
        yield from _looked_for(work)
        return
    if state.set_number is None:
        holds = f", which holds {work.holds}" if work.holds else ""
        yield f"Make {work.account.noun} for {work.account.whose}."
        tested = "Do not test it, but" if work.is_untested else "Test it, and"
        yield f"{tested} put it into {work.sink_name}{holds}."
    yield from _looked_for(work)
    if of.old is None or state.is_deleted:
        return
    old = f"{of.old} ({of.old_name})" if of.old_name else of.old
    yield f"Delete the old key {old}{_when(work, wishes, wait)}."


def _looked_for(work: Work) -> Iterator[str]:
    for attempt in work.doubts:
        yield f"Delete the key {attempt.key or attempt.name} once the API lists it."


def _when(work: Work, wishes: Wishes, wait: Waiting | None) -> str:
    of = work.state.terms
    until_unused = of.until_unused if wishes.until_unused is None else wishes.until_unused
    unused = " and it has not been used for as long" if until_unused else ""
    if wishes.finish or work.state.is_deleting:
        return ""
    if wait is not None and wait.due is not None:
        return f" after {wait.due:%Y-%m-%d %H:%M} UTC{unused}, by the same command"
    if wait is None and work.state.set_number is not None:
        return ""
    overlap = of.overlap if wishes.overlap is None else wishes.overlap
    if not overlap:
        return ""
    return f" {duration(overlap)} later{unused}, by the same command"
