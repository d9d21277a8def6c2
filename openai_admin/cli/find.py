"""``openai-admin find``: things of the organization by what a person knows of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._declare.arguments import one_of, shown, suggest
from .._text.durations import duration
from .._wire.codec import to_dict
from ..errors import InvalidInputError
from .columns import Column, TextTable
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .options import (
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
from .period_options import projects_of
from .progress import Progress
from .prompt import hidden, read_all
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from ..directory.search.hits import FindResult, Hit

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_KINDS = {
    kind.replace("_", "-"): kind
    for kind in (
        *("person", "project", "service_account", "key", "admin_key"),
        *("group", "invite", "certificate", "role"),
    )
}
NAMES = (
    *("kind", "id", "name", "email", "redacted_value", "project_id", "project", "status"),
    *("owner", "owner_id", "last_used", "match", "field", "why"),
)
"""The fields of a row."""

_STDIN = "-"
_MANY = 100  # listings, whose number is told before they are read
_PACE = 8  # requests a minute that the API has been seen to grant
_MOST_TOLD = 3  # hits of a long search that are told before it has ended
_FIRST = 8  # listings after which the time that is left can be told
_PASTED = (
    "That is the secret of a key: on a command line, the shell's history keeps it and others on"
    " this machine can see it. Pass - to type it or pipe it in, and replace the key if somebody may"
    " have seen it."
)


@app.command(cls=Command)
def find(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT",
            help="An id or a part of one (4 characters or more), a name, an e-mail address, or the"
            " last characters of a key. With -, it is asked for without showing it, or read from"
            " standard input: for secrets.",
        ),
    ],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Only of this kind, or of several (A,B): person, project, service-account, key (of"
            " a project), admin-key, group, invite, certificate, role.",
        ),
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project",
            metavar="NAME",
            help="Only people, service accounts, keys and roles of this project, by name or id, or"
            " of several (A,B).",
        ),
    ] = None,
    everywhere: Annotated[
        bool,
        typer.Option(
            "--everywhere",
            help="Look into each project, also where there are more than 50, whose keys, service"
            " accounts and roles are otherwise left out unless --kind asks for them.",
        ),
    ] = False,
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Find people, projects, keys and more by an id, a name, an address or a key's last characters.

    Exact ids come first, then what is called so, begins so, and has the text in its name; where
    there is nothing, what was perhaps meant. The secret of a key is recognized by its last
    characters, and neither sent nor shown. The exit code is 1 where nothing was found, or not
    everything was looked through that may have it.
    """
    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(NAMES)
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    is_typed = text != [_STDIN]
    kinds = _kinds(kind) if kind else None
    projects = projects_of(project) or None
    found = run(_found(target, text, kinds, projects, everywhere=everywhere))
    if found.is_secret and is_typed:
        print(_PASTED, file=sys.stderr)
    alike = tuple(hit for hit in found.not_compared if hit.match == "starts")
    _write((*found.hits, *alike) or found.near, output)
    lacks = _lacking(found)
    if not found.hits:
        raise CommandError(" ".join([_nothing(found), *lacks]), code=1)
    end_lacking(*lacks, allowed=False)


def _kinds(typed: Sequence[str]) -> list[str]:
    """The kinds that were typed.

    Raises:
        CommandError: there is no such kind.
    """
    names = [name.strip() for text in typed for name in text.split(",")]
    for name in names:
        if name not in _KINDS:
            raise CommandError(
                f"--kind must be {one_of(list(_KINDS))}, not {shown(name)}"
                f"{suggest(name, list(_KINDS))}"
            )
    return [_KINDS[name] for name in names]


async def _found(
    target: Target,
    typed: Sequence[str],
    kinds: Sequence[str] | None,
    projects: Sequence[str] | None,
    *,
    everywhere: bool,
) -> FindResult:
    from ..directory.search.query import Query
    from ..directory.search.search import find

    is_hidden = typed == [_STDIN]
    text = await _read() if is_hidden else " ".join(typed)
    names = {"text": "TEXT", "kinds": "--kind", "projects": "--project"}
    try:
        Query.of(text, is_hidden=is_hidden)  # before anything is connected to
        async with (
            Progress("Looking through the organization") as progress,
            connected(target, on_event=progress.show_wait) as client,
        ):
            return await find(
                client._caller,
                text,
                kinds=kinds,
                projects=projects,
                everywhere=everywhere,
                is_hidden=is_hidden,
                on_progress=_Forecast(progress),
            )
    except InvalidInputError as exc:
        raise InvalidInputError(reworded(str(exc), names)) from None


async def _read() -> str:
    if is_terminal(sys.stdin):
        return await hidden("Text to find (not shown)")
    return await read_all()


class _Forecast:
    """Tells how far a search is, how long it will take, and first of all what it finds.

    Args:
        progress: the line that shows it.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._began = time.monotonic()
        self._told: set[str] = set()

    def __call__(self, done: int, of: int, hits: Collection[Hit]) -> None:
        """Tell that so many listings of so many were read, and what was found."""
        if done == 0:
            self._began = time.monotonic()
        if of >= _MANY:
            with self._progress.quiet():
                if done == 0:
                    print(_warning(of), file=sys.stderr)
                self._tell(hits)
        text = f"Looking into projects: {done:,} of {of:,} listings, {len(hits):,} found"
        if _FIRST <= done < of:
            left = (time.monotonic() - self._began) / done * (of - done)
            text += f", about {duration(left)} left"
        self._progress.update(text)

    def _tell(self, hits: Iterable[Hit]) -> None:
        """Tell the first hits at once: the search may be ended before it shows them."""
        if len(self._told) >= _MOST_TOLD:
            return
        for hit in [hit for hit in hits if hit.id not in self._told][:_MOST_TOLD]:
            self._told.add(hit.id)
            place = f" in {hit.project or hit.project_id}" if hit.project_id else ""
            kind = hit.kind.replace("_", " ")
            print(printable(f"Found the {kind} {hit.label} ({hit.id}){place}."), file=sys.stderr)


def _warning(listings: int) -> str:
    longest = duration(listings * 60 / _PACE)
    return (
        f"There are {listings:,} listings to look through: where the API grants no more than"
        f" {_PACE} requests a minute, that takes up to {longest}; --project narrows it."
    )


def _write(hits: Sequence[Hit], output: Output) -> None:
    if output.chosen() != "table" or output.named():
        with writing(output, NAMES, dict) as writer:
            writer.page([_row(hit) for hit in hits])
            writer.end()
        return
    if not hits and output.out is None:
        return
    with opened(output.out, force=output.force) as file:
        TextTable(file, _columns(hits)).page(hits)
    if output.out is not None:
        print(printable(f"Wrote {output.out}."), file=sys.stderr)


def _row(hit: Hit) -> dict[str, Any]:
    whole = to_dict(hit, mode="json") | {"why": hit.why}
    return {name: whole.get(name) for name in NAMES}


def _columns(hits: Sequence[Hit]) -> list[Column]:
    """The columns that some hit has something for."""
    columns = [
        Column("kind", lambda hit: hit.kind.replace("_", " "), kind="measure"),
        Column("name", lambda hit: hit.name or hit.redacted_value or ""),
        Column("id", lambda hit: hit.id, kind="measure"),  # whole, to be copied
        Column("project", lambda hit: hit.project or hit.project_id or ""),
        Column("status", lambda hit: hit.status or "", kind="measure"),
        Column("address", lambda hit: hit.email or ""),
        Column("owner", lambda hit: hit.owner or ""),
        Column("last used", _last_used, kind="measure"),
        Column("why", lambda hit: hit.why, kind="measure"),
    ]
    return [column for column in columns if any(column.text(hit) for hit in hits)]


def _last_used(hit: Hit) -> str:
    used = hit.last_used
    return f"{used:%Y-%m-%d}" if isinstance(used, datetime) else used or ""


def _nothing(found: FindResult) -> str:
    """That nothing was found, and what was perhaps meant."""
    from ..directory.search.hits import NOT_SHOWN, WORDS

    if not found.kinds:
        return "Nothing could be looked through."
    *others, last = [WORDS[kind] for kind in found.kinds]
    among = f" among the {', '.join(others)} and {last}" if others else f" among the {last}"
    if len(found.kinds) == len(WORDS):
        among = ""
    if found.is_secret:
        return f"No key with these first and last characters was found{among}."
    near = dict.fromkeys(shown(hit.label) for hit in found.near)
    *first, final = near or [""]
    meant = f"{', '.join(first)} or {final}" if first else final
    end = f"; did you mean {meant}?" if near else "."
    called = "what was given" if found.text == NOT_SHOWN else shown(found.text)
    return f"Nothing called {called} was found{among}{end}"


def _lacking(found: FindResult) -> list[str]:
    """What was not compared or looked through, or could not be, a sentence each."""
    from ..directory.not_known import not_read, told
    from ..directory.search.hits import WORDS

    lacks = [
        f"Not looked through: {each}."
        for each in told((*found.not_known, *not_read(found.unread)), found.names, most=len(WORDS))
    ]
    if keys := found.not_compared:
        count = "1 key" if len(keys) == 1 else f"{len(keys):,} keys"
        named = [_named(key) for key in keys[:_MOST_TOLD]]
        if rest := len(keys) - len(named):
            named.append(f"{rest:,} more")
        *first, last = named
        which = f"{', '.join(first)} and {last}" if first else last
        lacks.insert(
            0,
            f"{count} could not be compared, since the API does not show enough of them: {which}.",
        )
    left_out = (text.replace("everywhere=True", "--everywhere") for text in found.left_out)
    return [*left_out, *lacks]


def _named(key: Hit) -> str:
    place = f" of {key.project or key.project_id}" if key.project_id else ""
    return f"{key.name or 'a key'} ({key.id}){place}"
