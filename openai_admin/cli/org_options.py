"""The options that the commands about the organization as code share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The organization's file, or a folder of files.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="SECTION",
        help="Only this section, as people, projects.members or settings; 'projects' is everything"
        " in projects. May be repeated.",
    ),
]
Project = Annotated[
    list[str] | None,
    typer.Option(
        "--project",
        metavar="NAME",
        help="Only what is in this project, by name or id: nothing of the organization, such as"
        " people, groups and their roles. May be repeated, or have several (A,B).",
    ),
]
Full = Annotated[
    bool,
    typer.Option(
        "--full",
        help="Name everything that stays as it is, not only how much of a kind.",
        rich_help_panel="Output",
    ),
]
