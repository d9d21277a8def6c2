"""The options that the commands about the organization as code share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from .terminal import is_terminal

Form = Literal["table", "json"]

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
Format = Annotated[
    Form | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="table or json; by default text on a terminal and JSON in a pipe.",
        rich_help_panel="Output",
    ),
]


def form_of(format: Form | None) -> Form:
    """The form that was chosen, or fits standard output."""
    return format or ("table" if is_terminal(sys.stdout) else "json")
