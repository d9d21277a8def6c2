"""``openai-admin access review``: who has access, for a reviewer to sign off."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._wire.codec import plain
from ..insights.text import count
from .access import Thorough, read
from .connect import Target
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
from .output import Output, writing
from .output_file import check_target, opened
from .period_options import Project, projects_of
from .terminal import printable

if TYPE_CHECKING:
    from ..insights.access import Access
    from ..insights.access.reviewing import ReviewRow

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_FIELDS = (
    "kind",
    "name",
    "email",
    "project",
    "organization_owner",
    "powers",
    "last_active",
    "since",
    "age_days",
    "expires",
    "notes",
    "id",
)
_SHOWN = ("kind", "name", "project", "organization_owner", "last_active", "notes")
"""The columns of a table, for which what somebody may do is too long."""
_DECISION = ("Decision", "Reviewer", "Date", "Comment")
"""What the reviewer fills in."""
_NOT_KNOWN = "not known"


@app.command(cls=Command)
def review(
    project: Project = None,
    thorough: Thorough = False,
    format: Annotated[
        Literal["table", "json", "csv", "md"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, csv or md; by default as --out is named, else a table on a terminal"
            " and JSON in a pipe.",
            rich_help_panel="Output",
        ),
    ] = None,
    out: Out = None,
    force: Force = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Write who has access and what for, with empty columns for a reviewer's decision.

    A row for each person, service account and admin key, for each key of somebody who has left or
    whom nobody knows, and for each pending invite: what they may do and how they come to it, the
    last sign of activity, and what stands out, such as admin keys that never expire. CSV is for
    spreadsheets: no text in it is taken for a formula. A key with api.management.read suffices.
    What is not known stands as not known; where the API refused something, a row says what, and
    the exit code is 1. So it is where people may have roles of their own that they were not asked
    for: --thorough asks.
    """
    from ..insights.access.reviewing import review_rows

    is_markdown = format == "md" or (format is None and out is not None and out.suffix == ".md")
    chosen = None if is_markdown or format == "md" else format
    output = Output.of(
        {
            "format": chosen,
            "columns": None,
            "out": out,
            "force": force,
            "csv_dialect": None,
        }
    )
    if is_markdown:
        check_target(output.out, force=force)
    else:
        output.check(_FIELDS)
        if output.chosen() == "csv":
            output = output._replace(csv_dialect="excel")
    projects = projects_of(project)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    found = run(read(target, project=projects, thorough=thorough))
    rows = review_rows(found)
    if is_markdown:
        with opened(output.out, force=force) as file:
            file.writelines(f"{line}\n" for line in _markdown(found, rows))
        _told(output.out, rows)
    else:
        _write(rows, output)
    end_lacking(*found.lacks, *found.unasked, allowed=allow_missing)


def _write(rows: Sequence[ReviewRow], output: Output) -> None:
    names = (*_FIELDS, *_DECISION)
    if output.chosen() == "table":
        output = output._replace(columns=_SHOWN)
    with writing(output, names, _plain) as writer:
        writer.page([_cells(row) | dict.fromkeys(_DECISION) | {"": row} for row in rows])
        writer.end()


def _told(out: Path | None, rows: Sequence[ReviewRow]) -> None:
    if out is not None:
        print(printable(f"Wrote {count(len(rows), 'row')} to {out}."), file=sys.stderr)


def _cells(row: ReviewRow) -> dict[str, Any]:
    """A row as a reviewer reads it."""
    seen = "" if row.kind == "pending invite" else "never"
    if row.last_active_at is not None:
        seen = _day(row.last_active_at)
    elif not row.is_activity_known:
        seen = _NOT_KNOWN
    owner = {True: "yes", False: "no", None: _NOT_KNOWN}[row.is_owner]
    return {
        "kind": row.kind,
        "name": row.name or row.email,
        "email": row.email,
        "project": row.project_name or row.project_id,
        "organization_owner": owner,
        "powers": "; ".join(row.powers) or "none",
        "last_active": seen,
        "since": _NOT_KNOWN if row.since is None else _day(row.since),
        "age_days": row.age_days,
        "expires": _expiry(row),
        "notes": "; ".join(row.notes),
        "id": row.id,
    }


def _expiry(row: ReviewRow) -> str | None:
    if row.expires_at is not None:
        return _day(row.expires_at)
    if row.kind == "pending invite" or not row.is_expiry_known:
        return _NOT_KNOWN
    return "never" if "key" in row.kind else None


def _plain(cells: dict[str, Any]) -> dict[str, Any]:
    row: ReviewRow = cells[""]
    return {
        **{name: plain(value) for name, value in cells.items() if name not in ("", *_DECISION)},
        "project_id": row.project_id,
        "is_owner": row.is_owner,
        "powers": list(row.powers),
        "last_active_at": plain(row.last_active_at),
        "is_activity_known": row.is_activity_known,
        "notes": list(row.notes),
    }


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def _markdown(found: Access, rows: Sequence[ReviewRow]) -> Iterator[str]:
    from .._text.markdown import escape

    whose = found.facts.organization_id or "the organization"
    yield f"# Access review of {escape(whose)}"
    yield ""
    yield f"As of {found.facts.taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    for text in (*found.lacks, *found.unasked):
        yield ""
        yield f"**{escape(text)}**"
    for kind in dict.fromkeys(row.kind for row in rows):
        of_kind = [row for row in rows if row.kind == kind]
        columns = [c for c in _FIELDS[1:] if c == "name" or any(_cells(r)[c] for r in of_kind)]
        yield ""
        yield f"## {kind.capitalize()} ({len(of_kind)})"
        yield ""
        names = [*(name.replace("_", " ").capitalize() for name in columns), *_DECISION]
        yield f"| {' | '.join(names)} |"
        yield f"|{'|'.join(':--' for _ in names)}|"
        for row in of_kind:
            cells = _cells(row)
            told = [escape("" if cells[c] is None else str(cells[c])) for c in columns]
            yield f"| {' | '.join([*told, *('' for _ in _DECISION)])} |"
