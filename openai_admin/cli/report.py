"""``openai-admin report``: spend, changes, the month, keys and people; here or as a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .._files import replaced
from ..directory.clock import clocks_differ
from ..errors import InvalidInputError
from ..usage.refusals import API_KEY_COSTS_SINCE, LOOKBACK_DAYS
from .allocated import allocation_with_teams
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .file_names import named
from .lazy import Command
from .loop import run
from .options import (
    AllocationFile,
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
from .output_file import check_folder, check_target, opened, reported
from .parameters import reworded
from .period_options import Compare, LastMonth, Month, Project, Since, Until, period_of, projects_of
from .progress import Progress
from .report_forms import CHARTS, FormName, chosen_form
from .terminal import is_terminal
from .webhook import VARIABLE, Webhook

if TYPE_CHECKING:
    from ..allocation import Allocation
    from ..insights import NotKnown, Period, Review
    from ..insights.budgets import Budget
    from ..insights.scope import Compare as Compared

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_DAYS = 30


@app.command(cls=Command)
def report(
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            metavar="N",
            min=1,
            max=LOOKBACK_DAYS,
            show_default=str(_DAYS),
            help="How many whole days to look at, up to yesterday; they are compared with as many"
            " before, as far as the API goes back.",
        ),
    ] = None,
    month: Month = None,
    last_month: LastMonth = False,
    since: Since = None,
    until: Until = None,
    project: Project = None,
    compare: Compare = "previous",
    allocation: AllocationFile = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write a page (.html), Markdown (.md), text (.txt), the image of one chart (.png,"
            " .svg) or the figures (.json), whole or not at all; - is standard output. In the name,"
            " {month}, {start}, {end}, {date} and {project} stand for those of the report.",
            rich_help_panel="Output",
        ),
    ] = None,
    format: Annotated[
        FormName | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, html, md, json, slack (a message as Block Kit's JSON), svg or png; by"
            " default as --out is named, else text.",
            rich_help_panel="Output",
        ),
    ] = None,
    brief: Annotated[
        bool,
        typer.Option(
            "--brief",
            help="Ten lines of text, for a mail or a chat.",
            rich_help_panel="Output",
        ),
    ] = False,
    chart: Annotated[
        str | None,
        typer.Option(
            "--chart",
            metavar="|".join(CHARTS),
            help="The chart to write as an image; by default projects.",
            rich_help_panel="Output",
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Show all rows of each table, not only those that matter most and the rest as"
            " one; figures (.json) always have all.",
            rich_help_panel="Output",
        ),
    ] = False,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            metavar="FOLDER",
            help="Also write all rows of each finding as CSV, and all figures as figures.json, to a"
            " folder that is new or empty.",
            rich_help_panel="Output",
        ),
    ] = None,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help=f"Also post it to the address in {VARIABLE}: as a message for Slack, or with"
            " --format json as the figures.",
            rich_help_panel="Output",
        ),
    ] = False,
    budgets: Annotated[
        Path | None,
        typer.Option(
            "--budgets",
            metavar="FILE",
            help="Also say where the budgets in this file stand, as 'openai-admin budget' does.",
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
    """Report what was spent and where, what changed, what the month will cost, and what to remove.

    Without --out, it is shown here. Tables have the rows that matter most, and the rest as one;
    see --full and --tables. The page contains everything it needs, and makes no network
    requests. Of a period that is over, it has the bill; keys, people and limits are always as they
    are now. Where the API refuses a part, the report says so and the exit code is 1.
    """
    period = period_of(month=month, last_month=last_month, since=since, until=until)
    if period is not None and days is not None:
        raise CommandError("Pass --days or a period, not both.")
    projects = projects_of(project)
    asked = _Asked(days, period, projects, compare, allocation_with_teams(allocation))
    out = named(out, days=asked.looked_at(), projects=asked.projects)
    form, wanted = chosen_form(format, out, chart=chart, full=full, brief=brief)
    if form.is_binary and out is None and is_terminal(sys.stdout):
        raise CommandError(f"{format} is not text: name a file with --out, or pipe it somewhere.")
    check_target(out, force=force)
    check_folder(tables, force=force)
    receiver = Webhook.of_environment() if webhook else None
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    found = run(_review(asked, target, _budgets(budgets, asked.allocation)))
    if clocks := clocks_differ(found.clock_difference):
        print(clocks, file=sys.stderr)
    lacks = _lacking(found)
    if not allow_missing and _is_unanswered(found):
        raise CommandError(" ".join(["Nothing was written.", *lacks]), code=1)
    _write(form.make(found, wanted), out)
    if tables is not None:
        from ..report import write_tables

        with reported(str(tables)):
            written = write_tables(found, tables)
        print(f"Wrote {len(written)} files to {tables}.", file=sys.stderr)
    if receiver is not None:
        failure = run(_post(receiver, found, as_figures=format == "json"))
        if failure is not None:
            raise CommandError(" ".join([failure, *lacks]), code=1)
    end_lacking(*lacks, allowed=allow_missing)


class _Asked(NamedTuple):
    """What a report is to be of."""

    days: int | None
    period: Period | None
    projects: Sequence[str]
    compare: Compared
    allocation: Allocation | None

    def looked_at(self) -> tuple[date, date]:
        """The first of the days that it will be of, and the day after the last."""
        from ..insights.periods import whole_days

        now = datetime.now(UTC)
        found = self.period and self.period.so_far(now)
        found = found or whole_days(_DAYS if self.days is None else self.days, now=now)
        return found.start, found.end


def _budgets(file: Path | None, allocation: Allocation | None) -> Sequence[Budget]:
    """The budgets in a file."""
    if file is None:
        return ()
    from ..insights.budgets import read_budgets

    return read_budgets(file, allocation=allocation)


async def _review(asked: _Asked, target: Target, budgets: Sequence[Budget]) -> Review:
    from ..insights import review

    async with (
        Progress("Looking at the organization") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        try:
            return await review(
                client,
                days=asked.days,
                period=asked.period,
                project=asked.projects or None,
                compare=asked.compare,
                allocation=asked.allocation,
                budgets=budgets,
            )
        except InvalidInputError as exc:
            names = {"project": "--project", "compare": "--compare"}
            raise InvalidInputError(reworded(str(exc), names)) from None


def _write(content: str | bytes, out: Path | None) -> None:
    """Write a report to a file, or show it."""
    if out is not None:
        data = content.encode() if isinstance(content, str) else content
        with reported(str(out)), replaced(out) as temporary:
            temporary.write_bytes(data)
        print(f"Wrote {out}.", file=sys.stderr)
    elif isinstance(content, str):
        with opened(None) as file:
            file.write(content)
    else:
        with reported("standard output"):
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()


async def _post(receiver: Webhook, found: Review, *, as_figures: bool) -> str | None:
    """Post a report; what went wrong, as a sentence."""
    from ..report import figures, to_slack

    message = figures(found) if as_figures else to_slack(found)
    return await receiver.post(message, wants_ok=not as_figures)


def _is_never_had(part: NotKnown, review: Review) -> bool:
    """Whether it is costs by key of a time before the API has any."""
    from ..insights.basis import OF_YEAR_BEFORE, grouped_by
    from ..insights.periods import midnight

    compared = review.scope.compared
    return (
        part.kind == grouped_by(OF_YEAR_BEFORE, "api_key_id")
        and compared is not None
        and midnight(compared.start).timestamp() < API_KEY_COSTS_SINCE
    )


def _is_unanswered(review: Review) -> bool:
    """Whether nothing is known of all that the report is about."""
    from ..insights.findings import FINDINGS

    return all(review.why_not_known(key) for key in FINDINGS if review.is_about(key))


def _lacking(review: Review) -> list[str]:
    """What is not known of what the report should have, a sentence each."""
    from ..directory.not_known import told

    # Keys of the year before lie in days that the API never groups by key, whoever asks: that is
    # told in the report, and is not a failure.
    lacking = [part for part in review.not_known if not _is_never_had(part, review)]
    if not lacking:
        return []
    what = "; ".join(told(lacking, review.names))
    return [f"Not everything asked for is known: {what}"]
