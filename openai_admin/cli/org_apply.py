"""``openai-admin org apply``: make the organization as its file, or a saved plan, says."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._text.visible import json_text
from ..insights.text import count
from .confirm import cannot_ask
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .options import BaseURL, Demo, ExpectOrganization, Profile, Verbose, Yes
from .org_options import Full
from .org_plan import lacks, show_plan
from .org_progress import long, observing
from .output_file import reported
from .progress import Progress
from .prompt import confirm
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from ..organization.applying.model import Applied, AppliedStep
    from ..organization.document.reading import Read
    from ..organization.planning.model import Plan
    from ..organization.preparing import Prepared

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_FRESH = 10.0
"""Seconds a question may stand before what there is is looked at again."""


@app.command(cls=Command)
def apply(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The organization's file, a folder of files, or a plan that 'org plan -o' kept.",
        ),
    ],
    yes: Yes = False,
    force: Annotated[
        list[str] | None,
        typer.Option(
            "--force",
            metavar="KIND",
            help="Do what the plan warns of, by its kind, such as owners; more than once for"
            " several.",
        ),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            "--log",
            metavar="LOG",
            help="Add a line of JSON for each step to a file; a new one is yours alone to read.",
        ),
    ] = None,
    format: Annotated[
        Literal["text", "json"],
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="text or json (what came of each step).",
            rich_help_panel="Output",
        ),
    ] = "text",
    full: Full = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    verbose: Verbose = 0,
) -> None:
    """Make the organization as its file says: plan, show, ask, and do it step by step.

    A saved plan is applied exactly as it is, if what it depends on has not changed since. An error
    stops what depends on it and nothing else; run again, the command goes on. The exit code is 1
    where something failed, was not tried or is not known, and 2 where nothing was done: something
    is impossible, a threshold is passed without --force, or the plan does not hold any more.
    """
    from ..organization.applying.checking import check_kinds
    from ..organization.asked import plan_or_read

    if not (yes or is_terminal(sys.stdin)):
        raise cannot_ask("org apply", final=False)
    check_kinds(force or ())
    asked = plan_or_read(file)
    if log is not None:
        from ..organization.applying.log import opened

        with opened(log, None, None):
            pass  # that it can be written is known before anything is asked for
    target = Target(profile, base_url, demo, verbose, expect_organization=expect_organization)
    command = _Apply(
        asked,
        yes=yes,
        force=tuple(force or ()),
        log=log,
        is_text=format == "text",
        full=full,
        demo=demo,
    )
    run(command.run(target))


class _Apply:
    """One run of the command."""

    def __init__(
        self,
        asked: Read | Plan,
        *,
        yes: bool,
        force: tuple[str, ...],
        log: Path | None,
        is_text: bool,
        full: bool,
        demo: bool,
    ) -> None:
        self._asked = asked
        self._yes = yes
        self._force = force
        self._log = log
        self._is_text = is_text
        self._full = full
        self._demo = demo

    async def run(self, target: Target) -> None:
        """Plan, show, ask, do, and tell.

        Raises:
            CommandError: nothing was done, not everything was, or it is not known.
        """
        from ..organization.applying.checking import check
        from ..organization.applying.forecast import forecast

        progress = Progress("Reading the organization")
        async with connected(target, on_event=progress.show_wait) as client:
            async with progress:
                prepared = await self._prepared(client, progress)
            plan = prepared.plan
            if self._is_text or not self._yes:
                screen = sys.stdout if self._is_text else sys.stderr
                with reported("standard output" if self._is_text else "standard error"):
                    show_plan(prepared, "text", screen, full=self._full)
            check(plan, self._force)
            long_told = None if self._demo else long("Applying", forecast(plan))
            if long_told is not None:
                print(long_told, file=sys.stderr)
            asked = time.monotonic()
            if plan.steps and not self._yes and not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)
            if plan.steps and time.monotonic() - asked > _FRESH:
                async with progress:
                    prepared = await self._resumed(client, plan, progress)
            applied = await self._carried_out(client, prepared, progress)
        self._show(applied)
        if applied.left:
            when = "" if applied.until is None else f" after {applied.until:%Y-%m-%d %H:%M} UTC"
            scopes = " and ".join(applied.missing_scopes)
            key = f" with a key that has {scopes}," if scopes else ""
            raise CommandError(
                f"{count(len(applied.left), 'step')} of {len(applied.steps):,} did not succeed, or"
                f" may not have: run it again{when}{key} to go on.",
                code=1,
            )
        end_lacking(*lacks(plan), allowed=False)

    async def _prepared(self, client: Any, progress: Progress) -> Prepared:
        from ..organization.planning.model import Plan
        from ..organization.preparing import prepare

        if isinstance(self._asked, Plan):
            return await self._resumed(client, self._asked, progress)
        return await prepare(
            client,
            self._asked.document,
            where=self._asked.where,
            on_progress=observing(progress, demo=self._demo),
        )

    async def _resumed(self, client: Any, plan: Plan, progress: Progress) -> Prepared:
        from ..organization.preparing import resume

        return await resume(client, plan, on_progress=observing(progress, demo=self._demo))

    async def _carried_out(self, client: Any, prepared: Prepared, progress: Progress) -> Applied:
        from ..organization.applying.run import apply
        from ..organization.preparing import actor_of

        async with progress:
            progress.update("Applying")
            actor = None if self._log is None else await actor_of(client, prepared.state)
            ended: list[AppliedStep] = []
            try:
                return await apply(
                    client,
                    prepared.plan,
                    force=self._force,
                    log=self._log,
                    journal=self._journal(client, prepared.plan),
                    actor=actor,
                    on_step=_shown(progress, ended),
                )
            except (OSError, asyncio.CancelledError) as error:
                with progress.quiet():
                    self._show_part(prepared.plan, ended, is_logged=not isinstance(error, OSError))
                if not isinstance(error, OSError):
                    raise
                raise CommandError(  # its notes say how far it came
                    f"{error.filename or self._log} cannot be written: {error.strerror or error}.",
                    code=1,
                ) from error

    def _show_part(self, plan: Plan, ended: Sequence[AppliedStep], *, is_logged: bool) -> None:
        """Show what was done of a plan that was cut off, where it stands nowhere else."""
        from ..organization.applying.model import Applied
        from ..organization.applying.telling import ended_lines

        if self._is_text and self._log is not None and is_logged:
            return
        if self._is_text:
            for line in ended_lines(ended):
                print(printable(line))
        else:
            self._show(Applied.part_of(plan, ended))

    def _journal(self, client: Any, plan: Plan) -> Path | None:
        """What later runs know this one's creations by; those of the demo end with it."""
        from ..organization.applying.creations import journal_path

        if self._demo:
            return None
        return journal_path(client._caller.session.base_url, plan.organization)

    def _show(self, applied: Applied) -> None:
        if not self._is_text:
            from ..organization.canonical import as_plain

            told = {"is_complete": applied.is_complete, "counts": applied.counts}
            print(json_text(as_plain(told) | as_plain(applied), indent=2))
        elif applied.steps:
            from ..organization.applying.telling import applied_lines

            print(*map(printable, applied_lines(applied)), sep="\n")
        if self._log is not None:
            print(printable(f"Log: {self._log}"), file=sys.stderr)


def _shown(progress: Progress, ended: list[AppliedStep]) -> Callable[[AppliedStep, int], None]:
    """What shows how many steps have ended, and keeps them."""

    def show(step: AppliedStep, total: int) -> None:
        ended.append(step)
        progress.update(f"Applying, {len(ended):,} of {total:,}")

    return show
