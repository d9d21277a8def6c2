"""OAuth: the server as a resource whose access tokens somebody else issues."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

import attrs

from ..._declare.arguments import shown
from ...errors import ConfigurationError

READ, CHANGE = "read", "change"
"""The scopes: to read, and to change too."""
CLIENT_ID_VARIABLE = "OPENAI_ADMIN_MCP_OAUTH_CLIENT_ID"
CLIENT_SECRET_VARIABLE = "OPENAI_ADMIN_MCP_OAUTH_CLIENT_SECRET"  # noqa: S105 - a variable's name


@attrs.frozen(kw_only=True)
class OAuth:
    """Who issues the access tokens that the server takes, and how they are checked.

    Attributes:
        issuer: the authorization server, as its tokens name it in ``iss``.
        audiences: what a token must be issued for (``aud``), one of them.
        jwks_url: where its public keys are; tokens are JWTs that one of them has signed.
        introspection_url: where it is asked about each token instead (RFC 7662).
        client_id: this server's name at the introspection.
        client_secret: its password there.
    """

    issuer: str
    audiences: Sequence[str]
    jwks_url: str | None = None
    introspection_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = attrs.field(default=None, repr=False)

    def checked(self) -> OAuth:
        """The settings themselves, if they can be used.

        Raises:
            ConfigurationError: one is lacking, or is not written as it must be.
        """
        checked_url(self.issuer, "The issuer")
        if not self.audiences or not all(self.audiences):
            raise ConfigurationError("OAuth needs the audience that tokens are issued for.")
        if (self.jwks_url is None) == (self.introspection_url is None):
            raise ConfigurationError(
                "OAuth needs one way to check tokens: --oauth-jwks, the address of the issuer's"
                " keys, or --oauth-introspection."
            )
        if self.jwks_url is not None:
            checked_url(self.jwks_url, "The address of the keys")
        if self.introspection_url is not None:
            checked_url(self.introspection_url, "The address of the introspection")
            if not (self.client_id and self.client_secret):
                raise ConfigurationError(
                    f"The introspection needs this server's login: set {CLIENT_ID_VARIABLE} and"
                    f" {CLIENT_SECRET_VARIABLE}."
                )
        return self


def checked_url(url: str, name: str) -> str:
    """An address that is safe to rely on: ``https``, or this machine.

    Raises:
        ConfigurationError: it is another.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    plain = "@" not in parts.netloc and not parts.fragment and not any(c.isspace() for c in url)
    if not (host and safe and plain):
        raise ConfigurationError(
            f"{name} must be an https address, like https://example.com/path, not {shown(url)}."
        )
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
