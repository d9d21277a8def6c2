"""``openai-admin org plan``: what would make the organization as its file says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Literal

import typer

from .._text.visible import json_text
from ..insights.text import count
from .connect import Target, connected
from .errors import CommandError, end_found
from .lazy import Command
from .loop import run
from .options import BaseURL, Demo, ExpectOrganization, Profile, Verbose
from .org_options import File, Full, Only, Project
from .org_progress import observing
from .output_file import reported
from .period_options import projects_of
from .progress import Progress
from .terminal import printable

if TYPE_CHECKING:
    from ..organization.document.reading import Read
    from ..organization.planning.model import Plan
    from ..organization.preparing import Prepared

Form = Literal["text", "markdown", "json"]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def plan(
    file: File,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="PLAN",
            help="Keep the plan in a file that only you can read, for 'org apply PLAN'; an earlier"
            " plan there is replaced.",
            rich_help_panel="Output",
        ),
    ] = None,
    only: Only = None,
    project: Project = None,
    format: Annotated[
        Form,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, markdown (a comment for a pull request) or json (what --out keeps).",
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
    """Show what would make the organization as its file says, and change nothing.

    Only what the file speaks of is looked at. The exit code is 0 where there is nothing to do, 3
    where there is, and 1 where there is not, but something is not known or cannot be done. 'org
    schema --plan' describes the JSON.
    """
    from ..organization.asked import read_of

    if out is not None:
        _check_out(out)
    read = read_of(file)
    target = Target(profile, base_url, demo, verbose, expect_organization=expect_organization)
    prepared = run(_prepared(target, read, only, projects_of(project) or None))
    made = prepared.plan
    if out is not None:
        from ..organization.planning.saved import save

        with reported(str(out)):
            save(made, out)
    with reported("standard output"):
        show_plan(prepared, format, sys.stdout, full=full)
    if out is not None:
        print(printable(f"Plan: {out}"), file=sys.stderr)
    found = [f"{count(len(made.steps), 'change')} would be made."] if made.steps else []
    end_found(found, *lacks(made), allowed=False)


def show_plan(prepared: Prepared, form: Form, file: IO[str], *, full: bool = False) -> None:
    """Write a plan in some form."""
    plan = prepared.plan
    if form == "json":
        from ..organization.planning.saved import as_json

        print(json_text(as_json(plan), indent=2), file=file)
    elif form == "markdown":
        from ..organization.showing.markdown import to_markdown

        print(to_markdown(plan, prepared.state.names, full=full), end="", file=file)
    else:
        from ..organization.showing.arranging import arranged
        from .org_text import text_of

        print(text_of(arranged(plan, prepared.state.names, full=full), file), end="", file=file)
    file.flush()


def lacks(plan: Plan) -> list[str]:
    """What a plan leaves out of what its file wants, a sentence each."""
    told = []
    if plan.impossible:
        told.append(f"{count(len(plan.impossible), 'thing')} cannot be done.")
    if plan.not_known or any(each.kind == "not_known" for each in plan.untouched):
        told.append("Not everything is known: what is not is named above.")
    return told


async def _prepared(
    target: Target, read: Read, only: list[str] | None, projects: list[str] | None
) -> Prepared:
    from ..organization.preparing import prepare

    progress = Progress("Reading the organization")
    async with connected(target, on_event=progress.show_wait) as client, progress:
        return await prepare(
            client,
            read.document,
            only=only,
            projects=projects,
            where=read.where,
            on_progress=observing(progress, demo=target.demo),
        )


def _check_out(path: Path) -> None:
    """Refuse a file that a plan must not replace, before anything is read.

    Raises:
        CommandError: it is something else than a plan, or its folder is not there.
    """
    from ..organization.planning.saved import is_plan

    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(f"{path} is not a file in a folder that exists.")
    if not path.exists():
        return
    if not path.is_file():
        raise CommandError(f"{path} is not a regular file: name another one.")
    text = path.read_bytes().decode("utf-8", errors="replace")
    if text.strip() and not is_plan(text):
        raise CommandError(f"{path} exists and is not a saved plan: name another file.")
