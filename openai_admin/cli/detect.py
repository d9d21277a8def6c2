"""``openai-admin detect``: what in the audit log should be looked at, and exit code 3 for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._declare.dates import TIME_HELP, Period, period
from .connect import Target, connected
from .dates import BACK_HELP, DEFAULT_RANGE
from .detect_forms import Form, Looking, SeverityName, at_least, post, rows_of, show, written
from .errors import CommandError, end_found
from .lazy import Command
from .loop import run
from .options import AllowMissing, BaseURL, Demo, ExpectOrganization, Profile, Strict, Verbose
from .progress import Progress
from .terminal import is_terminal, printable
from .unread import told_elsewhere
from .webhook import VARIABLE, Webhook

if TYPE_CHECKING:
    from ..audit.detections.detecting import Detected
    from ..audit.detections.model import Finding

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_POLL = 30.0
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
        SeverityName,
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
            help="table, json, ndjson, ocsf (a Detection Finding a line) or markdown; by default"
            " a table on a terminal, else json, and with --follow ndjson.",
            rich_help_panel="Output",
        ),
    ] = None,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help="Where something is found, or not known, also post it to the address in"
            f" {VARIABLE}: as a message for Slack, or with --format json or ocsf as JSON.",
            rich_help_panel="Output",
        ),
    ] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Tell what is found as it happens, until Ctrl-C; --since is now by default. Events"
            " of the tenant above the organization are not followed.",
        ),
    ] = False,
    position: Annotated[
        Path | None,
        typer.Option(
            "--position",
            metavar="FILE",
            help="With --follow, save in this file how far the log was read, and beside it"
            " (FILE.findings) what was told; go on from there after a restart.",
        ),
    ] = None,
    poll: Annotated[
        float | None,
        typer.Option(
            "--poll",
            metavar="SECONDS",
            help="With --follow, how often to poll; by default 30.",
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

    _check(follow=follow, until=until, form=format, position=position, poll=poll)
    settings = settled(config)
    detections = chosen(None if only is None else _names(only))
    if list_:
        show(rows_of(detections, _form(format, follow=False)))
        return
    receiver = Webhook.of_environment() if webhook else None
    looking = Looking(
        target=Target(profile, base_url, demo, verbose, strict, expect_organization),
        detections=detections,
        settings=settings,
        history=HISTORY if history is None else history,
        asked=format,
        form=_form(format, follow=follow),
        least=min_severity,
        shows_accepted=show_accepted,
        names=not no_names,
        receiver=receiver,
    )
    if follow:
        from .detect_follow import follow as following

        start = None if since is None else _stretch(since, None).start
        run(following(looking, start, position, _POLL if poll is None else poll))
        return
    _end(looking, run(_found(looking, _stretch(since, until))), allowed=allow_missing)


def _names(typed: Sequence[str]) -> list[str]:
    """The names in what was passed for --only.

    Raises:
        CommandError: there is none.
    """
    names = [name.strip() for text in typed for name in text.split(",") if name.strip()]
    if not names:
        raise CommandError("--only names no detection: leave it out for all of them.")
    return names


def _check(
    *,
    follow: bool,
    until: str | None,
    form: Form | None,
    position: Path | None,
    poll: float | None,
) -> None:
    """Refuse options that make no sense together.

    Raises:
        CommandError: such were passed.
    """
    if not follow and (position is not None or poll is not None):
        raise CommandError("--position and --poll are for --follow.")
    if poll is not None and not 0 < poll < inf:
        raise CommandError(f"--poll must be a number of seconds above 0, not {poll:g}.")
    if follow and until is not None:
        raise CommandError("--follow has no end: leave out --until.")
    if follow and form == "markdown":
        raise CommandError("--format markdown is a page, and --follow has no end: use table.")


def _form(asked: Form | None, *, follow: bool) -> Form:
    if asked is None:
        asked = "table" if is_terminal(sys.stdout) else "json"
    # The array of an endless list would never close.
    return "ndjson" if follow and asked == "json" else asked


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


async def _found(looking: Looking, stretch: Period) -> tuple[Detected, str | None]:
    """What was found, and in which organization."""
    from ..audit.detections.detecting import detect

    with told_elsewhere():
        async with (
            Progress("Reading the audit log") as progress,
            connected(looking.target, on_event=progress.show_wait) as client,
        ):
            found = await detect(
                client,
                looking.detections,
                since=stretch.start,
                until=stretch.end,
                settings=looking.settings,
                history=looking.history,
                with_lookups=looking.names,
            )
            return found, client._caller.organization_told()


def _end(looking: Looking, result: tuple[Detected, str | None], *, allowed: bool) -> None:
    """Show what was found, and end with the exit code for it."""
    from ..audit.detections.showing import summary_of

    found, organization = result
    findings = at_least(found.findings, looking.least)
    accepted = at_least(found.accepted, looking.least)
    shown = sorted([*findings, *accepted], key=_order) if looking.shows_accepted else findings
    show(written(found, shown, looking.form, organization))
    _remark(found, findings, accepted, shows_accepted=looking.shows_accepted)
    summary = summary_of(found, findings)
    lacks = [f"Not known: {each.rstrip('.')}." for each in found.not_known]
    if looking.receiver is not None and (findings or lacks):
        failure = run(
            post(
                looking.receiver,
                summary,
                findings,
                found.names,
                looking.asked,
                not_known=found.not_known,
                organization_id=organization,
            )
        )
        lacks += filter(None, [failure])
    end_found([summary] if findings else [], *lacks, allowed=allowed)


def _order(finding: Finding) -> Any:
    return finding.at is not None, finding.at or datetime.min.replace(tzinfo=UTC)


def _remark(
    found: Detected,
    findings: Sequence[Finding],
    accepted: Sequence[Finding],
    *,
    shows_accepted: bool,
) -> None:
    """Say on standard error what was looked at, what was learned and what is accepted."""
    from ..audit.detections.showing import counted, scope_of, summary_of

    lines = [scope_of(found), *found.notes]
    if accepted and not shows_accepted:
        lines.append(
            f"{counted(len(accepted), 'finding is', 'findings are')} accepted by exceptions:"
            " --show-accepted lists them."
        )
    if not findings:
        lines.append(summary_of(found, findings))
    for line in lines:
        print(printable(line), file=sys.stderr)
