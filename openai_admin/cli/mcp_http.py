"""The options of ``openai-admin mcp`` that are about HTTP, and what they ask for."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .config import Connection
from .connect import Target, chosen_address, client_of, log_at
from .errors import CommandError
from .unread import noting

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from ..mcp import Connections, OAuth

_PANEL = "HTTP"


def _option(name: str, metavar: str, text: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=text, rich_help_panel=_PANEL
    )
    return made


Host = Annotated[str, _option("--host", "HOST", "The address to bind to.")]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        metavar="N",
        min=0,
        max=65535,
        help="The port; 0 takes a free one.",
        rich_help_panel=_PANEL,
    ),
]
AllowHost = Annotated[
    list[str] | None,
    _option(
        "--allow-host", "NAME", "A host name to accept, with its port if no other. Repeatable."
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    _option(
        "--allow-origin",
        "URL",
        "A web page's origin to accept, such as https://app.example.com or http://localhost:*."
        " Repeatable.",
    ),
]
PublicURL = Annotated[
    str | None,
    _option(
        "--public-url",
        "URL",
        "Where clients reach the server, such as https://mcp.example.com/openai-admin.",
    ),
]
OAuthIssuer = Annotated[
    str | None,
    _option(
        "--oauth-issuer",
        "URL",
        "The authorization server whose access tokens are taken: the scope read lets read, the"
        " scope change also change.",
    ),
]
OAuthJWKS = Annotated[
    str | None,
    _option(
        "--oauth-jwks", "URL", "Where the issuer's public keys are, with which JWTs are checked."
    ),
]
OAuthIntrospection = Annotated[
    str | None,
    _option(
        "--oauth-introspection",
        "URL",
        "Where the issuer is asked about each token instead, with the login in"
        " OPENAI_ADMIN_MCP_OAUTH_CLIENT_ID and …_SECRET.",
    ),
]
OAuthAudience = Annotated[
    list[str] | None,
    _option(
        "--oauth-audience",
        "NAME",
        "What tokens are issued for; by default the public URL. Repeatable.",
    ),
]
KeyFromHeader = Annotated[
    str | None,
    _option(
        "--key-from-header",
        "NAME",
        "Act with the admin key that each request brings in this header, such as"
        " X-OpenAI-Admin-Key.",
    ),
]


def oauth_of(
    issuer: str | None,
    jwks: str | None,
    introspection: str | None,
    audiences: list[str] | None,
    public_url: str | None,
) -> OAuth | None:
    """Who issues access tokens, as the options and the environment say; ``None`` for nobody.

    Raises:
        CommandError: an option is passed that only goes with an issuer.
    """
    from ..mcp import OAuth
    from ..mcp.http.oauth import CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE

    if issuer is None:
        if jwks or introspection or audiences:
            raise CommandError("The options of OAuth go with --oauth-issuer.")
        return None
    return OAuth(
        issuer=issuer,
        audiences=audiences or ([public_url] if public_url else []),
        jwks_url=jwks,
        introspection_url=introspection,
        client_id=os.environ.get(CLIENT_ID_VARIABLE) or None,
        client_secret=os.environ.get(CLIENT_SECRET_VARIABLE) or None,
    )


def log_warnings() -> None:
    """Log who is not let in, and what is in doubt or lost, however quiet the rest is."""
    log = logging.getLogger("openai_admin.mcp")
    log.setLevel(min(log.getEffectiveLevel(), logging.WARNING))


@asynccontextmanager
async def keyed(target: Target) -> AsyncIterator[Connections]:
    """Connections to the organizations of the keys that requests bring."""
    from ..mcp import KeyedConnections, report_wait

    log_at(target.verbose)
    address = chosen_address(None)

    def make(key: str) -> AsyncOpenAIAdmin:
        return client_of(Connection(key, address), target, report_wait)

    with noting():
        async with KeyedConnections(make) as connections:
            yield connections
