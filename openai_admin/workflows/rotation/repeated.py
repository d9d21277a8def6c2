"""What a command finds that is run again: a rotation that finished, or a key that is too young."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

from ..._text.durations import duration
from ...errors import InvalidInputError
from .doubts import absent
from .kept import last_of
from .keys import NONE, Key, Listed, base_name, several
from .model import Rotation, Wishes
from .run import Place, ended
from .state import State, fingerprint


def finished(place: Place, wishes: Wishes, listed: Listed, held: str | None) -> Rotation | None:
    """The last rotation into a place, where it finished and another one was not asked for.

    A repetition must not begin another one, which would delete the key that programs use now. One
    is begun where the place holds another key by now, or the new key is not there any more, where
    another key is named, or the key's age decides.

    Args:
        place: which rotation is meant.
        wishes: what was asked for.
        listed: the keys, put right by the journal.
        held: the secret that the place holds, as far as that is known.

    Raises:
        RotationError: the journal cannot be read, or is of something else.
    """
    path = place.journal(wishes)
    last = last_of(path)
    if wishes.again or wishes.older_than is not None or wishes.abandon:
        return None
    if last is None or last.ended != "finished" or last.new is None:
        return None
    place.check(last.terms, path)
    is_held = held is None or fingerprint(held, last.terms.rotation) == last.new.held
    if not is_held or listed.find(last.new.key or "") is None:
        return None
    key = wishes.key
    if key == NONE and last.terms.old is not None:
        return None
    if key not in (None, NONE) and (key == last.new.key or not names(key or "", last)):
        return None
    return with_left_over(ended(place, last, path), last, listed)


def with_left_over(rotation: Rotation, last: State, listed: Listed) -> Rotation:
    """What there is to know where nothing is done, with what the last rotation may have left over.

    A key that counted as never made, and is listed after all, works: that is not success.

    Args:
        rotation: what there is to know.
        last: the last rotation.
        listed: the keys.
    """
    rotation = attrs.evolve(rotation, notes=(*rotation.notes, *absent(last, listed)))
    new = last.new.key if last.new is not None else None
    left = [key for key in listed.own if last.terms.mark in (key.name or "") and key.id != new]
    if last.is_open or not left:
        return rotation
    it, works = ("it", "works") if len(left) == 1 else ("them", "work")
    why = (
        f"Left over from the last rotation, as the API had not listed {it}, and still {works}:"
        f" {several(left)}. Delete {it} by hand, or pass --again, and the next rotation does."
    )
    return attrs.evolve(rotation, left=tuple(f"Delete {key}." for key in left), not_known=why)


def age_of(key: Key, place: Place) -> timedelta | None:
    """How old a key is; ``None`` if that is not known."""
    if key.created_at is None:
        return None
    return (place.caller.server_now() or datetime.now(UTC)) - key.created_at


def too_young(key: Key, place: Place, wishes: Wishes) -> str | None:
    """Why a key is not to be replaced yet, where it is not.

    Raises:
        InvalidInputError: how old it is, is not known, and matters.
    """
    if wishes.older_than is None:
        return None
    age = age_of(key, place)
    if age is None:
        raise InvalidInputError(f"How old {key.id} is, is not known, so it was not replaced.")
    if age >= timedelta(seconds=wishes.older_than):
        return None
    return f"Nothing to do: the key {key.id} is {duration(max(age.total_seconds(), 0))} old."


def names(key: str, state: State) -> bool:
    """Whether a text is what the key of a rotation was named by, or the id of its new one."""
    of = state.terms
    return (
        key in (of.old, of.old_name, base_name(of.old_name or ""))
        or (state.new is not None and key == state.new.key)
        or fingerprint(key, of.rotation) == of.named
    )
