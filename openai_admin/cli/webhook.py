"""A message posted to a webhook, whose address is a secret: whoever knows it can write there."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import attrs
from yarl import URL

from .._wire.http import hide
from .errors import CommandError

VARIABLE = "OPENAI_ADMIN_WEBHOOK_URL"
"""The environment variable that has the address."""

SECONDS = 30.0
"""How long a receiver may take in all."""

_LONGEST = 4096  # bytes of an answer that are looked at
_CODE = re.compile(r"[a-z][a-z_]{1,60}")  # Slack's word for what it refused, as invalid_blocks


@attrs.frozen
class Webhook:
    """A receiver of messages.

    Attributes:
        address: where it is.
        proxy: the address of the proxy on the way there; ``None`` without one.
        login: the header with the proxy's login.
        context: whom to trust; ``None`` for the system's authorities.
    """

    address: str = attrs.field(repr=False)
    proxy: URL | None = None
    login: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    context: ssl.SSLContext | None = None

    @classmethod
    def of_environment(cls) -> Self:
        """The one that the environment names, reached through its proxy and with its authorities.

        Raises:
            CommandError: there is none, or its address is not one of https; the sentence does not
                repeat it.
            ConfigurationError: the proxy or the authorities cannot be used.
        """
        from .._transport.proxies import environment_proxy, split_login
        from .._transport.tls import tls_settings

        address = _checked(hide(os.environ.get(VARIABLE, "").strip()))
        proxy, login = split_login(environment_proxy(address))
        return cls(address, proxy, login, tls_settings(None, trust_env=True, shows=False).context)

    async def post(
        self, message: Mapping[str, Any], *, wants_ok: bool, seconds: float = SECONDS
    ) -> str | None:
        """Post a message as JSON, once.

        Args:
            message: the message.
            wants_ok: whether only the answer ``ok`` says that it has arrived, as Slack's does.
            seconds: how long the receiver may take in all.

        Returns:
            What went wrong, as a sentence without the address; ``None`` where it has arrived.
        """
        import aiohttp

        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session,
                session.post(
                    self.address,
                    data=json.dumps(message, ensure_ascii=False).encode(),
                    headers={"Content-Type": "application/json; charset=utf-8"},
                    proxy=self.proxy,
                    proxy_headers=self.login,
                    ssl=True if self.context is None else self.context,
                    allow_redirects=False,
                ) as response,
            ):
                answer = await response.content.read(_LONGEST)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # Their own texts have the address in them.
            if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError):
                return f"The webhook could not be reached: {_reason(error, seconds)}."
            if isinstance(error, aiohttp.InvalidURL | ValueError):
                return f"The webhook could not be reached: {_reason(error, seconds)}."
            why = _reason(error, seconds)
            return f"The message may have arrived at the webhook, or not: {why}."
        return _refusal(response.status, answer.decode("utf-8", "replace").strip(), wants_ok)


def _checked(address: str) -> str:
    from .._transport.settings import is_loopback

    if not address:
        raise CommandError(f"--webhook needs {VARIABLE}, the address to post to.")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or re.search(r"\s", address) or parts.scheme not in ("https", "http"):
        raise CommandError(f"{VARIABLE} is not an address like https://hooks.slack.com/services/….")
    if parts.scheme == "http" and not is_loopback(host):
        raise CommandError(f"{VARIABLE} must be https: plain http would show it to the network.")
    return address


def _refusal(status: int, answer: str, wants_ok: bool) -> str | None:
    code = f", {answer}" if _CODE.fullmatch(answer) else ""
    if 300 <= status < 400:
        return f"The webhook answered {status}, a redirect, which is not followed."
    if not 200 <= status < 300:
        return f"The webhook refused the message: it answered {status}{code}."
    if wants_ok and answer != "ok":
        return (
            f"The webhook answered {status}, but not “ok” as Slack's does, so that it is not known"
            " whether the message arrived; for receivers other than Slack there is --format json."
        )
    return None


def _reason(error: Exception, seconds: float) -> str:
    import aiohttp

    if isinstance(error, TimeoutError):
        return f"there was no answer in {seconds:g} seconds"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no secure connection could be made, for its certificate is not accepted here"
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, socket.gaierror):
            return "its name was not found"
        return os.strerror(error.errno) if error.errno else "no connection could be made"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return "its address cannot be used"
    return "the connection was lost"
