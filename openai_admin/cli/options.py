"""The options that commands share."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .._text.sizes import read_size
from .lazy import DEMO

_OUTPUT = "Output"
_CONNECTION = "Connection"


def _size(text: str | int) -> int:
    try:
        return read_size(str(text))
    except ValueError as exc:
        raise typer.BadParameter(f"{exc}.") from None


FormatName = Literal["table", "json", "ndjson", "csv", "parquet", "xlsx", "raw"]
CsvDialect = Literal["plain", "excel"]

Format = Annotated[
    FormatName | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="table, json, ndjson, csv, parquet, xlsx, or raw for the API's own JSON; by default as"
        " --out is named, else a table on a terminal and JSON in a pipe.",
        rich_help_panel=_OUTPUT,
    ),
]
Dialect = Annotated[
    CsvDialect | None,
    typer.Option(
        "--csv-dialect",
        metavar="plain|excel",
        help="CSV as it is, by default, or for spreadsheets: with a byte order mark, and no text"
        " that is taken for a formula.",
        rich_help_panel=_OUTPUT,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="A,B,…",
        help="Only these fields; dots lead into nested ones: owner.user.email.",
        rich_help_panel=_OUTPUT,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write to a file, whole or not at all.",
        rich_help_panel=_OUTPUT,
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Replace the file if it exists.", rich_help_panel=_OUTPUT),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        envvar="OPENAI_ADMIN_PROFILE",
        help="The stored connection to use (see 'openai-admin login').",
        rich_help_panel=_CONNECTION,
    ),
]
BaseURL = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="The API's address.", rich_help_panel=_CONNECTION
    ),
]
ExpectOrganization = Annotated[
    str | None,
    typer.Option(
        "--expect-organization",
        metavar="ID",
        help="Do nothing if the key belongs to another organization, or if that is not known."
        " By default what OPENAI_ADMIN_EXPECT_ORGANIZATION says.",
        rich_help_panel=_CONNECTION,
    ),
]
Demo = Annotated[
    bool,
    typer.Option(
        DEMO,
        help="Use a demo organization in this process.",
        rich_help_panel=_CONNECTION,
    ),
]


def size_option(name: str, *, help: str, panel: str) -> Any:
    """An option that takes a number of bytes, as people write it."""
    return typer.Option(name, metavar="N", parser=_size, help=help, rich_help_panel=panel)


MaxResponseBytes = Annotated[
    int | None,
    size_option(
        "--max-response-bytes",
        help="Accept answers of up to so many bytes, as 64MiB or 64MB, by default 256MiB or what"
        " the profile says; what is longer is asked for in parts.",
        panel=_CONNECTION,
    ),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="Log to stderr; twice for more.",
        rich_help_panel=_CONNECTION,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Fail where part of an answer cannot be read; else go on.",
        rich_help_panel=_CONNECTION,
    ),
]
All = Annotated[bool, typer.Option("--all", help="List everything, over all pages.")]
AllowMissing = Annotated[
    bool,
    typer.Option(
        "--allow-missing", help="Exit with 0 also where something is missing in the result."
    ),
]
AllocationFile = Annotated[
    Path | None,
    typer.Option(
        "--allocation",
        metavar="FILE",
        help="The rules that say whose costs are whose; by default what OPENAI_ADMIN_ALLOCATION"
        " names, else allocation.toml beside the configuration file.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the request, without the key, and send nothing.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="Write the secret to a new file that only you can read, not to the terminal.",
    ),
]

Shared = Mapping[str, tuple[Any, Any]]
"""Options by the name of the function's parameter, each with its annotation and its default."""

TARGET: Shared = {
    "profile": (Profile, None),
    "base_url": (BaseURL, None),
    "expect_organization": (ExpectOrganization, None),
    "demo": (Demo, False),
    "strict": (Strict, False),
    "verbose": (Verbose, 0),
}
"""What a command talks to: `connect.Target`."""

OUTPUT: Shared = {
    "format": (Format, None),
    "csv_dialect": (Dialect, None),
    "columns": (Columns, None),
    "out": (Out, None),
    "force": (Force, False),
}
"""How and where it writes: `output.Output`."""


def parameters(shared: Shared) -> list[inspect.Parameter]:
    """Shared options as parameters of a command's function."""
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in shared.items()
    ]
