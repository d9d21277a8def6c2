"""Who makes a call, and with whose key: what a consent is bound to."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.request_state import authenticated_principal

from ...client import AsyncOpenAIAdmin
from ..caller import caller_of
from .codes import digest

_SESSION = "mcp-session-id"

calling: ContextVar[str] = ContextVar("calling", default="")
"""Who makes the current call, as of `party_of`."""


def party_of(context: ServerRequestContext[Any, Any]) -> str:
    """A digest of who calls.

    Over pipes that is the one client of the process; over HTTP the session, else who the server
    that it is mounted in says, else who shows such a token or key.
    """
    headers = getattr(context.request, "headers", None)
    if headers is None:
        return digest("process")
    if session := headers.get(_SESSION):
        return digest(["session", session])
    if (principal := authenticated_principal(context)) is not None:
        return digest(["principal", principal])
    return digest(["caller", caller_of(context.request).identity])


async def key_of(client: AsyncOpenAIAdmin) -> str:
    """What tells the key that a client calls the API with from others, and does not show it.

    Raises:
        ConfigurationError: there is none at present.
    """
    caller = client._caller
    credentials = caller.options.credentials or caller.session.credentials
    return (await credentials.ask()).fingerprint
