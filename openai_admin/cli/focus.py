"""``openai-admin focus``: costs as a FOCUS 1.2 file, which finance joins with cloud bills."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._wire.codec import plain
from ..allocation.rules import VARIABLE
from ..errors import InvalidInputError
from .allocated import named_file
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .file_names import named
from .lazy import Command
from .loop import run
from .names import find_ids
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    Dialect,
    ExpectOrganization,
    Force,
    MaxResponseBytes,
    Profile,
    Strict,
    Verbose,
)
from .output_file import check_target, opened, reported
from .parameters import reworded
from .period_options import LastMonth, Month, Project, Since, Until, period_of, projects_of
from .progress import Progress
from .values import split

if TYPE_CHECKING:
    from ..allocation import Allocation
    from ..export import FocusSummary
    from ..insights import Period

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MONTH = "{month}"
_OWN = {
    "allocation": "--allocation",
    "billing_account": "--billing-account",
    "details": "--by",
}


@app.command(cls=Command)
def focus(
    month: Month = None,
    last_month: LastMonth = False,
    since: Since = None,
    until: Until = None,
    project: Project = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write to a .csv, .csv.gz or .parquet file, whole or not at all; - is CSV on"
            " standard output, as is the default. In the name, {month}, {start}, {end}, {date} and"
            " {project} stand for those of the file; {month} makes a file for each month.",
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
            help=f"The rules for the column Tags; by default what {VARIABLE} names, else"
            " allocation.toml beside the configuration file, if it is there.",
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
    billing_account: Annotated[
        str | None,
        typer.Option(
            "--billing-account",
            metavar="ID",
            help="Who is billed; by default the organization that the API's answers name.",
        ),
    ] = None,
    csv_dialect: Dialect = None,
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
    from ..export import Previous, checked_details, format_of, months_of
    from ..insights import month_of

    period = period_of(month=month, last_month=last_month, since=since, until=until)
    period = period or month_of(datetime.now(UTC)).preceding()
    projects = projects_of(project)
    parts = months_of(period) if out is not None and _MONTH in out.name else [period]
    files = [named(out, days=(part.start, part.end), projects=projects) for part in parts]
    for file in files:
        if file is not None and format_of(file) != "csv" and csv_dialect is not None:
            raise CommandError("--csv-dialect is for CSV: name a .csv or .csv.gz file.")
        check_target(file, force=force)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    with _named_here():
        details = checked_details(name for text in by or () for name in split(text, "--by"))
    arguments = {
        "details": details,
        "allocation": _allocation(allocation),
        "previous": Previous.read(*previous) if previous else None,
        "billing_account": billing_account,
        "csv_dialect": csv_dialect,
    }
    lacking: list[str] = []
    wanted = list(zip(parts, files, strict=True))
    for summary, written in run(_write(target, wanted, projects, arguments)):
        for sentence in _told(summary, written):
            print(sentence, file=sys.stderr)
        lacking += _lacking(summary)
    end_lacking(*dict.fromkeys(lacking), allowed=allow_missing)


async def _write(
    target: Target,
    files: Sequence[tuple[Period, Path | None]],
    projects: Sequence[str],
    arguments: dict[str, Any],
) -> list[tuple[FocusSummary, Path | None]]:
    """Write the files; the last one has the corrections of the months before all of them."""
    from ..export import focus

    done = []
    previous = arguments.pop("previous")
    if previous is not None and len(files) > 1:
        previous = previous.before(files[0][0].start)
    filters = {"project_ids": list(projects)} if projects else {}
    async with (
        Progress("Fetching costs") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        filters, _ = await find_ids(client, "usage.costs", filters, lambda _: "--project", progress)
        for period, file in files:
            query = {**arguments, **filters, "period": period}
            if period == files[-1][0]:
                query["previous"] = previous
            with opened(None) if file is None else _reported(file) as place, _named_here():
                done.append((await focus(client, place, **query), file))
    return done


@contextmanager
def _named_here() -> Iterator[None]:
    """Errors with the options in place of Python's arguments."""
    try:
        yield
    except InvalidInputError as exc:
        raise InvalidInputError(reworded(str(exc), _OWN)) from None


@contextmanager
def _reported(file: Path) -> Iterator[Path]:
    with reported(str(file)):
        yield file


def _allocation(path: Path | None) -> Allocation | None:
    path = path or named_file()
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
    return [*told, *done.uncorrected, *done.doubts, *done.unnamed]
