"""``openai-admin org hcl``: the organization for the official Terraform provider."""

from __future__ import annotations

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
    Out,
    Profile,
    Strict,
    Verbose,
)
from .org_progress import observing
from .output_file import check_target, opened
from .period_options import projects_of
from .progress import Progress

if TYPE_CHECKING:
    from ..organization.state import State

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def hcl(
    out: Out = None,
    force: Force = False,
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project",
            metavar="NAME",
            help="Of the projects only this one, by name or id; may be repeated, or have several"
            " (A,B). The rest of the organization is written as well.",
        ),
    ] = None,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Write the organization as HCL for the official Terraform provider, openai/openai.

    Each resource has an import block, so that Terraform adopts what there is. What the provider has
    no resource for is named at the top. The same organization gives the same bytes.

    What the API refuses is left out, named at the top of the file, and makes the exit code 1.
    """
    from ..organization.hcl.writing import hcl_of
    from ..organization.pulled import Pulled

    check_target(out, force=force)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    state = run(_observed(target, projects_of(project)))
    lacks = Pulled(document=state.document, state=state).lacks()
    with opened(out, force=force) as file:
        file.write(hcl_of(state, notes=lacks))
    end_lacking(*lacks, allowed=allow_missing)


async def _observed(target: Target, projects: list[str]) -> State:
    async with (
        Progress("Reading the organization") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        return await client.organization.observe(
            projects=projects or None, on_progress=observing(progress, demo=target.demo)
        )
