"""What a rotation has done, and what is left, as its caller gets it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import attrs

from ..._text.durations import duration
from ..._wire.portable import Portable
from ...errors import InvalidInputError
from .state import Kind

RotationState = Literal["planned", "skipped", "overlap", "unsettled", "finished", "abandoned"]

DAY = 24 * 60 * 60.0


@attrs.frozen(kw_only=True)
class Rotation(Portable):
    """A rotation: what was done, what is left, and when to go on.

    Attributes:
        id: its id, which the names of its keys have; ``None`` of one that was only planned.
        kind: ``service_account`` or ``admin_key``.
        project: the project's id, of a service account.
        account: the service account's id.
        whose: what has the key, in words.
        sink: where the new key is put.
        state: ``planned``: nothing was done yet; ``skipped``: nothing is to be done, since the key
            is not that old; ``overlap``: the new key is set, and the old one
            still works; ``unsettled``: all was done, but a key may be left over that the API has
            not shown, and the same call finds out later; ``finished``: the old one is deleted;
            ``abandoned``: the new one is.
        old_key: the id of the key that is replaced; ``None`` if there is none.
        new_key: the id of the new key, once there is one.
        left_over: the ids of keys that this rotation or one before it made and that are not the new
            key: they are deleted, or have to be.
        done: what this call did, a sentence each.
        left: what is left to do, a sentence each.
        due: when the rest is due; ``None`` where nothing is left, or that is not known.
        notes: what to know besides, a sentence each.
        not_known: what kept it from going on or from its end, as it is not known, or was not known
            then and has appeared since; ``None`` in general.
        journal: the file that has what is needed to go on.
    """

    id: str | None = None
    kind: Kind
    project: str | None = None
    account: str | None = None
    whose: str
    sink: str
    state: RotationState
    old_key: str | None = None
    new_key: str | None = None
    left_over: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    due: datetime | None = None
    notes: tuple[str, ...] = ()
    not_known: str | None = None
    journal: str

    @property
    def is_finished(self) -> bool:
        """Whether the sink has the new key and the old one is deleted."""
        return self.state == "finished"


@attrs.frozen(kw_only=True)
class Rotated(Portable):
    """What came of one of several.

    Attributes:
        project: the project's name, of a service account.
        account: what has the key, or what the admin key is called; ``None`` where the accounts of
            a project could not be read.
        sink: where the new key goes.
        age_days: how many days old the key was; ``None`` where that is not known.
        rotation: what was done; ``None`` where nothing was.
        skipped: why it was left alone, where it was.
        error: what went wrong, where something did.
    """

    project: str | None = None
    account: str | None = None
    sink: str | None = None
    age_days: int | None = None
    rotation: Rotation | None = None
    skipped: str | None = None
    error: str | None = None

    @property
    def whose(self) -> str:
        """What it is about, in words."""
        return self.account or f"the project {self.project}"

    @property
    def outcome(self) -> str:
        """One word for what came of it."""
        if self.error is not None:
            return "failed"
        return self.rotation.state if self.rotation is not None else "skipped"


Agree = Callable[[Rotation], Awaitable[None]]
"""Is asked before anything is changed, with what is left to do; whatever it raises is the end."""


@attrs.frozen(kw_only=True)
class Wishes:
    """How a rotation is to be done, as its caller says.

    Attributes:
        overlap: seconds for which both keys work; ``None`` for a day, or as was said before.
        until_unused: whether the old key must not have been used for that long, either.
        finish: delete the old key as soon as the new one is tested and set.
        abandon: delete the new key and keep the old one.
        plan: say what would be done, and do nothing.
        key: the key to replace, by id or name; ``none`` for no key.
        scopes: what the new key may do.
        expires_in_seconds: after how many seconds it stops working.
        replace: whether what the sink holds may be overwritten if it is not a key of the account.
        change_owner: whether the new admin key may have another owner than the old one.
        older_than: seconds; a key that is younger is left alone.
        test: a path that is asked for with a key to test it, or ``none``; by default what any key
            of its kind may list.
        again: whether to begin another rotation where the last one into the same place finished.
        journal: the file that has what is needed to go on.
        journals: the folder of such files, where `journal` names none; by default the user's.
        agree: is asked before anything is changed.
    """

    overlap: float | None = None
    until_unused: bool | None = None
    finish: bool = False
    abandon: bool = False
    plan: bool = False
    key: str | None = None
    scopes: tuple[str, ...] | None = None
    expires_in_seconds: int | None = None
    replace: bool = False
    change_owner: bool = False
    older_than: float | None = None
    test: str | None = None
    again: bool = False
    journal: Path | None = None
    journals: Path | None = None
    agree: Agree | None = None

    @property
    def least_overlap(self) -> float:
        """Seconds for which a rotation that begins now keeps both keys."""
        if self.finish:
            return 0.0
        return DAY if self.overlap is None else self.overlap

    def check_lifetime(self, seconds: float | None, *, whose: str = "The new key") -> None:
        """Refuse a new key that would not outlive the overlap.

        Args:
            seconds: after how many it stops working; ``None`` if it does not.
            whose: what it is called.

        Raises:
            InvalidInputError: it would stop working first.
        """
        overlap = self.least_overlap
        if seconds is not None and overlap and not self.abandon and seconds <= overlap:
            raise InvalidInputError(
                f"{whose} would stop working after {duration(seconds)}, and the overlap lasts"
                f" {duration(overlap)}: choose a longer --expires-in, a shorter --overlap, or"
                " --finish."
            )
