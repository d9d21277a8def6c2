"""The file of ``--web-config``: TLS and users, as Prometheus' exporters have them."""

from __future__ import annotations

import os
import re
import ssl
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from ..._declare.arguments import one_of, suggest
from ...errors import ConfigurationError

_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_CLIENT_AUTH = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_TLS = ("cert_file", "key_file", "client_auth_type", "client_ca_file", "min_version", "max_version")
_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}")
_MOST_COST = 14
"""The highest cost of a hash: it takes a second to check, and each step up doubles that."""
_ELSEWHERE = (
    "http_server_config",
    "rate_limit",
    "cert",
    "cert_ref",
    "key",
    "key_ref",
    "client_ca",
    "client_ca_ref",
    "client_allowed_sans",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
)
"""Names that Prometheus' exporters have besides: nobody mistyped another."""


@attrs.frozen
class WebConfig:
    """Who may scrape, and how.

    Attributes:
        tls: the context of the server; ``None`` for plain HTTP.
        pair: the files of the server's certificate and its key.
        users: bcrypt hashes of passwords by user; none where everybody may.
        notes: what is worth a look, a sentence each.
    """

    tls: ssl.SSLContext | None = None
    pair: tuple[Path, Path] | None = None
    users: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    notes: tuple[str, ...] = ()


def read_web_config(path: Path) -> WebConfig:
    """Read a file of TLS settings (`tls_server_config`) and users (`basic_auth_users`).

    Paths in it are relative to its folder.

    Raises:
        ConfigurationError: it cannot be read or used; the sentence has the file, the line and what
            is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    except UnicodeDecodeError as exc:
        raise ConfigurationError(f"{path} is not UTF-8 text.") from exc
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(exc, "problem", None) or "a character that YAML does not allow"
        raise ConfigurationError(f"{path}{line}: this is not valid YAML: {problem}.") from exc
    if root is None:
        return WebConfig()
    parts = _Section(path, root, "the file").parts(("tls_server_config", "basic_auth_users"))
    made = _tls(parts["tls_server_config"]) if "tls_server_config" in parts else WebConfig()
    users = parts["basic_auth_users"].texts() if "basic_auth_users" in parts else {}
    for user, (hashed, section) in users.items():
        found = _BCRYPT.fullmatch(hashed)
        if found is None:
            raise section.error(f"the password of {user!r} must be a bcrypt hash, such as $2y$10$…")
        if not 4 <= int(found[1]) <= _MOST_COST:
            raise section.error(
                f"the hash of {user!r} must have a cost from 4 to {_MOST_COST}, not {found[1]}:"
                " each step doubles the time of a check"
            )
        if ":" in user:
            raise section.error(f"the name {user!r} must not have a colon")
    return attrs.evolve(made, users={user: hashed for user, (hashed, _) in users.items()})


@attrs.frozen
class _Section:
    """A part of the file; private, since `WebConfig` is what is made of it."""

    path: Path
    node: Any
    name: str

    def error(self, problem: str) -> ConfigurationError:
        """An error at this place."""
        end = "" if problem.endswith((".", "?")) else "."
        return ConfigurationError(f"{self.path}:{self.node.start_mark.line + 1}: {problem}{end}")

    def parts(self, allowed: tuple[str, ...] | None) -> dict[str, _Section]:
        """What a mapping has; with names that are allowed, no others."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == "tag:yaml.org,2002:null":
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{self.name} must be a mapping of names to values")
        found: dict[str, _Section] = {}
        for key, value in self.node.value:
            here = _Section(self.path, key, self.name)
            name = key.value
            if not isinstance(name, str) or not name:
                raise here.error(f"a name in {self.name} must be text")
            if allowed is not None and name not in allowed:
                hint = "." if name in _ELSEWHERE else suggest(name, list(allowed))
                raise here.error(
                    f"{self.name} has {name!r}, which is not supported; there are"
                    f" {one_of(list(allowed))}{hint}"
                )
            if name in found:
                raise here.error(f"{self.name} has {name!r} twice")
            found[name] = _Section(self.path, value, name)
        return found

    def texts(self) -> dict[str, tuple[str, _Section]]:
        """What a mapping of texts has, each with its place."""
        return {name: (part.text(), part) for name, part in self.parts(None).items()}

    def text(self) -> str:
        """What a text says."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise self.error(f"{self.name} must be text")
        return str(self.node.value)

    def choice(self, choices: Mapping[str, Any]) -> Any:
        """What one of some words stands for."""
        word = self.text()
        if word not in choices:
            raise self.error(f"{self.name} must be {one_of(list(choices))}, not {word!r}")
        return choices[word]

    def file(self) -> Path:
        """A file, named from the folder of this one."""
        return self.path.parent / self.text()

    def using(self, work: Callable[[], object], what: str) -> None:
        """Do something with the file that is named here."""
        try:
            work()
        except ssl.SSLError as exc:
            reason = (exc.reason or str(exc)).replace("_", " ").lower()
            raise self.error(f"{what} cannot be used: {reason}") from exc
        except (OSError, ValueError) as exc:
            reason = getattr(exc, "strerror", None) or str(exc)
            raise self.error(f"{what} cannot be read: {reason}") from exc


def _tls(section: _Section) -> WebConfig:
    parts = section.parts(_TLS)
    for needed in ("cert_file", "key_file"):
        if needed not in parts:
            raise section.error(f"tls_server_config must have {needed!r}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    least = parts["min_version"].choice(_VERSIONS) if "min_version" in parts else _VERSIONS["TLS12"]
    context.minimum_version = least
    if "max_version" in parts:
        most = parts["max_version"].choice(_VERSIONS)
        if most < least:
            raise parts["max_version"].error("max_version must not be below min_version")
        context.maximum_version = most
    certificate, key = parts["cert_file"], parts["key_file"]

    certificate.using(certificate.file().read_bytes, "the certificate")
    key.using(key.file().read_bytes, "the key")
    pair = certificate.file(), key.file()
    key.using(lambda: load(context, *pair), "the certificate with its key")
    wanted = ssl.CERT_NONE
    if "client_auth_type" in parts:
        wanted = parts["client_auth_type"].choice(_CLIENT_AUTH)
    authorities = parts.get("client_ca_file")
    if wanted is not ssl.CERT_NONE and authorities is None:
        raise parts["client_auth_type"].error("client_auth_type needs 'client_ca_file'")
    if authorities is not None:
        if wanted is ssl.CERT_NONE:
            raise authorities.error(
                "client_ca_file needs 'client_auth_type': without it, no certificate is asked for"
            )
        authorities.using(
            lambda: context.load_verify_locations(authorities.file()),
            "the authorities' certificates",
        )
    context.verify_mode = wanted
    return WebConfig(context, pair, notes=_readable(key.file()))


def load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Let a context show a certificate; it stays as it was where that cannot be used.

    Raises:
        OSError: a file cannot be read, or the two do not belong together (`ssl.SSLError`).
    """
    for each in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), context):
        # A key with a passphrase would otherwise be asked for on the terminal.
        each.load_cert_chain(certificate, key, password=lambda: "")


def _readable(key: Path) -> tuple[str, ...]:
    """That others can read the key, where they can."""
    if os.name == "posix" and stat.S_IMODE(key.stat().st_mode) & stat.S_IROTH:
        return (
            f"Every user of this machine can read the key {key}: chmod o-r would prevent that.",
        )
    return ()
