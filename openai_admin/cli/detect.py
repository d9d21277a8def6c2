"""``openai-admin detect``: what in the audit log should be looked at, and exit code 3 for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._text.visible import json_text
from .connect import Target, connected
from .dates import BACK_HELP, DEFAULT_RANGE, TIME_HELP, Period, period
from .errors import CommandError, end_found
from .lazy import Command
from .loop import run
from .options import AllowMissing, BaseURL, Demo, ExpectOrganization, Profile, Strict, Verbose
from .output_file import reported
from .progress import Progress
from .terminal import is_terminal, printable
from .unread import told_elsewhere

if TYPE_CHECKING:
    from ..audit.detections.detecting import Detected
    from ..audit.detections.model import Finding
    from ..audit.detections.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Form = Literal["table", "json", "ndjson", "markdown"]
Severity = Literal["informational", "low", "medium", "high", "critical"]

_DAYS = re.compile(r"(\d{1,4})d?")


def _history(text: str | timedelta) -> timedelta:
    found = _DAYS.fullmatch(str(text))
    if isinstance(text, timedelta):
        return text
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a number of days, as 30d.")
    return timedelta(days=int(found[1]))


@app.command(cls=Command)
def detect(
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help=f"The beginning, by default {DEFAULT_RANGE}: {TIME_HELP}. {BACK_HELP}",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help="The first moment not included; by default now."
        ),
    ] = None,
    history: Annotated[
        timedelta | None,
        typer.Option(
            "--history",
            metavar="DAYS",
            parser=_history,
            help="How much of the log before that is learned from, by default 30d; nothing of it is"
            " told.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Thresholds, severities, own domains and exceptions, as detect.toml.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only these detections (A,B); see --list."),
    ] = None,
    min_severity: Annotated[
        Severity,
        typer.Option(
            "--min-severity",
            metavar="SEVERITY",
            help="Tell only what is as bad: informational, low, medium, high, critical.",
        ),
    ] = "informational",
    show_accepted: Annotated[
        bool,
        typer.Option("--show-accepted", help="List what exceptions cover too, with the reason."),
    ] = False,
    no_names: Annotated[
        bool, typer.Option("--no-names", help="Look up no names of what findings mention.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="Show the detections and their thresholds, and end.")
    ] = False,
    format: Annotated[
        Form | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, ndjson or markdown; by default a table on a terminal, else json.",
            rich_help_panel="Output",
        ),
    ] = None,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Find what in the audit log should be looked at: new owners, keys, odd logins and more.

    The exit code is 3 where something was found that no exception accepts, and 1 where nothing
    was, but something is not known.
    """
    from ..audit.detections.detecting import HISTORY
    from ..audit.detections.registry import chosen, settled

    settings = settled(config)
    named = [name.strip() for text in only or () for name in text.split(",")] or None
    detections = chosen(named)
    form = format or ("table" if is_terminal(sys.stdout) else "json")
    if list_:
        _list(detections, form)
        return
    stretch = _stretch(since, until)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    with told_elsewhere():
        found = run(
            _found(
                target,
                detections,
                stretch,
                settings,
                HISTORY if history is None else history,
                names=not no_names,
            )
        )
    findings = _told(found.findings, min_severity)
    accepted = _told(found.accepted, min_severity)
    shown = sorted([*findings, *accepted], key=_order) if show_accepted else findings
    with reported("standard output"):
        print(_written(found, shown, form), end="")
        sys.stdout.flush()
    _remark(found, accepted, shows_accepted=show_accepted)
    from ..audit.detections.showing import summary_of

    lacks = [f"Not known: {each.rstrip('.')}." for each in found.not_known]
    end_found([summary_of(found, findings)] if findings else [], *lacks, allowed=allow_missing)


def _stretch(since: str | None, until: str | None) -> Period:
    """From when until when is looked at; `end` is ``None`` for now.

    Raises:
        CommandError: there is nothing between them.
        InvalidInputError: one cannot be read.
    """
    now = datetime.now(UTC)
    begun = period(since or DEFAULT_RANGE, "--since", now=now, whole_days=False)
    ended = None if until is None else period(until, "--until", now=now, whole_days=False).until
    end = ended or (None if since is None else begun.end)
    if begun.start >= min(end or now, now):
        raise CommandError("--since must be before --until, and in the past.")
    return Period(begun.start, None if end is None or end >= now else end)


async def _found(
    target: Target,
    detections: Sequence[Any],
    stretch: Period,
    settings: Settings,
    history: timedelta,
    *,
    names: bool,
) -> Detected:
    from ..audit.detections.detecting import detect

    async with (
        Progress("Reading the audit log") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        return await detect(
            client,
            detections,
            since=stretch.start,
            until=stretch.end,
            settings=settings,
            history=history,
            with_lookups=names,
        )


def _told(findings: Sequence[Finding], least: Severity) -> list[Finding]:
    from ..audit.detections.settings import SEVERITIES

    lowest = SEVERITIES.index(least)
    return [each for each in findings if SEVERITIES.index(each.severity) >= lowest]


def _order(finding: Finding) -> Any:
    return finding.at is not None, finding.at or datetime.min.replace(tzinfo=UTC)


def _written(found: Detected, findings: Sequence[Finding], form: Form) -> str:
    from ..audit.detections.showing import plain, to_markdown

    if form == "table":
        from .detect_text import text_of

        return text_of(findings, found.names, sys.stdout)
    if form == "markdown":
        return to_markdown(found, findings)
    listed = [plain(finding, found.names) for finding in findings]
    if form == "json":
        return json_text(listed, indent=2) + "\n"
    return "".join(f"{json_text(each)}\n" for each in listed)


def _remark(found: Detected, accepted: Sequence[Finding], *, shows_accepted: bool) -> None:
    """Say on standard error what was looked at, what was learned and what is accepted."""
    from ..audit.detections.showing import counted, scope_of, summary_of

    lines = [scope_of(found), *found.notes]
    if accepted and not shows_accepted:
        lines.append(
            f"{counted(len(accepted), 'finding is', 'findings are')} accepted by exceptions:"
            " --show-accepted lists them."
        )
    if not found.findings:
        lines.append(summary_of(found, ()))
    for line in lines:
        print(printable(line), file=sys.stderr)


def _list(detections: Sequence[Any], form: Form) -> None:
    from .detect_text import list_of

    if form in ("json", "ndjson"):
        rows = [
            {
                "detection": each.key,
                "title": each.title,
                "severity": each.severity,
                "techniques": [one.id for one in each.techniques],
                "thresholds": dict(each.thresholds),
                "why": each.why,
                "what_to_do": each.what_to_do,
            }
            for each in detections
        ]
        text = json_text(rows, indent=2) + "\n"
        if form == "ndjson":
            text = "".join(f"{json_text(row)}\n" for row in rows)
    else:
        text = list_of(detections, sys.stdout)
    with reported("standard output"):
        print(text, end="")
        sys.stdout.flush()
