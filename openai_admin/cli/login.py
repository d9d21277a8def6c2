"""``openai-admin login``: ask for an admin key, try it, and store it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .config import DEFAULT_PROFILE, Connection, check_storable, has_keyring, store_connection
from .connect import chosen_address
from .errors import CommandError
from .lazy import Command
from .loop import run
from .prompt import hidden, read_line
from .terminal import is_terminal

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def login(
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="The name to store it under.")
    ] = DEFAULT_PROFILE,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="The API's address, if not the usual one."),
    ] = None,
    organization: Annotated[
        str | None,
        typer.Option("--organization", metavar="ID", help="For keys that reach several."),
    ] = None,
    keyring: Annotated[
        bool | None,
        typer.Option(
            "--keyring/--no-keyring",
            help="Store the key in the system keyring, or in a file that only you can read."
            " By default the keyring, if there is one.",
        ),
    ] = None,
) -> None:
    """Ask for an admin key without showing it, try it with one request, and store it.

    Without a terminal the key is read as a line of standard input.
    """
    from .._transport.settings import checked_key, checked_organization

    address = chosen_address(base_url)
    if base_url is not None:  # the environment's is checked as well, but not stored
        base_url = address
    if organization is not None:
        organization = checked_organization(organization, name="--organization")
    check_storable(profile)  # before a key is typed in vain
    connection = Connection(checked_key(run(_asked_key())), base_url, organization)
    warning = run(_tried(connection))
    place = store_connection(
        profile, connection, in_keyring=has_keyring() if keyring is None else keyring
    )
    if warning:
        print(warning, file=sys.stderr)
    print(f"The key is stored in {place} as profile {profile}.", file=sys.stderr)


async def _asked_key() -> str:
    if is_terminal(sys.stdin):
        key = (await hidden("Admin key (sk-admin-…)")).strip()
        source = "from the terminal"
    else:
        key = (await read_line()).strip()
        source = "on standard input"
    if not key:
        raise CommandError(f"No key came {source}.")
    return key


async def _tried(connection: Connection) -> str:
    """Try the key; returns a warning if it works but may not make this request.

    Raises:
        CommandError: the API does not know it.
    """
    from ..client import AsyncOpenAIAdmin
    from ..errors import AuthenticationError, PermissionDeniedError

    async with AsyncOpenAIAdmin(
        connection.admin_key,
        base_url=connection.base_url,
        organization=connection.organization,
    ) as client:
        try:
            await client.projects.list(limit=1)
        except PermissionDeniedError as exc:
            return f"The key is valid, but may not list projects: {exc.message}"
        except AuthenticationError as exc:
            text = str(exc).rstrip(".")
            raise CommandError(f"{text}; the key was not stored", code=1) from None
    return ""
