"""The journals that are kept in a folder, and what each says, whatever the others are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from ...errors import RotationError
from .journal import JOURNALS
from .state import State, fingerprint, states


@attrs.frozen(kw_only=True)
class Kept:
    """A journal.

    Attributes:
        path: where it is; of a folder that cannot be read, the folder.
        last: its newest rotation, if it has one.
        error: why it cannot be read, where it cannot.
    """

    path: Path
    last: State | None = None
    error: str | None = None


def last_of(path: Path) -> State | None:
    """The newest rotation of a journal, if there is one.

    Raises:
        RotationError: it cannot be read, or is not a journal.
    """
    past = past_of(path)
    return past[-1] if past else None


def past_of(path: Path) -> Sequence[State]:
    """The rotations of a journal, the newest last.

    Raises:
        RotationError: it cannot be read, or is not a journal.
    """
    return states(JOURNALS.read(path), path)


def was_made(path: Path, secret: str | None) -> bool:
    """Whether a secret is that of a key that a rotation of this journal made, and maybe deleted.

    Raises:
        RotationError: it cannot be read.
    """
    rotation = ""
    for entry in JOURNALS.read(path) if secret else ():
        rotation = entry.get("rotation", rotation)
        if secret and entry.get("held") == fingerprint(secret, rotation):
            return True
    return False


def kept(within: Path | None = None) -> list[Kept]:
    """The journals in a folder, by default the user's; where it cannot be read, it with the error.

    One that has nothing in it is an error, too: what it was of is not known.
    """
    try:
        paths = JOURNALS.paths(within)
    except RotationError as error:
        return [Kept(path=within or JOURNALS.folder(), error=str(error))]
    found = []
    for path in paths:
        try:
            last = last_of(path)
        except RotationError as error:
            found.append(Kept(path=path, error=str(error)))
        else:
            is_lost = last is None and path.exists()
            found.append(
                Kept(path=path, last=last, error=str(JOURNALS.lost(path)) if is_lost else None)
            )
    return found


def open_rotations(within: Path | None = None) -> list[tuple[Path, State]]:
    """The rotations that are not finished, of the journals that can be read."""
    return [
        (each.path, each.last)
        for each in kept(within)
        if each.last is not None and each.last.is_open
    ]
