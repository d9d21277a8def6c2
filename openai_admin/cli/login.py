"""``openai-admin login``: ask for an admin key, try it, and store it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from . import expectation
from .config import (
    DEFAULT_PROFILE,
    Connection,
    check_storable,
    has_keyring,
    store_connection,
    stored_address,
    stored_or_changed,
)
from .connect import chosen_address, client_of
from .errors import CommandError
from .lazy import Command
from .loop import run
from .network import FILES
from .options import ExpectOrganization
from .prompt import hidden, read_line
from .terminal import is_terminal, printable
from .whoami import not_accepted, organization_of, reasons

if TYPE_CHECKING:
    from ..directory.check import KeyCheck

_NETWORK = "Network"

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
    expect_organization: ExpectOrganization = None,
    ca_file: Annotated[
        str | None,
        typer.Option(
            "--ca-file",
            metavar="FILE",
            help="Trust the authorities in this file, as a company's network needs it.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    client_cert: Annotated[
        str | None,
        typer.Option(
            "--client-cert",
            metavar="FILE",
            help="Show this certificate to the server (mutual TLS).",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    client_key: Annotated[
        str | None,
        typer.Option(
            "--client-key",
            metavar="FILE",
            help="The certificate's private key, if another file has it.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            "--proxy",
            metavar="URL",
            help="Go through this proxy, not the one that HTTPS_PROXY names.",
            rich_help_panel=_NETWORK,
        ),
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
    """Ask for an admin key without showing it, try it, store it, and say what it may not do.

    Trying it only reads, as 'openai-admin whoami' does. A key that the API rejects is not stored.
    Without a terminal the key is read as a line of standard input. The network settings are stored
    with it. What the profile already has, its address and headers included, is kept; an empty
    value, as in --proxy "", removes a setting.
    """
    from .._transport.settings import checked_address, checked_key, checked_organization

    if base_url:
        base_url = checked_address(base_url, name="--base-url", remedy="")
    if organization:
        organization = checked_organization(organization, name="--organization")
    check_storable(profile)  # before a key is typed in vain
    files = {"ca_file": ca_file, "client_cert": client_cert, "client_key": client_key}
    changes = _changes(base_url=base_url, organization=organization, proxy=proxy, **files)
    connection = stored_or_changed(profile, changes)
    address = chosen_address(None, connection.base_url)  # the environment's is not stored
    connection.network.check(profile, address)
    _tell_other_address(profile, address)
    key = checked_key(run(_asked_key()))
    connection = attrs.evolve(connection, admin_key=key)
    found = run(_tried(attrs.evolve(connection, base_url=address)))
    wanted = expectation.expected(expect_organization, demo=False)
    if wanted is not None:
        expectation.refuse(wanted, found.organization, found.organization_name)
    place = store_connection(
        profile,
        connection,
        in_keyring=has_keyring() if keyring is None else keyring,
        network=changes,
    )
    print(f"The key is stored in {place} as profile {profile}.", file=sys.stderr)
    for sentence in _told(found):
        print(printable(sentence), file=sys.stderr)


def _changes(**options: str | None) -> dict[str, str | None]:
    """The settings of a profile that options change; ``None`` takes one away."""
    given = {name: value for name, value in options.items() if value is not None}
    changes = {
        name: str(Path(value).expanduser().absolute()) if value and name in FILES else value or None
        for name, value in given.items()
    }
    if given.get("client_cert") == "":
        changes = {"client_key": None, "client_key_password": None, **changes}
    elif given.get("client_key") == "":
        changes["client_key_password"] = None
    return changes


def _tell_other_address(profile: str, address: str | None) -> None:
    """Say that a profile's settings are about to go to another address than before."""
    from .._transport.settings import DEFAULT_BASE_URL

    before = stored_address(profile)
    now = address or DEFAULT_BASE_URL
    if before is not None and before.rstrip("/") != now:
        told = (
            f"The profile {profile} was for {before}; its headers and certificates now go to {now}."
        )
        print(printable(told), file=sys.stderr)


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


async def _tried(connection: Connection) -> KeyCheck:
    """What a key reaches.

    Raises:
        CommandError: the API rejects it, or does not answer it anything.
    """
    from ..errors import AuthenticationError

    async with client_of(connection) as client:
        try:
            found = await client.check()
        except AuthenticationError as exc:
            text = str(exc).rstrip(".")
            raise CommandError(f"{text}; the key was not stored", code=1) from None
    if not found.is_accepted:
        why = not_accepted(found)
        raise CommandError(
            f"Whether the key is valid is not known, and it was not stored: {why}", code=1
        )
    return found


def _told(found: KeyCheck) -> list[str]:
    """What was found out, a sentence each."""
    told = [f"It belongs to the organization {organization_of(found)}."]
    if found.organization is found.organization_name is None:
        told = ["Which organization it belongs to is not known."]
    if refused := found.of("refused"):
        told.append(f"It is valid, but the API refuses it these: {reasons(refused)}.")
    if unknown := found.of("not known"):
        told.append(f"Whether it may read these is not known: {reasons(unknown)}.")
    return told
