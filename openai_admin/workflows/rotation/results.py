"""What a caller gets to know of a rotation that is under way, or was carried out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..._text.durations import duration
from .doubts import is_left, settled_at, told_of
from .finishing import Waiting, with_new
from .model import Rotation, RotationState, Wishes
from .state import State, Step, next_step
from .work import Work

_ANEW: frozenset[Step | None] = frozenset({"create", "reconcile", "discard"})


async def result(
    work: Work, wishes: Wishes, wait: Waiting | None, path: Path, state: RotationState
) -> Rotation:
    """What a caller gets to know of a rotation.

    Raises:
        RotationError: it cannot go on, since somebody else changed the sink.
        SinkError: what waits in the sink cannot be read.
        APIError: the keys cannot be listed, where an earlier run may have left some.
    """
    of = work.state
    step = await _step(work, wishes)
    made = None if step in _ANEW else of.new or of.last
    new = None if made is None else made.key
    over = [] if wishes.abandon or state != "planned" else await _left_over(work)
    ids = (*(each.key for each in of.attempts if each.key), *over)
    left_over = () if of.ended else tuple(id for id in ids if wishes.abandon or id != new)
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
        new_key=new,
        left_over=left_over,
        done=tuple(work.done),
        left=tuple(_left(work, wishes, wait, step, left_over)),
        due=wait.due if wait is not None else settled_at(doubts),
        notes=(*work.notes, *_stands(of, step, work.sink_name)),
        not_known=wait.not_known if wait is not None else told_of(doubts, work.now()),
        journal=str(path),
    )


async def _step(work: Work, wishes: Wishes) -> Step | None:
    """What the next run begins with, where an earlier one was cut off before the new key was set.

    Raises:
        RotationError, SinkError: see `result`.
    """
    state = work.state
    if wishes.abandon or state.ended or state.set_number is not None or not state.attempts:
        return None
    return next_step(state, await work.seen())


async def _left_over(work: Work) -> list[str]:
    """The ids of keys that are listed and deleted at the end, beside those that a journal names."""
    if not (work.past or work.state.is_open) or work.state.is_deleting:
        return []
    known = {each.key for each in (*work.state.attempts, *work.doubts)}
    listed = await with_new(work).listed()
    return [
        key.id
        for key in listed.keys
        if key.is_own is not False and key.id not in known and is_left(work, key)
    ]


def _stands(state: State, step: Step | None, sink: str) -> Iterator[str]:
    """What an earlier run left that was cut off."""
    last = state.last
    if step is None or last is None:
        return
    if last.key is None:
        yield (
            f"An earlier run was cut off while it made the key {last.name}; whether that was made"
            " is not known."
        )
    elif step == "create":
        yield (
            f"An earlier run was cut off after it made {last.key}: whether {sink} holds that is not"
            " known."
        )
    elif step == "discard":
        yield f"An earlier run was cut off after it made {last.key}, which {sink} does not hold."
    else:
        yield f"An earlier run was cut off after it made {last.key}, which {sink} has."


def _left(
    work: Work, wishes: Wishes, wait: Waiting | None, step: Step | None, left_over: Sequence[str]
) -> Iterator[str]:
    """What is left to do, a sentence each."""
    state, of = work.state, work.state.terms
    if state.ended is not None:
        return
    if wishes.abandon:
        for id in left_over:
            yield f"Delete {id}, which this rotation made."
        yield from _unknown(state)
        yield from _looked_for(work)
        return
    if state.set_number is None:
        yield from _making(work, step)
    yield from _looked_for(work)
    when = "" if of.old is None or state.is_deleted else _when(work, wishes, wait)
    for id in left_over:
        if step != "discard" or state.last is None or id != state.last.key:
            yield f"Delete {id}, which an earlier run made{when}."
    if of.old is None or state.is_deleted:
        return
    old = f"{of.old} ({of.old_name})" if of.old_name else of.old
    yield f"Delete the old key {old}{when}."


def _making(work: Work, step: Step | None) -> Iterator[str]:
    """What leads to a new key in the sink."""
    holds = f", which holds {work.holds}" if work.holds else ""
    last = work.state.last
    if last is not None and step in ("confirm", "take"):
        if not work.is_untested:
            yield f"Test {last.key}, which an earlier run made."
        if step == "take":
            yield f"Put it into {work.sink_name}, where it waits already."
        return
    if last is not None and step == "discard":
        yield f"Delete {last.key}, which an earlier run made and whose secret is lost."
    yield from _unknown(work.state)
    yield f"Make {work.account.noun} for {work.account.whose}."
    tested = "Do not test it, but" if work.is_untested else "Test it, and"
    yield f"{tested} put it into {work.sink_name}{holds}."


def _unknown(state: State) -> Iterator[str]:
    for attempt in state.attempts:
        if attempt.key is None:
            yield f"Delete the key {attempt.name}, if an earlier run made it: its secret is lost."


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
