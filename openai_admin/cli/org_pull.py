"""``openai-admin org pull``: write the organization as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .connect import Target, connected
from .errors import end_lacking
from .lazy import Command
from .loop import run
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    ExpectOrganization,
    Force,
    Profile,
    Strict,
    Verbose,
)
from .org_options import Only, Project
from .org_progress import observing
from .output_file import check_target, opened
from .period_options import projects_of
from .progress import Progress

if TYPE_CHECKING:
    from ..organization.pulled import Pulled

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def pull(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write to a file, whole or not at all, as org.yaml.",
            rich_help_panel="Output",
        ),
    ] = None,
    force: Force = False,
    pins: Annotated[
        bool,
        typer.Option(
            "--pins",
            help="Write each id as 'id:', so that a thing keeps being this one when its name"
            " changes; by default ids are comments where names suffice.",
            rich_help_panel="Output",
        ),
    ] = False,
    only: Only = None,
    project: Project = None,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Write the organization as a file: people, groups, roles, projects and what is set in them.

    What most projects have in common stands under 'defaults'. Archived projects and secrets do not
    stand in it. The same organization gives the same bytes, so that a second pull shows in a diff
    what has changed.

    What the API refuses is left out, named at the top of the file, and makes the exit code 1.
    """
    check_target(out, force=force)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    pulled = run(_pulled(target, only, projects_of(project), pins=pins))
    with opened(out, force=force) as file:
        file.write(pulled.text())
    end_lacking(*pulled.lacks(), allowed=allow_missing)


async def _pulled(
    target: Target, only: list[str] | None, projects: list[str], *, pins: bool
) -> Pulled:
    async with (
        Progress("Reading the organization") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        return await client.organization.pull(
            only=only or None,
            projects=projects or None,
            pins=pins,
            on_progress=observing(progress, demo=target.demo),
        )
