"""The client that a command works with: the API's, or one of an emulator in this process."""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import attrs

from ..errors import ConfigurationError
from .config import Connection, find_connection
from .errors import CommandError
from .expectation import expected, refuse_other
from .unread import noted

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from ..events import Listener

_HOUR = 3600


class Target(NamedTuple):
    """What a command is to talk to, as its options say.

    Attributes:
        profile: the stored connection.
        base_url: the address, in place of the connection's.
        demo: the emulator in this process instead.
        verbose: how much to log, 0 to 2.
        strict: fail at what cannot be read of an answer, instead of going on without it.
        expect_organization: the organization that the key must belong to, in place of the
            environment's.
        max_response_bytes: the longest answer that is accepted, in place of the connection's.
    """

    profile: str | None = None
    base_url: str | None = None
    demo: bool = False
    verbose: int = 0
    strict: bool = False
    expect_organization: str | None = None
    max_response_bytes: int | None = None

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """The target from those of its options that a command has."""
        return cls(**{name: written[name] for name in cls._fields if name in written})


@asynccontextmanager
async def connected(
    target: Target, *, on_event: Listener | None = None
) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of the organization that is expected, as `opened` makes it.

    Raises:
        CommandError: the key belongs to another organization, or to which one is not known.
    """
    async with opened(target, on_event=on_event) as client:
        wanted = expected(target.expect_organization, demo=target.demo)
        if wanted is not None:
            await refuse_other(client, wanted)
        yield client


@asynccontextmanager
async def opened(
    target: Target, *, on_event: Listener | None = None
) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client, closed at the end together with its emulator.

    Args:
        target: what to connect to.
        on_event: receives what happens to each call of the client.

    Raises:
        ConfigurationError: there is no key, or it or the address cannot be used.
        CommandError: the demo has an address of its own, and another was passed.
    """
    log_at(target.verbose)
    if target.demo and target.base_url is not None:
        raise CommandError("Pass --demo or --base-url, not both.")
    if target.demo:
        from ..emulator import Emulator

        async with Emulator(now=_demo_now) as emulator:
            found = Connection(emulator.admin_key, emulator.base_url)
            async with client_of(found, target, on_event) as client:
                yield client
    else:
        found = find_connection(target.profile)
        address = chosen_address(target.base_url, found.base_url)
        connection = attrs.evolve(found, base_url=address)
        async with client_of(connection, target, on_event) as client:
            yield client


def address(target: Target) -> str:
    """The address that requests would go to; the API's in place of the demo's."""
    from .._transport.settings import DEFAULT_BASE_URL

    if target.demo:
        return DEFAULT_BASE_URL
    stored = None
    if target.base_url is None:
        try:
            stored = find_connection(target.profile).base_url
        except ConfigurationError:
            if target.profile is not None:
                raise  # without a profile, a request can be shown without any key
    return chosen_address(target.base_url, stored) or DEFAULT_BASE_URL


def chosen_address(passed: str | None, stored: str | None = None) -> str | None:
    """The API's address as passed, else as stored, else of the environment; ``None`` for the usual.

    Raises:
        ConfigurationError: it cannot be used; the sentence says where it comes from.
    """
    from .._transport.settings import checked_address

    if passed is not None:
        return checked_address(passed, name="--base-url", remedy="")
    if stored:
        return checked_address(stored, name="base_url of the profile", remedy="")
    variable = "OPENAI_BASE_URL"
    address = os.environ.get(variable)
    return checked_address(address, name=variable, remedy="") if address else None


def client_of(
    connection: Connection, target: Target | None = None, on_event: Listener | None = None
) -> AsyncOpenAIAdmin:
    """The client of a connection.

    Args:
        connection: what to connect to, through which network.
        target: says how strictly to read, by default not strictly, and how long answers may be.
        on_event: receives what happens to each call.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
    from .._transport.lockout import LockoutWarning
    from ..client import AsyncOpenAIAdmin

    most = target.max_response_bytes if target is not None else None
    most = connection.max_response_bytes if most is None else most
    bound: Mapping[str, Any] = {} if most is None else {"max_response_bytes": most}
    # Whoever is asked before a call reads it there.
    warnings.simplefilter("ignore", LockoutWarning)
    try:
        return AsyncOpenAIAdmin(
            connection.admin_key,
            base_url=connection.base_url,
            organization=connection.organization,
            on_unreadable="raise" if target is not None and target.strict else "keep",
            on_event=noted(on_event),
            **bound,
            **connection.network.arguments(),
        )
    except ConfigurationError:
        if connection.profile is not None:
            connection.network.check(connection.profile, connection.base_url)
        raise


def _demo_now() -> int:
    """The demo's clock, which stands still for an hour: two commands see the same spend."""
    return int(time.time()) // _HOUR * _HOUR


def log_at(verbose: int) -> None:
    """Log to standard error, as far as ``--verbose`` asks for it."""
    level = logging.ERROR  # what warnings are about, commands say themselves
    if verbose:
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
        level = logging.INFO if verbose == 1 else logging.DEBUG
    logging.getLogger("openai_admin").setLevel(level)
