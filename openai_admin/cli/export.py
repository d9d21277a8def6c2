"""``openai-admin export``: usage, costs, directory and audit log as a Parquet dataset."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._extras import require
from ..events import Event, Listener, Paused
from ..usage.days import whole_days
from .connect import Target, connected
from .dates import DEFAULT_RANGE, SINCE_HELP, UNTIL_HELP, time_range
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .names import find_ids
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    ExpectOrganization,
    MaxResponseBytes,
    Profile,
    Strict,
    Verbose,
)
from .output_file import reported
from .period_options import LastMonth, Month, Project, chosen_month, projects_of
from .progress import WaitNotice, waiting
from .terminal import is_terminal

if TYPE_CHECKING:
    from ..export import Progress, Summary

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The dataset's folder.")],
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", show_default=DEFAULT_RANGE, help=SINCE_HELP),
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help=UNTIL_HELP)] = None,
    month: Month = None,
    last_month: LastMonth = False,
    project: Project = None,
    endpoints: Annotated[
        list[str] | None,
        typer.Option(
            "--endpoints",
            metavar="A,B,…",
            help="Only these: usage, costs, directory, audit_logs, or one by its name, such as"
            " completions or project_api_keys.",
        ),
    ] = None,
    restate_days: Annotated[
        int,
        typer.Option(
            "--restate-days",
            metavar="N",
            min=0,
            help="Fetch a day again until it was fetched this many days after its end: the"
            " API restates recent days.",
        ),
    ] = 3,
    bucket_width: Annotated[
        Literal["1m", "1h", "1d"],
        typer.Option("--bucket-width", metavar="1m|1h|1d", help="The width of usage's buckets."),
    ] = "1d",
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    max_response_bytes: MaxResponseBytes = None,
    verbose: Verbose = 0,
) -> None:
    """Keep usage, costs, directory and audit log as a Parquet dataset that is brought up to date.

    OUT gets facts (usage, costs, audit log) with a file for each month, as DuckDB, Polars, pandas
    and Spark read them: facts/costs/month=2026-11/part-0.parquet; dimensions (projects, users, keys
    …) as they are today: dimensions/projects/latest.parquet, beside earlier snapshots; a README.md
    that says how each tool reads and joins them; and a schema.sql with views for DuckDB. A run
    fetches what is not there yet and the days that the API may have restated since; one that was
    interrupted goes on. A dataset of some projects leaves out what is of the whole organization.
    """
    require("pyarrow", extra="arrow")
    if out.exists() and not out.is_dir():
        raise CommandError(f"{out} is a file; name a folder.")
    start, end = time_range(
        since,
        until,
        month=chosen_month(month, last_month, since, until),
        now=datetime.now(UTC),
    )
    widened = whole_days(
        int(start.timestamp()),
        None if end is None else int(end.timestamp()),
        now=int(datetime.now(UTC).timestamp()),
        widen=True,
        subject="A dataset is",
    ).note
    projects = projects_of(project)
    names = [n.strip() for text in endpoints or ["all"] for n in text.split(",") if n.strip()]
    arguments = {
        "since": start,
        "until": end,
        "endpoints": names,
        "restate_days": restate_days,
        "bucket_width": bucket_width,
    }
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    with reported(str(out)):
        done = run(_export(target, out, projects, arguments))
    print(_told(done, out), file=sys.stderr)
    for sentence in (*filter(None, (widened,)), *done.notes, *done.adapted):
        print(sentence, file=sys.stderr)
    end_lacking(*_lacking(done), allowed=allow_missing)


def _lacking(done: Summary) -> list[str]:
    """What the dataset lacks after a run, a sentence each."""
    told = []
    if done.refused:
        told.append(f"Left out, since the API refuses it: {_joined(done.refused)}.")
    if done.failed:
        told.append(f"What could not be fetched to the end: {_joined(done.failed)}.")
    if done.missing:
        told.append(f"Their days were not written: {_joined(done.missing)}.")
    if done.lost:
        told.append("The dataset lacks what the API refused.")
    return told


def _joined(sentences: Sequence[str]) -> str:
    return "; ".join(text.rstrip(".") for text in sentences)


async def _export(
    target: Target, out: Path, projects: Sequence[str], arguments: dict[str, Any]
) -> Summary:
    from ..export import chosen, export

    width = arguments["bucket_width"]
    chosen(arguments["endpoints"], bucket_width=width, by_project=bool(projects))
    filters: dict[str, Any] = {"project_ids": list(projects)} if projects else {}
    with _bar() as (on_progress, on_event):
        async with connected(target, on_event=on_event) as client:
            filters, _ = await find_ids(client, "usage.costs", filters, lambda _: "--project")
            return await export(client, out, on_progress=on_progress, **arguments, **filters)


def _told(done: Summary, out: Path) -> str:
    from ..insights.text import count

    told = (
        f"{out}: {count(done.written, 'day')} written with {count(done.rows, 'row')},"
        f" {done.kept:,} kept, {count(done.pages, 'page')}."
    )
    if not done.unreadable:
        return told
    unread = count(done.unreadable, "row")
    return f"{told} What of {unread} could not be read is in the column unreadable."


@contextmanager
def _bar() -> Iterator[tuple[Callable[[Progress], None] | None, Listener]]:
    """A bar with the rate and the time left, if standard error is a terminal.

    Yields what shows the export's progress, and what shows the waits of its client.
    """
    if not is_terminal(sys.stderr):
        notice = WaitNotice("Exporting")
        try:
            yield None, notice.show_wait
        finally:
            notice.end()
        return
    from rich import progress
    from rich.console import Console

    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeRemainingColumn(compact=True),
        progress.TextColumn("left  {task.fields[waiting]}"),
        console=Console(stderr=True, highlight=False),
        transient=True,
    ) as bar:
        task = bar.add_task("Exporting", total=None, rate="", waiting="")

        def show(now: Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{now.pages / elapsed:,.1f} pages/s" if elapsed > 1 else ""
            bar.update(task, completed=now.done, total=now.total, rate=rate, waiting="")

        def show_wait(event: Event) -> None:
            if isinstance(event, Paused):
                bar.update(task, waiting=waiting(event, event.seconds))

        yield show, show_wait
