"""One key rotated by ``openai-admin rotate``."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .connect import Target, connected
from .errors import CommandError, end_lacking
from .loop import run
from .progress import Progress
from .prompt import confirm
from .rotate_asked import KEY, Asked
from .rotate_demo import note_demo
from .rotate_rows import write
from .terminal import printable

if TYPE_CHECKING:
    from ..workflows.rotation.model import Rotation


def rotate(target: Target, asked: Asked) -> None:
    """Rotate a key, and say what was done and what is left.

    Raises:
        CommandError: the answer was no, or something is not known.
    """
    told: list[str] = []
    rotation = run(_rotated(target, asked, told))
    note_demo(target, is_plan=asked.wishes.plan)
    _end(asked, rotation, told)


async def _rotated(target: Target, asked: Asked, told: list[str]) -> Rotation:
    from ..workflows.rotation.starting import admin_key, checked, service_account

    to = _sink(asked.to, target)
    checked(to, asked.wishes)  # before anything is asked of the API
    async with (
        Progress("Rotating the key") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        caller = client._caller
        name = asked.name or ""
        agree = None if asked.yes else _asking(progress, asked.command, told)
        wishes = attrs.evolve(asked.wishes, agree=agree)
        if asked.command == KEY:
            return await admin_key(caller, name, to=to, wishes=wishes)
        return await service_account(
            caller, name, project=asked.project or "", to=to, wishes=wishes
        )


def _sink(to: str, target: Target) -> Any:
    """The place for the new key; a stored profile is one that only this program knows."""
    if to == "profile" or to.startswith("profile:"):
        from .rotate_profile import ProfileSink

        return ProfileSink(to.partition(":")[2] or target.profile)
    return to


def _asking(
    progress: Progress, command: str, told: list[str]
) -> Callable[[Rotation], Awaitable[None]]:
    """Ask, and remember the notes that were told."""

    async def agree(rotation: Rotation) -> None:
        told.extend(rotation.notes)
        with progress.quiet():
            heading = f"rotate {command}: {rotation.whose}, into {rotation.sink}"
            for sentence in (heading, *rotation.left, *rotation.notes):
                print(printable(sentence), file=sys.stderr)
            if not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)

    return agree


def _end(asked: Asked, rotation: Rotation, told: Sequence[str]) -> None:
    for sentence in (*rotation.done, *(note for note in rotation.notes if note not in told)):
        print(printable(sentence), file=sys.stderr)
    for sentence in rotation.left:
        print(printable(f"To do: {sentence}"), file=sys.stderr)
    write(rotation, asked.output)
    end_lacking(*filter(None, [rotation.not_known]), allowed=False)
