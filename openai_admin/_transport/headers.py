"""The headers of each request: the client's own, the user's, and the key's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._wire.http import USER_AGENT, hide
from ..errors import ConfigurationError
from .credentials import Credential
from .settings import checked_organization

_OURS = "the client makes it itself"
_RESERVED: Mapping[str, str] = {
    "authorization": "use admin_key, which may be a function in Python",
    "openai-organization": "use organization",
    "proxy-authorization": "put the login into the address of proxy",
    "host": "it is that of base_url",
    "content-type": "bodies are JSON",
    **dict.fromkeys(
        ("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te"), _OURS
    ),
    **dict.fromkeys(("trailer", "expect", "accept-encoding", "content-encoding"), _OURS),
}
_NEEDED = ("accept", "user-agent")  # without them aiohttp would send its own
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_VALUE = re.compile(r"([!-~]([\t -~]*[!-~])?)?")
_JSON = "application/json"

Made = tuple[Credential, Mapping[str, str], Mapping[str, str]]
HeaderChanges = Mapping[str, str | None]
"""Headers by name; ``None`` leaves out one that there was."""


def hidden(headers: HeaderChanges) -> HeaderChanges:
    """The same headers with hidden values; what is not a mapping is left, to be rejected."""
    if not isinstance(headers, Mapping):
        return headers
    return {name: hide(value) for name, value in headers.items()}


class Headers:
    """What is sent with each request.

    Args:
        values: what is sent whatever the key, in place of the defaults.

    Attributes:
        made: the newest key, and its headers of requests without and with a body.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        default = {"Accept": _JSON, "User-Agent": USER_AGENT}
        self._values = dict(default if values is None else values)
        self.made: Made | None = None

    @classmethod
    def of_organization(cls, organization: str | None) -> Headers:
        """The defaults, with the organization to act in."""
        headers = cls()
        if organization:
            headers._values["OpenAI-Organization"] = checked_organization(organization)
        return headers

    @property
    def organization(self) -> str | None:
        """The organization to act in; ``None`` where none is named."""
        return self._values.get("OpenAI-Organization")

    def changed(self, changes: HeaderChanges, called: str = "headers") -> Headers:
        """These headers with others, which errors call by a name.

        Raises:
            ConfigurationError: a name or a value cannot be sent, or has an argument of its own.
        """
        if not isinstance(changes, Mapping):
            raise ConfigurationError(
                f"{called} must be a mapping of names to values, not {type(changes).__name__}."
            )
        values = self._values.copy()
        for name, value in changes.items():
            _check(name, value, called)
            for known in [known for known in values if known.lower() == name.lower()]:
                del values[known]
            if value is not None:
                values[name] = value
        return Headers(values)

    def make(self, credential: Credential) -> Made:
        """The headers with a key, which are `made` until another one comes."""
        plain = self._values | {"Authorization": credential.authorization}
        with_body = plain | {"Content-Type": _JSON}
        self.made = made = (credential, plain, with_body)
        return made


def _check(name: Any, value: Any, called: str) -> None:
    """Refuse a header that cannot be sent, or is not the user's to set."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{called}: a name must be of letters, digits and hyphens, not {name!r}."
        )
    if (instead := _RESERVED.get(name.lower())) is not None:
        raise ConfigurationError(f"{called}: {name} cannot be set here: {instead}.")
    if value is None and name.lower() in _NEEDED:
        raise ConfigurationError(f"{called}: {name} may be another, but must be sent.")
    if value is not None and (not isinstance(value, str) or not _VALUE.fullmatch(value)):
        raise ConfigurationError(
            f"{called}: the value of {name} must be plain ASCII text without line breaks, and"
            " without spaces around it."
        )
