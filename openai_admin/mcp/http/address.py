"""Where the server listens and whom it lets in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import attrs

from ..._declare.arguments import shown
from ...errors import ConfigurationError
from .limits import Limits
from .names import Hosts, origins_pattern
from .oauth import OAuth, checked_url

PATH = "/openai-admin"
TOKEN_VARIABLE = "OPENAI_ADMIN_MCP_TOKEN"  # noqa: S105 - a variable's name
_LEAST_TOKEN = 16
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_TAKEN_HEADERS = re.compile(
    r"authorization|cookie|host|origin|accept.*|content-.*|connection|mcp-.*|last-event-id|x-forwarded-.*",
    re.IGNORECASE,
)


@attrs.frozen(kw_only=True)
class Address:
    """Where the server listens and whom it lets in.

    Attributes:
        host: the address to bind to.
        port: the port.
        token: the bearer token; may be left out on a loopback address.
        hosts: further values of ``Host`` to accept, such as ``mcp.example.com``; with a port, that
            one alone.
        origins: values of ``Origin`` to accept beside the server's own, such as
            ``https://app.example.com``, or ``http://localhost:*`` for any port.
        public_url: where clients reach the server, if that is not where it listens, such as
            ``https://mcp.example.com/openai-admin``; its host is accepted.
        oauth: who issues the access tokens that are let in, in place of `token`.
        key_header: the header in which each request brings the admin key that it acts with, such
            as ``X-OpenAI-Admin-Key``.
        limits: how long a client may take, and how much it may occupy.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = attrs.field(default=None, repr=False)
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    public_url: str | None = None
    oauth: OAuth | None = None
    key_header: str | None = None
    limits: Limits = Limits()  # noqa: RUF009 - immutable

    @property
    def in_url(self) -> str:
        """The host as URLs write it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def known_hosts(self) -> Hosts:
        """The values of ``Host`` that are accepted."""
        own = [] if _is_wildcard(self.host) else [self.in_url]
        if self.is_loopback:
            own += ["127.0.0.1", "localhost", "[::1]"]
        public = [urlsplit(self.public_url).netloc] if self.public_url else []
        return Hosts([*own, *public, *self.hosts])

    @property
    def known_origins(self) -> str:
        """The values of ``Origin`` that are accepted beside the server's own, as a pattern."""
        return origins_pattern(self.origins)

    def checked(self) -> Address:
        """The address itself, if it is safe to listen there.

        Raises:
            ConfigurationError: it lacks a token or the names it is known by, something is not
                written as it must be, or two settings exclude each other.
        """
        self._check_token()
        if self.public_url is not None:
            checked_url(self.public_url, "The public URL")
        if self.oauth is not None:
            if self.public_url is None:
                raise ConfigurationError(
                    "With OAuth the server must know its own address: pass --public-url, such as"
                    f" --public-url https://mcp.example.com{PATH}."
                )
            self.oauth.checked()
        if _is_wildcard(self.host) and not (self.hosts or self.public_url):
            raise ConfigurationError(
                f"Bound to {self.host}, the server must know its names:"
                " pass --allow-host, such as --allow-host mcp.example.com."
            )
        if self.key_header is not None and (
            not _HEADER.fullmatch(self.key_header) or _TAKEN_HEADERS.fullmatch(self.key_header)
        ):
            raise ConfigurationError(
                "The header of the key is a name of its own, like X-OpenAI-Admin-Key, not"
                f" {shown(self.key_header)}."
            )
        _ = self.known_hosts, self.known_origins
        return self

    def _check_token(self) -> None:
        lets_in = self.token is not None or self.oauth is not None or self.key_header is not None
        if not lets_in and not self.is_loopback:
            raise ConfigurationError(
                f"Bound to {self.host}, the server needs a token: put one into {TOKEN_VARIABLE}"
                " (such as 'openssl rand -hex 32' makes), or bind to 127.0.0.1."
            )
        if self.token is not None and self.oauth is not None:
            raise ConfigurationError(
                f"A server takes one kind of token: unset {TOKEN_VARIABLE}, or leave out"
                " --oauth-issuer."
            )
        if self.token is not None and not (
            len(self.token) >= _LEAST_TOKEN and self.token.isascii() and self.token.isprintable()
        ):
            raise ConfigurationError(
                f"{TOKEN_VARIABLE} must have at least {_LEAST_TOKEN} characters, all of them"
                " printable ASCII."
            )


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host
