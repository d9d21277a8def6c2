"""``openai-admin focus``: costs as a FOCUS 1.2 file, which finance joins with cloud bills."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._wire.codec import plain
from .connect import Target, connected
from .dates import MONTH_HELP, SINCE_HELP, UNTIL_HELP, time_range
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .names import find_ids
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    ExpectOrganization,
    Force,
    MaxResponseBytes,
    Profile,
    Strict,
    Verbose,
)
from .output_file import check_target, opened, reported
from .progress import Progress

if TYPE_CHECKING:
    from ..export import FocusSummary
    from ..insights import Period

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MONTH = "{month}"
_STDOUT = Path("-")
_DEFAULT = "last-month"


@app.command(cls=Command)
def focus(
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="PERIOD", show_default=_DEFAULT, help=MONTH_HELP),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help=SINCE_HELP)] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help=UNTIL_HELP)] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write to a .csv, .csv.gz or .parquet file, whole or not at all; {month} in its"
            " name makes a file for each month. By default, or for -, CSV to standard output.",
            rich_help_panel="Output",
        ),
    ] = None,
    previous: Annotated[
        list[Path] | None,
        typer.Option(
            "--previous",
            metavar="FILE",
            help="A file delivered before, once for each: what was restated since of the months"
            " before is added as corrections.",
        ),
    ] = None,
    allocation: Annotated[
        Path | None,
        typer.Option(
            "--allocation",
            metavar="FILE",
            help="Whose the costs are, by an allocation.toml: the column Tags.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="A,B,…",
            help="Keep charges apart by api_key_id or user_id too, beside project and line item.",
        ),
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project", metavar="ID|NAME", help="Only this project; once for each of several."
        ),
    ] = None,
    billing_account: Annotated[
        str | None,
        typer.Option(
            "--billing-account",
            metavar="ID",
            help="Who is billed; by default the organization that the API's answers name.",
        ),
    ] = None,
    force: Force = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    max_response_bytes: MaxResponseBytes = None,
    verbose: Verbose = 0,
) -> None:
    """Write costs as a FOCUS 1.2 file, CSV or Parquet, to join with the bills of clouds.

    A row is what a project was charged for a line item on a UTC day; the sum of BilledCost is that
    of the costs. Columns that begin with x_ are our own: model, kind, tier, key, and x_complete,
    which is false where the API may still restate the amount. What is not known has no row: the
    file names such days in x_missing_days, and the exit code is 1. Without a period: last month.
    """
    from ..export import Previous, format_of, months_of

    if out == _STDOUT:
        out = None
    period = _period(month, since, until)
    parts = [period]
    if out is not None:
        format_of(out)
        parts = months_of(period) if _MONTH in out.name else parts
    files = [_named(out, part) for part in parts]
    for file in files:
        check_target(file, force=force)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    arguments = {
        "details": [n.strip() for text in by or () for n in text.split(",") if n.strip()],
        "allocation": _allocation(allocation),
        "previous": Previous.read(*previous) if previous else None,
        "billing_account": billing_account,
    }
    lacking: list[str] = []
    for summary, file in run(
        _write(target, list(zip(parts, files, strict=True)), project, arguments)
    ):
        for sentence in _told(summary, file):
            print(sentence, file=sys.stderr)
        lacking += _lacking(summary)
    end_lacking(*dict.fromkeys(lacking), allowed=allow_missing)


async def _write(
    target: Target,
    files: Sequence[tuple[Period, Path | None]],
    projects: list[str] | None,
    arguments: dict[str, Any],
) -> list[tuple[FocusSummary, Path | None]]:
    """Write the files; corrections are in the last one."""
    from ..export import focus

    done = []
    previous = arguments.pop("previous")
    async with (
        Progress("Fetching costs") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        filters, _ = await find_ids(
            client, "usage.costs", {"project_ids": projects} if projects else {}, str, progress
        )
        for number, (period, file) in enumerate(files, 1):
            with opened(None) if file is None else _reported(file) as place:
                summary = await focus(
                    client,
                    place,
                    period=period,
                    previous=previous if number == len(files) else None,
                    **arguments,
                    **filters,
                )
            done.append((summary, file))
    return done


@contextmanager
def _reported(file: Path) -> Iterator[Path]:
    with reported(str(file)):
        yield file


def _period(month: str | None, since: str | None, until: str | None) -> Period:
    """The days that are meant; of a period that goes on, all of them, for a bill is a month's.

    Raises:
        CommandError: they do not begin and end with days.
    """
    from ..insights import Period

    if month is None and since is None and until is None:
        month = _DEFAULT
    now = datetime.now(UTC)
    start, end = time_range(since, until, month=month, now=now)
    last = end or datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    if any(
        moment != moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for moment in (start, last)
    ):
        raise CommandError("Costs are by whole days (UTC): begin and end with one.")
    return Period(start.date(), last.date())


def _named(out: Path | None, period: Period) -> Path | None:
    """The file of a period."""
    if out is None or _MONTH not in out.name:
        return out
    return out.with_name(out.name.replace(_MONTH, f"{period.start:%Y-%m}"))


def _allocation(path: Path | None) -> Any:
    if path is None:
        return None
    from ..allocation import Allocation

    return Allocation.from_file(path)


def _told(done: FocusSummary, file: Path | None) -> list[str]:
    """What a file has, and what is to be known of it."""
    from ..insights.text import count

    place = "standard output" if file is None else str(file)
    told = f"{place}: {count(done.charges, 'charge')}, {_sums(done.totals)}"
    if done.corrections:
        told += (
            f"; {count(done.corrections, 'correction')} of earlier months, {_sums(done.corrected)}"
        )
    sentences = [f"{told}.", *done.notes, *done.adapted]
    if done.so_far is not None:
        sentences.append(f"{done.so_far} Their rows have x_complete false.")
    return sentences


def _sums(totals: dict[str, Any]) -> str:
    return ", ".join(f"{plain(amount)} {currency}" for currency, amount in totals.items()) or "0"


def _lacking(done: FocusSummary) -> list[str]:
    """What a file lacks, a sentence each."""
    told = []
    if done.missing:
        told.append(
            f"Parts could not be fetched and are not in the file: {'; '.join(done.missing)}."
        )
    if done.unknown:
        days = ", ".join(map(str, done.unknown))
        told.append(f"Not known, or not wholly, are the costs of {days}.")
    if done.lost:
        told.append("The file lacks what the API refused.")
    return told + list(done.unnamed)
