"""A client's settings, checked before anything is sent."""

from __future__ import annotations

import inspect
import ipaddress
import re
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from .._declare.arguments import one_of, shown
from ..errors import ConfigurationError, InvalidInputError

C = TypeVar("C")
L = TypeVar("L")

DEFAULT_BASE_URL = "https://api.openai.com/v1"

# Keys of other kinds, which the Admin API rejects for every call.
_OTHER_KEYS = re.compile(r"sk-(proj|svcacct|None)-")


def checked_key(key: str | None) -> str:
    """A key that can be an admin key.

    Raises:
        ConfigurationError: it is missing, cannot be sent in a header, or is a key of another kind.
    """
    if not key:
        raise ConfigurationError(
            "No admin key: pass admin_key=… or set OPENAI_ADMIN_KEY"
            " (owners create one at platform.openai.com/settings/organization/admin-keys)."
        )
    if not isinstance(key, str) or not re.fullmatch(r"[!-~]+", key):
        raise ConfigurationError(
            "The admin key must be plain ASCII text without spaces or line breaks."
        )
    other = _OTHER_KEYS.match(key)
    if other:
        raise ConfigurationError(
            f"The key is not an admin key: it begins with {other[0]!r}. The Admin API accepts only"
            " keys that begin with 'sk-admin-'."
        )
    return key


def checked_count(name: str, value: int) -> int:
    """A setting that is a whole number, 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{name} must be a whole number of 1 or more, not {value!r}.")
    return value


def checked_listener(listener: L) -> L:
    """What receives a client's events; nothing, or what can be called."""
    is_usable = callable(listener) and not inspect.isasyncgenfunction(listener)
    if listener is not None and not is_usable:
        raise ConfigurationError(
            "on_event must be a function or a coroutine function that takes an event,"
            f" not {shown(listener)}."
        )
    return listener


def checked_wait(seconds: float) -> float:
    """The seconds that a call waits for its pace.

    Raises:
        InvalidInputError: it is not a number, or below 0.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise InvalidInputError(
            f"wait must be a number of seconds, 0 or more, not {shown(seconds)}."
        )
    return seconds


def checked_organization(organization: str, *, name: str = "organization") -> str:
    """An organization's id that can be sent in a header; an error calls it by ``name``."""
    if not isinstance(organization, str) or not re.fullmatch(r"[!-~]+", organization):
        raise ConfigurationError(f"{name} must be an id like 'org-abc', not {organization!r}.")
    return organization


def checked_choice(name: str, value: C, choices: Sequence[C]) -> C:
    """A word that is one of some.

    Raises:
        InvalidInputError: it is another.
    """
    if value not in choices:
        raise InvalidInputError(f"{name} must be {one_of(choices)}, not {shown(value)}.")
    return value


def checked_address(
    address: str,
    *,
    allow_insecure: bool = False,
    name: str = "base_url",
    remedy: str = "; allow_insecure=True accepts it anyway",
) -> str:
    """The base address without its last slash.

    Plain ``http`` would show the key to the network, so it is accepted only for this machine,
    unless ``allow_insecure`` is set. An error calls the address by ``name``, and ends with the
    ``remedy`` for plain ``http``.
    """
    # Checked here, since urlsplit removes line breaks and tabs before it parses.
    if not isinstance(address, str) or not re.fullmatch(r"[!-~]+", address):
        raise ConfigurationError(
            f"{name} must be plain ASCII text without spaces or line breaks, not {address!r}."
        )
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as exc:
        raise ConfigurationError(f"{name} is not a valid URL: {address!r}.") from exc
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{name} must be like 'https://api.openai.com/v1', not {address!r}."
        )
    if parts.username or parts.password:
        raise ConfigurationError(f"{name} must not carry a user name or password.")
    if parts.scheme == "http" and not (allow_insecure or is_loopback(host)):
        raise ConfigurationError(
            f"{name} must be https: plain http would show the key to the network ({host}){remedy}."
        )
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
