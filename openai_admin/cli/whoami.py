"""``openai-admin whoami``: whose organization the key is of, and what it may read."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Annotated, Literal

import typer

from .._wire.codec import to_dict
from ..directory.clock import difference_told
from . import expectation
from .columns import Column, TextTable
from .connect import Target, opened
from .errors import CommandError
from .lazy import Command
from .loop import run
from .options import BaseURL, Demo, ExpectOrganization, Profile, Verbose
from .terminal import is_terminal, paint, printable

if TYPE_CHECKING:
    from ..directory.check import CheckedPart, KeyCheck

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_ALIKE = 2  # seconds that two clocks may differ, since a server tells its time in whole ones


@app.command(cls=Command)
def whoami(
    format: Annotated[
        Literal["table", "json"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table or json; by default a table on a terminal and JSON in a pipe.",
            rich_help_panel="Output",
        ),
    ] = None,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    verbose: Verbose = 0,
) -> None:
    """Show which organization the key belongs to, and which parts of the API answer it.

    The exit code is 1 where something could not be found out, or no part answered. A part that the
    API refuses is not a failure: then it is known what the key may not do.
    """
    found = run(_checked(Target(profile, base_url, demo, verbose)))
    if (format or ("table" if is_terminal(sys.stdout) else "json")) == "json":
        print(json.dumps(to_dict(found), ensure_ascii=False, indent=2))
    else:
        _write(found, sys.stdout)
    wanted = expectation.expected(expect_organization, demo=demo)
    if wanted is not None:
        expectation.refuse(wanted, found.organization, found.organization_name)
    if not found.is_accepted:
        raise CommandError(f"Whether the key is valid is not known: {not_accepted(found)}.", code=1)
    if unknown := _unknown(found):
        raise CommandError(f"Not known: {', '.join(unknown)}.", code=1)


async def _checked(target: Target) -> KeyCheck:
    async with opened(target) as client:
        return await client.check()


def not_accepted(found: KeyCheck) -> str:
    """Why nothing says whether the API accepts a key, without a full stop."""
    return (found.parts[0].reason or "").rstrip(".")


def _unknown(found: KeyCheck) -> list[str]:
    """What could not be found out."""
    is_told = found.organization or found.organization_name
    return [*([] if is_told else ["organization"]), *(p.name for p in found.of("not known"))]


def _write(found: KeyCheck, file: IO[str]) -> None:
    facts = {
        "organization": organization_of(found),
        "address": found.address,
        "server's clock": _clock(found.clock_difference),
    }
    width = max(map(len, facts))
    for name, value in facts.items():
        file.write(f"{paint(name.ljust(width), '1', file)}  {printable(value)}\n")
    file.write("\n")
    columns = [
        Column("part", lambda part: part.name),
        Column("state", lambda part: part.state),
        Column("scope", lambda part: part.scope),
        Column("reason", reason_of),
    ]
    TextTable(file, columns).page(found.parts)


def organization_of(found: KeyCheck) -> str:
    """The key's organization in words."""
    known = [text for text in (found.organization, found.organization_name) if text]
    return f"{known[0]} ({known[1]})" if len(known) > 1 else "".join(known) or "not known"


def reason_of(part: CheckedPart) -> str:
    """Why a part did not answer, shortly."""
    if part.missing_scopes:
        return f"the key lacks {' and '.join(part.missing_scopes)}"
    return part.reason or ""


def reasons(parts: Sequence[CheckedPart]) -> str:
    """Parts by their reasons: ``users, roles (the key lacks api.management.read); costs (…)``."""
    names: dict[str, list[str]] = {}
    for part in parts:
        names.setdefault(reason_of(part).rstrip("."), []).append(part.name)
    return "; ".join(f"{', '.join(of)} ({reason})" for reason, of in names.items())


def _clock(seconds: int | None) -> str:
    if seconds is None:
        return "not known"
    if abs(seconds) <= _ALIKE:
        return "as this machine's"
    return difference_told(seconds)
