"""``openai-admin org drift``: what is not as the file says, and who changed it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._text.visible import json_text
from .connect import Target, connected
from .errors import end_found
from .lazy import Command
from .loop import run
from .options import BaseURL, Demo, ExpectOrganization, Profile, Verbose
from .org_options import File, Full, Only, Project
from .org_progress import observing
from .output_file import reported
from .period_options import projects_of
from .progress import Progress
from .webhook import VARIABLE, Webhook

if TYPE_CHECKING:
    from ..organization.document.reading import Read
    from ..organization.drift.model import Drift

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Form = Literal["text", "markdown", "json", "slack"]


@app.command(cls=Command)
def drift(
    file: File,
    only: Only = None,
    project: Project = None,
    days: Annotated[
        int,
        typer.Option(
            "--days",
            metavar="N",
            min=1,
            max=3650,
            help="How many days the audit log is looked back for who changed something.",
        ),
    ] = 90,
    format: Annotated[
        Form,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, markdown, json, or slack (a message as Block Kit's JSON).",
            rich_help_panel="Output",
        ),
    ] = "text",
    full: Full = False,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help=f"Where something is not as the file says, or not known, also post it to the"
            f" address in {VARIABLE}: as a message for Slack, or with --format json as JSON.",
            rich_help_panel="Output",
        ),
    ] = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    verbose: Verbose = 0,
) -> None:
    """Show what in the organization is not as its file says, who changed it and when.

    Nothing is changed or stored. What the file does not have counts only in sections that 'prune'
    names. Who and when comes from the audit log, as far as it says so. The exit code is 0 where all
    is as the file says, 3 where something is not, and 1 where nothing was found, but something is
    not known.
    """
    from ..organization.asked import read_of

    read = read_of(file)
    receiver = Webhook.of_environment() if webhook else None
    target = Target(profile, base_url, demo, verbose, expect_organization=expect_organization)
    found = run(_found(target, read, only, projects_of(project) or None, days))
    with reported("standard output"):
        print(_written(found, format, full=full), end="")
        sys.stdout.flush()
    told = _told(found)
    lacks = [] if found.is_known else ["Not everything is known: what is not is named above."]
    if receiver is not None and (told or lacks):
        is_slack = format != "json"
        message = _slack(found) if is_slack else _json(found)
        failure = run(receiver.post(message, wants_ok=is_slack))
        lacks += filter(None, [failure])
    end_found(told, *lacks, allowed=False)


async def _found(
    target: Target,
    read: Read,
    only: list[str] | None,
    projects: list[str] | None,
    days: int,
) -> Drift:
    from ..organization.drift.looking import drift

    progress = Progress("Reading the organization")
    async with connected(target, on_event=progress.show_wait) as client, progress:
        return await drift(
            client,
            read.document,
            only=only,
            projects=projects,
            days=days,
            where=read.where,
            on_progress=observing(progress, demo=target.demo),
        )


def _told(drift: Drift) -> list[str]:
    from ..organization.drift.showing import summary_of

    return [summary_of(drift)] if drift.found else []


def _written(drift: Drift, form: Form, *, full: bool) -> str:
    """Drift in some form."""
    if form == "text":
        from ..organization.drift.showing import shown
        from .org_text import text_of

        return text_of(shown(drift, full=full), sys.stdout)
    if form == "markdown":
        from ..organization.drift.showing import to_markdown

        return to_markdown(drift, full=full)
    return json_text(_json(drift) if form == "json" else _slack(drift), indent=2) + "\n"


def _json(drift: Drift) -> dict[str, Any]:
    from ..organization.canonical import as_plain

    return {"is_known": drift.is_known, **as_plain(drift)}


def _slack(drift: Drift) -> dict[str, Any]:
    from ..organization.drift.slack import to_slack

    return to_slack(drift)
