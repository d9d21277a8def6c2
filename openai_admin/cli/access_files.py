"""``openai-admin access export`` and ``diff``: who has access, kept and compared."""

from __future__ import annotations

import json
import sys
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._wire.codec import plain
from .access import FIELDS, SHOWN, Thorough, cells, plain_cells, read, reading
from .connect import Target
from .errors import CommandError, end_found, end_lacking
from .file_names import named
from .lazy import Command
from .loop import run
from .options import (
    AllowMissing,
    BaseURL,
    Columns,
    Demo,
    Dialect,
    ExpectOrganization,
    Force,
    Format,
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
    from ..insights.access import Access, Differences

exporting = typer.Typer(add_completion=False, rich_markup_mode=None)
comparing = typer.Typer(add_completion=False, rich_markup_mode=None)

_MANY_PROJECTS = 4  # of one change, from which on a table has one row for all
_TABLES = (".csv", ".tsv", ".md", ".xlsx", ".parquet")
_ALIKE = ("what", "kind", "id", "permission", "by", "actor", "changed_at")
_FIELDS = ("what", *FIELDS, "actor", "changed_at")


@exporting.command(cls=Command)
def export(
    out: Out = None,
    project: Project = None,
    thorough: Thorough = False,
    force: Force = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Write who has access as JSON, for 'openai-admin access diff' and for other programs.

    It has people, groups, roles, who has which, projects with members, service accounts and keys,
    admin keys and pending invites; no key's value. {date} in the file's name is today:
    access-{date}.json.
    """
    place = named(out)
    if place is not None and place.suffix.lower() in _TABLES:
        raise CommandError(
            f"--out: an export of access is JSON, and {place.name} is named for something else:"
            " name it .json ('access review' writes CSV and Markdown)."
        )
    check_target(place, force=force)
    projects = projects_of(project)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    found = run(read(target, project=projects, thorough=thorough))
    with opened(place, force=force) as file:
        file.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")
    if place is not None:
        print(printable(f"Wrote {place}."), file=sys.stderr)
    for note in found.unasked:  # which the file says as well, and a comparison with it
        print(printable(note), file=sys.stderr)
    end_lacking(*found.lacks, allowed=allow_missing)


@comparing.command(cls=Command)
def diff(
    before: Annotated[
        Path, typer.Argument(metavar="BEFORE", help="What 'access export' wrote earlier.")
    ],
    after: Annotated[
        Path | None,
        typer.Argument(
            metavar="AFTER", help="What it wrote later; by default access as it is now."
        ),
    ] = None,
    thorough: Thorough = False,
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
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
    """Show which permissions were granted and which were lost since a file was written.

    Compared with access as it is now, each has who changed it, where the audit log says so.
    The exit code is 3 where there is a difference. Where something of either moment is not known,
    what could be in it is told as not known, and the exit code is 1 unless there is a difference.
    So it is where people were not asked for roles of their own: pass --thorough here and to export.
    """
    from ..insights.access.differences import access_diff

    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(_FIELDS)
    first = _from_file(before)
    if after is not None:
        second = _from_file(after)
        found = access_diff(first, second)
    else:
        target = Target(profile, base_url, demo, verbose, strict, expect_organization)
        second, found = run(_since(first, target, thorough=thorough))
    rows = [
        {"what": each.change, "actor": each.actor, "changed_at": each.changed_at}
        | cells(each.holding)
        for each in found.changes
    ]
    if output.chosen() == "table" and not output.columns:
        output = output._replace(columns=("what", *SHOWN, "actor"))
    with writing(output, _FIELDS, _plain) as writer:
        writer.page(_grouped(rows) if output.chosen() == "table" else rows)
        writer.end()
    lacks = list(found.lacks)
    for note in found.notes:
        print(printable(note), file=sys.stderr)
    unsure = sum(each.change == "not known" for each in found.changes)
    if unsure:
        lacks.append(f"Whether {unsure:,} of these changed is not known.")
    days = [f"{one.facts.taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for one in (first, second)]
    if not rows:
        nothing = "As far as is known, nothing" if lacks else "Nothing"
        print(f"{nothing} was granted or lost between {days[0]} and {days[1]}.", file=sys.stderr)
    told = [f"Access changed between {days[0]} and {days[1]}."] if found.is_different else []
    end_found(told, *lacks, allowed=allow_missing)


def _grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows for a table: what became of the same in many projects alike is one of them."""
    alike: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for row in rows:
        mark = (*(row[name] for name in _ALIKE), row["project_id"] is None)
        alike.setdefault(mark, []).append(row)
    found: list[dict[str, Any]] = []
    for each in alike.values():
        if len(each) < _MANY_PROJECTS:
            found += each
        else:
            found.append(each[0] | {"where": f"{len(each):,} projects"})
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    own = ("what", "actor", "changed_at")
    return {name: plain(row[name]) for name in own} | plain_cells(row)


async def _since(first: Access, target: Target, *, thorough: bool) -> tuple[Access, Differences]:
    """Access as it is now, and what has changed since, with by whom."""
    from .._tree import AdminResources
    from ..insights.access import access_diff
    from ..insights.access.attributed import attributed

    async with reading(target) as (client, ask):
        second = await ask(project=first.facts.of_projects, thorough=thorough)
        found = access_diff(first, second)
        if found.changes:
            since, until = first.facts.taken_at, second.facts.taken_at
            found = await attributed(AdminResources(client._caller), found, since, until)
    return second, found


def _from_file(path: Path) -> Access:
    """Access from a file.

    Raises:
        CommandError: it cannot be read.
        InvalidInputError: it is something else.
    """
    from ..insights.access import Access

    try:
        text = path.read_bytes()
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    return Access.from_json(text, name=str(path))
