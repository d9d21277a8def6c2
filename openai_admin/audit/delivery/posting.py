"""Posting to a receiver: its address, the token, and what comes back; never more than once."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import attrs
from yarl import URL

from ..._text.visible import visible
from ..._transport.failures import Route, failure_of
from ..._transport.proxies import environment_proxy, split_login
from ..._transport.settings import is_loopback
from ..._transport.tls import tls_settings
from ..._wire.http import HiddenText
from ...errors import ConfigurationError, InvalidInputError
from .receiver import LaterError

TOKEN = "OPENAI_ADMIN_RECEIVER_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that has the token."""

SECONDS = 60.0
"""How long a receiver may take for an answer."""

_LONGEST = 4 * 1024 * 1024  # bytes of an answer that are read
_SMALL = 16 * 1024  # bytes that are compressed at once
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SHOWN = 200  # characters of what a receiver says


@attrs.frozen
class Reply:
    """What a receiver answered.

    Attributes:
        status: the status.
        headers: the headers, by names in lower case.
        body: the beginning of the body, without the token.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)

    @property
    def text(self) -> str:
        """What it says, short, on one line."""
        text = " ".join(self.body[: 4 * _SHOWN].decode("utf-8", "replace").split())
        shown = visible(text)
        return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def checked_address(text: str) -> URL:
    """The address of a receiver.

    Raises:
        InvalidInputError: it is none, has a login in it, or is plain http to another machine. The
            sentence does not repeat it.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        url = URL(text)
    except ValueError:
        host = None
    if not host or re.search(r"\s", text) or parts.scheme not in ("https", "http"):
        raise InvalidInputError(
            "to must be stdout, file:PATH, or an address like https://siem.example.com/events."
        )
    if parts.username or parts.password:
        raise InvalidInputError(
            f"to has a login in the address, where others can see it: put the token into {TOKEN}."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidInputError(
            "to must be https: plain http would show the events to the network."
        )
    return url.with_fragment(None)


def token_headers(header: str) -> dict[str, str]:
    """The header with the environment's token; none where there is no token.

    Args:
        header: its name, and what stands before the token: ``Authorization: Bearer``, ``X-Key``.

    Raises:
        InvalidInputError: it is not a header's name.
        ConfigurationError: the token cannot be in a header; the sentence does not repeat it.
    """
    name, _, before = (part.strip() for part in header.partition(":"))
    if not _NAME.fullmatch(name) or not (before.isascii() and before.isprintable()):
        raise InvalidInputError(
            f"token_header must be like 'Authorization: Bearer' or 'X-Api-Key', not {header!r}."
        )
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ConfigurationError(f"{TOKEN} has characters that a token cannot have.")
    return {name: HiddenText(f"{before} {token}".strip())}


class Poster:
    """Posts to one receiver, through the environment's proxy and with its authorities.

    Args:
        address: the receiver's.
        headers: sent with each request; those with a secret are `HiddenText`.
        packs: whether what is posted is compressed with gzip.
        seconds: how long the receiver may take for an answer.

    Raises:
        ConfigurationError: the proxy or the authorities cannot be used.
    """

    def __init__(
        self,
        address: URL,
        headers: Mapping[str, str],
        *,
        packs: bool = True,
        seconds: float = SECONDS,
    ) -> None:
        self.address = address
        self.name = f"the receiver {URL.build(scheme=address.scheme, authority=address.authority)}"
        self._headers = {"Accept-Encoding": "identity", **headers}
        self._secrets = [
            value.rpartition(" ")[2].encode()
            for value in headers.values()
            if isinstance(value, HiddenText)
        ]
        self._packs = packs
        self._seconds = seconds
        self._proxy, self._login = split_login(environment_proxy(str(address)))
        self._context: ssl.SSLContext | None = tls_settings(
            None, trust_env=True, shows=False
        ).context
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: URL, body: bytes, type: str) -> Reply:
        """Post something once.

        Raises:
            LaterError: no answer came.
        """
        headers = {**self._headers, "Content-Type": type}
        if self._packs:
            headers["Content-Encoding"] = "gzip"
            body = await _packed(body)
        try:
            async with self._opened().post(
                url,
                data=io.BytesIO(body),  # in parts, since a long one would hold the event loop
                headers=headers,
                proxy=self._proxy,
                proxy_headers=self._login,
                ssl=True if self._context is None else self._context,
                allow_redirects=False,
            ) as response:
                answer = await _begun(response.content)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            has_login = self._login is not None
            route = Route(url, self._proxy, has_login=has_login, is_receiver=True)
            failure = failure_of(error, route)
            raise LaterError(failure.message, failure) from None
        for secret in self._secrets:
            answer = answer.replace(secret, "…".encode())
        found = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, found, answer)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _packed(body: bytes) -> bytes:
    if len(body) <= _SMALL:
        return gzip.compress(body, 6, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, 6, mtime=0)


async def _begun(content: aiohttp.StreamReader) -> bytes:
    """The beginning of a body."""
    found = bytearray()
    async for chunk in content.iter_any():
        found += chunk
        if len(found) > _LONGEST:
            break
    return bytes(found[:_LONGEST])
