"""What shows that a request may come in: nothing, the server's token, or an access token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import attrs
from mcp.server.auth.provider import AccessToken, TokenVerifier
from starlette.datastructures import Headers
from starlette.responses import Response

from .fetching import IssuerUnavailableError
from .oauth import CHANGE, READ
from .quiet import Quiet
from .refusals import refusal

_REALM = 'Bearer realm="openai-admin"'


class Pass(Protocol):
    """A way to be let in."""

    async def admit(self, headers: Headers) -> AccessToken | Response | None:
        """What lets a request in, if that is a token of somebody's; or the refusal."""
        ...


class Open:
    """Everybody is let in."""

    async def admit(self, headers: Headers) -> None:
        """Let a request in."""


class ServerToken:
    """Who has the server's own token is let in.

    Args:
        token: the token.
    """

    def __init__(self, token: str) -> None:
        self._expected = token.encode()

    async def admit(self, headers: Headers) -> Response | None:
        """Let a request in, or refuse it."""
        token = bearer_token(headers)
        if token is not None and hmac.compare_digest(token.encode(), self._expected):
            return None
        error = {} if token is None else {"error": "invalid_token"}
        said = "The request needs the server's bearer token."
        return refusal(401, said, challenge(error))


@attrs.frozen
class IssuedTokens:
    """Who has an access token of the issuer's is let in, as far as its scopes go.

    Attributes:
        verifier: checks tokens.
        public_url: where clients reach the server.
        quiet: the log.
    """

    verifier: TokenVerifier
    public_url: str
    quiet: Quiet

    async def admit(self, headers: Headers) -> AccessToken | Response:
        """What the token of a request allows, or the refusal."""
        token = bearer_token(headers)
        if token is None:
            return self._refusal(401, "The request needs an access token.", {}, READ)
        try:
            access = await self.verifier.verify_token(token)
        except IssuerUnavailableError as error:
            self.quiet.warn("issuer", f"The authorization server cannot be asked: {error}.")
            said = "Access tokens cannot be checked just now: the issuer cannot be reached."
            return refusal(503, said, {"Retry-After": "10"})
        if access is None:
            said = "The access token is not valid here, or not any more."
            return self._refusal(401, said, {"error": "invalid_token"}, READ)
        if READ not in access.scopes:
            return self.lacks(READ)
        return access

    def lacks(self, scope: str) -> Response:
        """The refusal of a request whose token lacks a scope."""
        said = f"The access token lacks the scope {scope}."
        asked = READ if scope == READ else f"{READ} {CHANGE}"
        return self._refusal(403, said, {"error": "insufficient_scope"}, asked)

    def _refusal(self, status: int, said: str, error: Mapping[str, str], scope: str) -> Response:
        told = {"error_description": said} if error else {}
        place = urlsplit(self.public_url)
        where = f"{place.scheme}://{place.netloc}{metadata_paths(self.public_url)[-1]}"
        more = {**error, **told, "scope": scope, "resource_metadata": where}
        return refusal(status, said, challenge(more))


def bearer_token(headers: Headers) -> str | None:
    """The bearer token of a request, if it has one."""
    given = headers.getlist("authorization")
    kind, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() or None if kind.lower() == "bearer" else None


def challenge(parameters: Mapping[str, str]) -> dict[str, str]:
    """The header that says how to be let in."""
    said = ", ".join([_REALM, *(f'{name}="{value}"' for name, value in parameters.items())])
    return {"WWW-Authenticate": said}


def metadata_paths(public_url: str) -> list[str]:
    """Where clients look for what is said of the server as a resource (RFC 9728).

    The last is that of its address, the first what they try without one.
    """
    known = "/.well-known/oauth-protected-resource"
    path = urlsplit(public_url).path.rstrip("/")
    return list(dict.fromkeys([known, f"{known}{path}"]))
