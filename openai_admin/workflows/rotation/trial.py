"""Whether the API accepts a new key, found out by calling it from here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..._declare.effect import Effect
from ..._declare.operation import Call
from ..._declare.resource import Async
from ..._transport.session import Caller
from ..._tree import AdminResources
from ..._wire.http import Request
from ...errors import APIError, APIStatusError, AuthenticationError

_PATIENCE = 60.0  # seconds for which the API may not know a key that it has just made
_FIRST, _LONGEST = 0.5, 8.0  # seconds between two tries
_KNOWN = frozenset({403, 429})  # what only a key that is known is answered
_ANY_KEY = "unsupported_country_region_territory"  # a 403 whatever the key
ALLOWLIST = "ip_not_authorized"
"""The code of a 401 that is about the address, not the key."""


class RejectedError(Exception):
    """The API does not know the key."""


class UntriedError(Exception):
    """Whether the API knows the key could not be found out; why is its text."""


async def answered(caller: Caller, path: str) -> None:
    """Ask for what is behind a path of the API."""
    request = Request("GET", path, path, None)
    await caller.execute(Call(f"GET {path}", Effect.READS, True, {}, request, Any))


async def models(caller: Caller) -> None:
    """List the models, which any key of a project may."""
    await answered(caller, "/models")


async def projects(caller: Caller) -> None:
    """List one project, as the cheapest thing that an admin key may do."""
    await AdminResources[Async](caller).projects.list(limit=1)


async def attempted(
    accepts: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]]
) -> str | None:
    """Try a key until the API knows it.

    An answer that it lacks a scope, may not be used from this address, or is used too often is
    about a key that is known.

    Args:
        accepts: calls the API with it once.
        sleep: waits that many seconds.

    Returns:
        what the API refuses it; ``None`` where it answered.

    Raises:
        RejectedError: for a minute, the API has said that it knows no such key.
        UntriedError: it could not be tried.
    """
    waited, pause = 0.0, _FIRST
    while True:
        try:
            await accepts()
        except AuthenticationError as error:
            if not error.is_from_api:
                raise UntriedError(_said(error)) from error
            if error.code == ALLOWLIST:
                return _said(error)
            if waited >= _PATIENCE:
                raise RejectedError from error
        except APIStatusError as error:
            is_known = error.status in _KNOWN or error.missing_scopes
            if error.is_from_api and is_known and error.code != _ANY_KEY:
                return _said(error)
            raise UntriedError(_said(error)) from error
        except APIError as error:
            raise UntriedError(_said(error)) from error
        else:
            return None
        await sleep(pause)
        waited, pause = waited + pause, min(2 * pause, _LONGEST)


def _said(error: APIError) -> str:
    return str(error).rstrip(".")
