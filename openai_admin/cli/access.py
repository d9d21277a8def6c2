"""``openai-admin access``: who can do what, and why; what has changed; a review to sign off."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._text.durations import duration
from .._wire.codec import to_dict
from ..insights.text import count
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Command, Entry, LazyGroup, command, group
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
from .period_options import Project, projects_of
from .progress import Progress
from .terminal import printable

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from ..insights.access import Access, Answer, Forecast, Holding

_HELP = "Say who can do what and why, what has changed, and write a review to sign off."
_MANY = 100  # requests, from which on it is said how long they take
_OWNER = "owner"
FIELDS = ("kind", "name", "email", "permission", "where", "by", "why", "id", "project_id")
SHOWN = ("kind", "name", "permission", "where", "by")
"""The columns of a table: sentences are too long for one."""
_EVERYWHERE = "everywhere"
_NOT_KNOWN = "not known"

Thorough = Annotated[
    bool,
    typer.Option(
        "--thorough",
        help="Ask for the roles of each person also where all roles are OpenAI's own, of which"
        " membership says who has them, as far as is known. It takes many more requests.",
    ),
]

Ask = Callable[..., Awaitable["Access"]]
"""Reads access, with the arguments of `Insights.access`."""

_who = typer.Typer(add_completion=False, rich_markup_mode=None)
_of = typer.Typer(add_completion=False, rich_markup_mode=None)


def access_group() -> LazyGroup:
    """The group of commands about access."""
    return group(
        _HELP,
        {
            "who-can": Entry(
                "Show who has a permission, or owns something, and why.",
                lambda: typer.main.get_command(_who),
            ),
            "of": Entry(
                "Show what a person, a service account or a key may do.",
                lambda: typer.main.get_command(_of),
            ),
            "review": Entry(
                "Write who has access, for a reviewer to sign off.",
                command("access_review"),
            ),
            "export": Entry(
                "Keep who has access as a file, to compare later.",
                command("access_files", "exporting"),
            ),
            "diff": Entry(
                "Show what access was granted and lost between two files.",
                command("access_files", "comparing"),
            ),
        },
    )


@_who.command(cls=Command)
def who_can(
    permission: Annotated[
        str | None,
        typer.Argument(
            metavar="PERMISSION",
            help="As api.prompts.write; a * stands for any characters. 'owner' asks for owners.",
        ),
    ] = None,
    owner: Annotated[
        bool, typer.Option("--owner", help="Who owns the organization, or the project.")
    ] = False,
    project: Project = None,
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
    """Show who has a permission, everywhere or in a project, with each way that they have it.

    Roles of the organization count in every project. Owners are those by the role of that name, in
    whichever way they have it, and those by another role that grants as much. The exit code is 1
    where somebody may have it who is not listed: a permission that no role grants, a part that the
    API refuses, a key whose owner has left, or people who were not asked for roles of their own
    that grant it (--thorough asks).
    """
    asked = _asked(permission, owner)
    projects = projects_of(project)
    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(FIELDS)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    found = run(read(target, permission=asked, project=projects, thorough=thorough))
    places: Sequence[str | None] = projects or [None]
    answers = [found.who_can(asked, place) for place in places]
    shown = [name for name in SHOWN if name != "permission" or "*" in asked]
    _show(answers, output, shown, allow_missing, is_of_all=True)


def _asked(permission: str | None, owner: bool) -> str:
    """What is asked for, as people write it.

    Raises:
        CommandError: nothing, or both.
    """
    if owner and permission is not None:
        raise CommandError("Pass a permission or --owner, not both.")
    if owner or (permission or "").strip().lower() in (_OWNER, "owners"):
        return _OWNER
    if permission is None or not permission.strip():
        raise CommandError("Name a permission, as api.prompts.write, or pass --owner.")
    return permission.strip()


@_of.command(cls=Command)
def of(
    somebody: Annotated[
        str,
        typer.Argument(
            metavar="WHO",
            help="A person, a service account or a key, by id, name or address.",
        ),
    ],
    project: Project = None,
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
    """Show every permission of a person, a service account or a key, and why they have it.

    What a key may do is at most what its owner may: the API does not show its scopes. The exit
    code is 1 where they may have more than is listed, since the API refuses a part of it.
    """
    if not somebody.strip():
        raise CommandError("Name a person, a service account or a key.")
    projects = projects_of(project)
    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(FIELDS)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    found = run(read(target, somebody=somebody.strip(), project=projects))
    (id,) = found.facts.of_people or (somebody,)
    places: Sequence[str | None] = projects or [None]
    answers = [found.of(id, place) for place in places]
    _show(answers, output, ("permission", "where", "by"), allow_missing, is_of_all=False)


async def read(
    target: Target,
    *,
    project: Sequence[str] | None = (),
    somebody: str | None = None,
    permission: str | None = None,
    thorough: bool = False,
) -> Access:
    """Access as it is now, with what is told while it is read.

    Args:
        target: what to talk to.
        project: the projects to read, by name or id; by default all.
        somebody: whom to read alone.
        permission: what to read alone.
        thorough: whether to ask for the roles of each person.
    """
    async with reading(target) as (_, ask):
        return await ask(
            project=project, somebody=somebody, permission=permission, thorough=thorough
        )


@asynccontextmanager
async def reading(target: Target) -> AsyncIterator[tuple[AsyncOpenAIAdmin, Ask]]:
    """A client, and what reads access with it and tells what is told meanwhile."""
    async with (
        Progress("Reading access") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):

        async def ask(*, project: Sequence[str] | None = None, **asked: Any) -> Access:
            return await client.insights.access(
                project=list(project) if project else None,
                on_forecast=telling(progress, demo=target.demo),
                **asked,
            )

        yield client, ask


def telling(progress: Progress, *, demo: bool) -> Callable[[Forecast], None]:
    """What says before many requests are sent how long they may take; the demo answers at once."""

    def tell(forecast: Forecast) -> None:
        if demo or forecast.requests < _MANY:
            return
        longest = duration(forecast.slowest.total_seconds())
        with progress.quiet():
            print(
                f"This takes about {count(forecast.requests, 'more request')}: up to {longest},"
                " if the API answers as slowly as it has been seen to.",
                file=sys.stderr,
            )

    return tell


def _show(
    answers: Sequence[Answer],
    output: Output,
    shown: Sequence[str],
    allow_missing: bool,
    *,
    is_of_all: bool,
) -> None:
    """Write rows, then what is said of them.

    Args:
        answers: what was found.
        output: how and where to write.
        shown: the columns of a table, unless others are asked for.
        allow_missing: whether something may be not known.
        is_of_all: whether it was asked who has something, rather than what somebody has.

    Raises:
        CommandError: something is not known.
    """
    holdings = list(dict.fromkeys(one for answer in answers for one in answer.holdings))
    rows = [cells(one) for one in holdings]
    if output.chosen() == "table" and not output.columns:
        output = output._replace(columns=shown)
    with writing(output, FIELDS, plain_cells) as writer:
        writer.page(rows)
        writer.end()
    for note in dict.fromkeys(note for answer in answers for note in answer.notes):
        print(printable(note), file=sys.stderr)
    is_told = output.chosen() == "table" or any(answer.unheard for answer in answers)
    lacks = [*_lacking(answers, holdings)]
    if not rows and not is_told:
        nobody = "nobody has it" if is_of_all else "it has no permission"
        known = f"As far as is known, {nobody}" if lacks else nobody.capitalize()
        print(f"{known}.", file=sys.stderr)
    end_lacking(*lacks, allowed=allow_missing)


def _lacking(answers: Sequence[Answer], holdings: Sequence[Holding]) -> Iterator[str]:
    yield from dict.fromkeys(answer.unheard for answer in answers if answer.unheard)
    yield from dict.fromkeys(text for answer in answers for text in answer.lacks)
    unknown = {(one.kind, one.id) for one in holdings if one.permission is None}
    if unknown:
        kinds = [kind for kind, _ in sorted(unknown)]
        *first, last = (
            count(kinds.count(kind), kind, "people" if kind == "person" else None)
            for kind in dict.fromkeys(kinds)
        )
        told = f"{', '.join(first)} and {last}" if first else last
        row = "its row says" if len(unknown) == 1 else "their rows say"
        yield f"What {told} may do is not known: {row} why."


def cells(one: Holding) -> dict[str, Any]:
    """A holding as a row."""
    return {
        "kind": one.kind,
        "name": one.name,
        "email": one.email,
        "permission": _NOT_KNOWN if one.permission is None else one.permission,
        "where": _EVERYWHERE if one.project_id is None else one.project_name or one.project_id,
        "by": "; ".join(one.by),
        "why": "; ".join(one.why),
        "id": one.id,
        "project_id": one.project_id,
        "": one,
    }


def plain_cells(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON: each way by itself, and as ids."""
    one: Holding = row[""]
    known = {name: value for name, value in row.items() if name in FIELDS}
    return known | {
        "permission": one.permission,
        "by": list(one.by),
        "why": list(one.why),
        "paths": [[to_dict(step, mode="json") for step in path] for path in one.paths],
    }
