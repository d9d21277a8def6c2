"""``openai-admin guard``: keys that are used far more than usual, and what to do about them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import InvalidInputError
from .connect import Target, connected
from .errors import CommandError, end_found
from .lazy import Command
from .loop import run
from .options import AllowMissing, BaseURL, Demo, ExpectOrganization, Profile, Strict, Verbose
from .parameters import reworded
from .period_options import projects_of
from .terminal import is_terminal
from .webhook import VARIABLE, Webhook

if TYPE_CHECKING:
    from .guard_watch import Watch

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Form = Literal["table", "json", "ndjson"]
_NAMES = {"threshold": "--threshold", "min_spend": "--min-spend", "key_ids": "--keys"}


@app.command(cls=Command)
def guard(
    once: Annotated[
        bool, typer.Option("--once", help="Look at the last hour that is reported, and end.")
    ] = False,
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project",
            metavar="PROJECT",
            help="Watch the keys of this project alone, by id or name; several as A,B.",
        ),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--keys", metavar="KEY", help="Watch these keys alone, by id; several as A,B."
        ),
    ] = None,
    every: Annotated[
        float,
        typer.Option("--every", metavar="SECONDS", help="How often to look; 10 or more."),
    ] = 60.0,
    threshold: Annotated[
        float,
        typer.Option(
            "--threshold",
            metavar="TIMES",
            help="How many times its usual use of an hour is too much for a key; more than 1.",
        ),
    ] = 6.0,
    min_spend: Annotated[
        float,
        typer.Option(
            "--min-spend",
            metavar="DOLLARS",
            help="What costs less in an hour is no burst; where costs are not known, 500,000"
            " tokens stand for a dollar.",
        ),
    ] = 1.0,
    do: Annotated[
        Literal["limit"] | None,
        typer.Option(
            "--do",
            metavar="limit",
            help="Carry out without a question what is proposed: limit lowers the project's rate"
            " limits. A key is never deleted without a question.",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="FILE",
            help="Keep in this file which bursts were told and what was done: another run does"
            " not tell, or do, the same again.",
        ),
    ] = None,
    format: Annotated[
        Form | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json or ndjson; by default a table on a terminal, else json, and without"
            " --once ndjson.",
            rich_help_panel="Output",
        ),
    ] = None,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help=f"Also post what is found to the address in {VARIABLE}: as a message for Slack, or"
            " with --format json or ndjson as JSON.",
            rich_help_panel="Output",
        ),
    ] = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Find keys that are used far more than usual, by the minute: a leak, or a loop gone wild.

    Each key is measured by its own hours of the last five weeks. On a terminal, what is proposed
    can be done at once: each step is asked about. Without --once this goes on until Ctrl-C.
    With it, the exit code is 3 where a burst was found, and 1 where none was, but something is not
    known.
    """
    from ..audit.guard.settings import GuardSettings
    from .guard_watch import Watch

    if not every >= 10:
        raise CommandError(f"--every must be 10 seconds or more, not {every:g}.")
    try:
        settings = GuardSettings(key_ids=_ids(keys), threshold=threshold, min_spend=min_spend)
    except InvalidInputError as exc:
        raise InvalidInputError(reworded(str(exc), _NAMES)) from None
    watch = Watch(
        projects=projects_of(project),
        settings=settings,
        every=None if once else every,
        does_limit=do == "limit",
        asks=do is None and is_terminal(sys.stdin) and is_terminal(sys.stderr),
        state=state,
        asked=format,
        form=_form(format, once=once),
        receiver=Webhook.of_environment() if webhook else None,
    )
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    _end(watch, target, allowed=allow_missing)


def _end(watch: Watch, target: Target, *, allowed: bool) -> None:
    from .guard_watch import watching

    async def work() -> tuple[list[str], list[str]]:
        async with connected(target) as client:
            return await watching(client, watch)

    found, lacks = run(work())
    end_found(found, *lacks, allowed=allowed)


def _ids(keys: Sequence[str] | None) -> list[str]:
    found = [key.strip() for text in keys or () for key in text.split(",")]
    for key in found:
        if not key:
            raise CommandError("--keys must name a key, as key_abc; leave it out for all keys.")
    return list(dict.fromkeys(found))


def _form(asked: Form | None, *, once: bool) -> Form:
    if asked is None:
        asked = "table" if is_terminal(sys.stdout) else "json"
    # The array of an endless list would never close.
    return "ndjson" if asked == "json" and not once else asked
