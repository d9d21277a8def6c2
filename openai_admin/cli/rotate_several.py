"""The keys of several accounts rotated by ``openai-admin rotate … --all``."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from .connect import Target, connected
from .errors import CommandError
from .loop import run
from .progress import Progress
from .prompt import confirm
from .rotate_asked import KEY, Asked
from .rotate_demo import check_demo, note_demo
from .rotate_rows import write_several
from .terminal import printable

if TYPE_CHECKING:
    from ..workflows.rotation.model import Rotated


def rotate(target: Target, asked: Asked) -> None:
    """Rotate them, and say what came of each.

    Raises:
        CommandError: the answer was no, one failed, or something is not known.
    """
    found = run(_rotated(target, asked))
    note_demo(target, is_plan=asked.wishes.plan)
    _end(asked, found)


async def _rotated(target: Target, asked: Asked) -> list[Rotated]:
    from ..workflows.rotation.several import All, admin_keys, service_accounts
    from ..workflows.rotation.templates import ADMIN_KEY, SERVICE_ACCOUNT, check_template

    check_template(asked.to, ADMIN_KEY if asked.command == KEY else SERVICE_ACCOUNT)
    async with (
        Progress("Rotating the keys") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        every = All(
            template=asked.to, wishes=asked.wishes, agree=_agreeing(progress, asked, target)
        )
        if asked.command == KEY:
            return await admin_keys(client._caller, every)
        return await service_accounts(client._caller, asked.project, every)


def _agreeing(
    progress: Progress, asked: Asked, target: Target
) -> Callable[[Sequence[Rotated]], Awaitable[None]]:
    async def agree(planned: Sequence[Rotated]) -> None:
        if target.demo:
            for each in planned:
                check_demo(each.sink or asked.to)
        if asked.yes:
            return
        with progress.quiet():
            for each in planned:
                if each.rotation is not None:
                    told = " ".join((*each.rotation.left, *each.rotation.notes))
                    print(printable(f"{each.whose}, into {each.sink}: {told}"), file=sys.stderr)
                elif each.error is not None:
                    print(
                        printable(f"{each.whose} cannot be rotated: {each.error}"), file=sys.stderr
                    )
            if not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)

    return agree


def _end(asked: Asked, found: Sequence[Rotated]) -> None:
    write_several(found, asked.output)
    for each in found:
        for note in each.rotation.notes if each.rotation is not None else ():
            print(printable(f"{each.whose}: {note}"), file=sys.stderr)
    failed = [each for each in found if each.error is not None]
    for each in failed:
        print(printable(f"{each.whose}: {each.error}"), file=sys.stderr)
    told = [f"{len(failed)} of {len(found)} failed."] if failed else []
    told += [
        f"{each.whose}: {each.rotation.not_known}"
        for each in found
        if each.rotation is not None and each.rotation.not_known is not None
    ]
    if told:
        raise CommandError(" ".join(told), code=1)
