"""``openai-admin audit-logs search``: who did what, by names, around a moment, counted."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._declare.dates import TIME_HELP, period
from .._text.durations import read_duration
from .._wire.codec import to_dict
from ..errors import InvalidInputError
from .columns import Column, TextTable
from .connect import Target, connected
from .dates import BACK_HELP
from .errors import CommandError, end_lacking
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
from .output_file import opened
from .parameters import reworded
from .period_options import Project, projects_of
from .progress import Progress
from .terminal import printable

if TYPE_CHECKING:
    from ..audit.search.by_names import Named
    from ..audit.search.model import Count, Found
    from ..directory.recorded.told import Told

app = typer.Typer(add_completion=False, rich_markup_mode=None)

NAMES = (
    "at",
    "actor",
    "type",
    "target",
    "project",
    "changes",
    "ip",
    "country",
    "via",
    "key",
    "id",
    "actor_id",
    "target_id",
    "project_id",
    "event",
)
"""The fields of an event that is told."""

_COUNTS = ("events", "first", "last")
_NAMED = frozenset({"actor", "target", "project", "key"})
_SINCE = "30d"
_WINDOW = "1h"
_MOST = 100
_ZONELESS = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2}(?::\d{2})?)")
_WORDS: Mapping[str, str] = {
    "person": "--person",
    "key": "--key",
    "types": "--type",
    "project": "--project",
    "ip": "--ip",
    "by": "--by",
    "window": "--window",
    "around": "--around",
}


@app.command("search", cls=Command)
def search(
    person: Annotated[
        list[str] | None,
        typer.Option(
            "--person",
            metavar="NAME",
            help="What this person or service account did, or what was done to them: a name, an"
            " address or an id. May be repeated: then what any of them had a part in.",
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="NAME",
            help="What was done with this key or to it: a name, an id, its last characters.",
        ),
    ] = None,
    project: Project = None,
    type: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="PATTERN",
            help="Only these types, as project.archived, or 'api_key.*' for all that this version"
            " knows; several as A,B. Types of the tenant, as 'tenant.*', are looked for too.",
        ),
    ] = None,
    ip: Annotated[
        list[str] | None,
        typer.Option(
            "--ip",
            metavar="ADDRESS",
            help="Only from this address or network: 203.0.113.7, 203.0.113.0/24.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            show_default=_SINCE,
            help=f"The earliest moment: {TIME_HELP}. {BACK_HELP}",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="The first moment not included; now."),
    ] = None,
    around: Annotated[
        str | None,
        typer.Option(
            "--around",
            metavar="TIME",
            help='What happened around a moment, as "2026-11-18 10:00" (UTC unless it says).',
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            "--window",
            metavar="LENGTH",
            show_default=_WINDOW,
            help="With --around, how long a stretch to look at, half of it before: 30m, 2h, 1d.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="A,B,…",
            help="Count the events instead, by actor, type, target, project, day, hour, ip,"
            " country, key or via.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            show_default=f"{_MOST}, with --by all",
            help="The newest so many.",
        ),
    ] = None,
    tenant: Annotated[
        bool,
        typer.Option(
            "--tenant", help="Look through the events of the tenant above the organization as well."
        ),
    ] = False,
    no_names: Annotated[
        bool,
        typer.Option("--no-names", help="Look up no names that the log does not tell."),
    ] = False,
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
    """Say who did what: search the audit log by names, and see names beside ids.

    What is asked for together must all be met: --person Mia --type 'api_key.*' is what Mia had to
    do with keys. The newest events come first. The exit code is 1 where a part of the log could
    not be read.
    """
    from ..audit.search.by_names import Named
    from ..audit.search.grouping import check_groupings

    grouped = _split(by)
    output = Output(format, columns or (), out, force, csv_dialect)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    most = limit or (None if grouped else _MOST)
    names = not no_names and (not grouped or bool(_NAMED.intersection(grouped)))
    try:
        check_groupings(grouped)
        output.check((*grouped, *_COUNTS) if grouped else NAMES)
        start, end = _range(since, until, around, window)
        named = Named(
            since=start,
            until=end,
            person=person or (),
            key=key or (),
            project=projects_of(project),
            types=_split(type),
            ip=_split(ip),
            tenant=tenant,
        )
        found = run(_found(target, named, most, names=names))
    except InvalidInputError as exc:
        raise InvalidInputError(reworded(str(exc), _WORDS)) from None
    if grouped:
        _write_counts(found, grouped, output)
    else:
        _write(found, output)
    if found.has_more:
        print(
            f"There are more than these {len(found.events):,}: use a larger --limit.",
            file=sys.stderr,
        )
    for note in found.unnamed:
        print(printable(note), file=sys.stderr)
    end_lacking(*_lacking(found), allowed=allow_missing)


async def _found(target: Target, named: Named, most: int | None, *, names: bool) -> Found:
    from ..audit.search.by_names import search_by_names

    async with (
        Progress("Searching the audit log") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):

        def say(sentence: str) -> None:
            with progress.quiet():
                print(printable(sentence), file=sys.stderr)

        return await search_by_names(
            client,
            named,
            limit=most,
            names=names,
            on_told=say,
            on_read=lambda read, met: progress.update(f"{read:,} events read, {met:,} found"),
        )


def _range(
    since: str | None, until: str | None, around: str | None, window: str | None
) -> tuple[datetime, datetime]:
    from ..audit.search import asked

    now = datetime.now(UTC)
    if around is None:
        if window is not None:
            raise CommandError("--window needs --around, the moment to look around.")
        start = period(since or _SINCE, "--since", now=now, whole_days=False)
        end = start.end if until is None else None
        if until is not None:
            end = period(until, "--until", now=now, whole_days=False).until
        end = now if end is None else end
        if end <= start.start:
            raise CommandError(
                f"--until must be after --since: {end:%Y-%m-%dT%H:%MZ} is not after"
                f" {start.start:%Y-%m-%dT%H:%MZ}."
            )
        return start.start, end
    if since is not None or until is not None:
        raise CommandError("Pass --around, or --since and --until, not both.")
    text = _ZONELESS.fullmatch(around.strip())
    written = f"{text[1]}T{text[2].zfill(5)}Z" if text else around
    moment = period(written, "--around", now=now, whole_days=False).start
    try:
        length = timedelta(seconds=read_duration(window or _WINDOW))
    except ValueError as exc:
        raise CommandError(f"--window: {exc}") from None
    return asked.around(moment, length, now=now)


def _split(typed: Sequence[str] | None) -> list[str]:
    return [part.strip() for text in typed or () for part in text.split(",") if part.strip()]


def _write(found: Found, output: Output) -> None:
    if output.chosen() != "table" or output.named():
        with writing(output, NAMES, lambda told: to_dict(told, mode="json")) as writer:
            writer.page(found.events)
            writer.end()
        return
    if not found.events and output.out is None:
        if not found.not_known:
            print("Nothing was found.", file=sys.stderr)
        return
    with opened(output.out, force=output.force) as file:
        TextTable(file, _columns(found.events)).page(found.events)


def _columns(events: Sequence[Told]) -> list[Column]:
    """The columns that some event has something for."""
    columns = [
        Column("when", lambda e: "" if e.at is None else f"{e.at:%Y-%m-%d %H:%M:%S}", kind="time"),
        Column("who", lambda e: e.actor or ""),
        Column("what", lambda e: e.type or "", kind="measure"),
        Column("to", lambda e: e.target or ""),
        Column("project", lambda e: e.project or ""),
        Column("changes", lambda e: e.changes),
        Column("with key", lambda e: e.key or ""),
        Column("from", lambda e: " ".join(filter(None, (e.ip, e.country)))),
    ]
    return [column for column in columns if any(column.text(event) for event in events)]


def _write_counts(found: Found, by: Sequence[str], output: Output) -> None:
    from ..audit.search.grouping import count_by

    rows = [_count_row(count, by) for count in count_by(found.events, by)]
    with writing(output, (*by, *_COUNTS), dict, counts=("events",)) as writer:
        writer.page(rows)
        writer.end()


def _count_row(count: Count, by: Sequence[str]) -> dict[str, Any]:
    whole = to_dict(count, mode="json")
    return {
        **dict(zip(by, count.values, strict=True)),
        **{name: whole[name] for name in _COUNTS},
    }


def _lacking(found: Found) -> list[str]:
    from ..directory.not_known import sentence, told

    return [sentence(f"not looked through: {each}") for each in told(found.not_known, {})]
