"""What a profile says about the network: whom to trust, what to show, and which way to go.

::

    [profiles.work]
    ca_file = "corp-ca.pem"          # relative to the configuration file, or ~/corp-ca.pem
    client_cert = "me.crt"
    client_key = "me.key"            # if it is not in client_cert
    client_key_password = "…"        # if the key is encrypted
    proxy = "http://user:password@proxy.example:8080"

    [profiles.work.headers]
    X-Gateway-Key = "…"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import attrs

from .._wire.http import hide, is_pem
from ..errors import ConfigurationError

FILES = ("ca_file", "client_cert", "client_key")
SETTINGS = (*FILES, "client_key_password", "proxy", "headers")


def _hidden() -> Any:
    return attrs.field(default=None, repr=False, converter=hide)


@attrs.frozen
class Network:
    """The network settings of a profile; all may be left out.

    Attributes:
        ca_file: the authorities that the server's certificate may be of.
        client_cert: the certificate to show to the server.
        client_key: its private key; by default it is in ``client_cert``.
        client_key_password: opens the private key.
        proxy: the address of a proxy, with its login if it wants one.
        headers: what to send with every request.
    """

    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    client_key_password: str | None = _hidden()
    proxy: str | None = _hidden()
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, profile: str, settings: Mapping[str, Any], folder: Path) -> Self:
        """The network settings among those of a profile.

        Args:
            profile: the profile's name, for errors.
            settings: what is written.
            folder: where relative paths begin.

        Raises:
            ConfigurationError: one is not text, the headers are not a table, or a key is without
                its certificate.
        """
        texts: dict[str, str] = {}
        for name in (*FILES, "client_key_password", "proxy"):
            if (value := settings.get(name)) is None:
                continue
            if not isinstance(value, str) or not value:
                said = "must not be empty" if value == "" else "must be text"
                raise ConfigurationError(f"{name} of profile {profile!r} {said}.")
            if name in FILES and is_pem(value):
                raise ConfigurationError(
                    f"{name} of profile {profile!r} must be the path of a file, not PEM text."
                )
            texts[name] = value
        if "client_key" in texts and "client_cert" not in texts:
            raise ConfigurationError(f"client_key of profile {profile!r} needs client_cert.")
        headers = settings.get("headers", {})
        if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
            raise ConfigurationError(
                f"headers of profile {profile!r} must be a table of names and texts."
            )
        files = {name: folder / _home(texts[name]) for name in FILES if name in texts}
        return cls(
            **files,
            client_key_password=texts.get("client_key_password"),
            proxy=texts.get("proxy"),
            headers={name: hide(value) for name, value in headers.items()},
        )

    def arguments(self) -> dict[str, Any]:
        """These settings as arguments of a client."""
        from .._transport.tls import ClientCertificate

        ssl: Path | ClientCertificate | None = self.ca_file
        if self.client_cert is not None:
            ssl = ClientCertificate(
                self.client_cert, self.client_key, self.client_key_password, ca=self.ca_file
            )
        return {"ssl": ssl, "proxy": self.proxy, "headers": self.headers or None}

    def check(self, profile: str, base_url: str | None = None) -> None:
        """Check the settings as a client does, with the names that they have in a profile.

        Args:
            profile: the profile's name.
            base_url: the address to connect to, if it is not the usual one.

        Raises:
            ConfigurationError: one cannot be used; it names the profile and the setting.
        """
        from .._transport.headers import Headers
        from .._transport.proxies import checked_proxy, refuse_plain
        from .._transport.tls import Names, tls_settings

        def named(setting: str) -> str:
            return f"{setting} of profile {profile!r}"

        names = Names(
            ca=named("ca_file"),
            cert=named("client_cert"),
            key=named("client_cert" if self.client_key is None else "client_key"),
            finding="name its file as client_key",
            unlocking="write its password into the profile as client_key_password",
        )
        arguments = self.arguments()
        tls_settings(arguments["ssl"], trust_env=True, names=names)
        if self.proxy is not None:
            checked_proxy(self.proxy, named("proxy"))
            refuse_plain(base_url or "", named("proxy"))
        Headers().changed(self.headers, named("headers"))


def shown_network(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of the network settings that are written in a profile: no secrets."""
    proxy, headers = settings.get("proxy"), settings.get("headers")
    return {
        **{name: _path_of(settings.get(name)) for name in FILES},
        "proxy": _without_login(proxy) if isinstance(proxy, str) else None,
        "headers": list(headers) if isinstance(headers, dict) else [],
    }


def _path_of(value: Any) -> Any:
    return "…" if is_pem(value) else value


def _home(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no such person: the path is told as it cannot be read
        return Path(path)


def _without_login(address: str) -> str:
    before, at, place = address.rpartition("@")
    return f"{before.partition('://')[0]}://…@{place}" if at else address
