"""``openai-admin profiles`` and ``openai-admin logout``: what ``login`` has stored."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from .config import DEFAULT_PROFILE, forget_connection, stored_profiles
from .lazy import Command, Entry, LazyGroup, group
from .options import Columns, Force, Format, Out
from .output import Output, writing

_FIELDS = (
    "name",
    "key",
    "base_url",
    "organization",
    "max_response_bytes",
    "ca_file",
    "client_cert",
    "client_key",
    "proxy",
    "headers",
)

_listing = typer.Typer(add_completion=False, rich_markup_mode=None)
leaving = typer.Typer(add_completion=False, rich_markup_mode=None)


def profiles_group() -> LazyGroup:
    """The group of commands about stored connections."""
    entries = {"list": Entry("List the stored connections.", lambda: _command(_listing))}
    return group("List what 'openai-admin login' has stored.", entries)


def _command(app: typer.Typer) -> Any:
    return typer.main.get_command(app)


@_listing.command(cls=Command)
def list_(
    format: Format = None, columns: Columns = None, out: Out = None, force: Force = False
) -> None:
    """List the stored connections: their names, where their keys are, and what they connect to.

    Keys, the login of a proxy and the values of headers are not shown.
    """
    output = Output(format, columns or (), out, force)
    output.check(_FIELDS)
    stored = stored_profiles()
    with writing(output, _FIELDS, dict) as writer:
        if stored:
            writer.page(stored)
        writer.end()


@leaving.command(cls=Command)
def logout(
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="The stored connection to remove.")
    ] = DEFAULT_PROFILE,
) -> None:
    """Remove a stored connection and its key, from the file and from the system keyring.

    The key itself stays valid: 'openai-admin admin-api-keys delete' revokes it.
    """
    place = forget_connection(profile)
    print(f"The profile {profile} and its key are removed from {place}.", file=sys.stderr)
