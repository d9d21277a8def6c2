"""``openai-admin login``: ask for an admin key, try it, and store it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import expectation
from .config import (
    DEFAULT_PROFILE,
    Connection,
    check_storable,
    has_keyring,
    network_with,
    store_connection,
)
from .connect import chosen_address, client_of
from .errors import CommandError
from .lazy import Command
from .loop import run
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
        Path | None,
        typer.Option(
            "--ca-file",
            metavar="FILE",
            help="Trust the authorities in this file, as a company's network needs it.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    client_cert: Annotated[
        Path | None,
        typer.Option(
            "--client-cert",
            metavar="FILE",
            help="Show this certificate to the server (mutual TLS).",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    client_key: Annotated[
        Path | None,
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
    with it; those already in the profile, and its headers, are kept.
    """
    from .._transport.settings import checked_key, checked_organization

    address = chosen_address(base_url)
    if base_url is not None:  # the environment's is checked as well, but not stored
        base_url = address
    if organization is not None:
        organization = checked_organization(organization, name="--organization")
    check_storable(profile)  # before a key is typed in vain
    files = {"ca_file": ca_file, "client_cert": client_cert, "client_key": client_key}
    changes = {name: str(file.expanduser().absolute()) for name, file in files.items() if file}
    if proxy is not None:
        changes["proxy"] = proxy
    network = network_with(profile, changes)
    network.check(profile)
    key = checked_key(run(_asked_key()))
    connection = Connection(key, base_url, organization, network, profile)
    found = run(_tried(connection))
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
