"""Whom a client trusts, and the certificate that it shows: read and checked once, at its start."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import attrs

from .._text.visible import visible
from .._wire.http import HiddenText, hide, is_pem
from ..errors import ConfigurationError

T = TypeVar("T")
FilePath = str | os.PathLike[str]
Password = str | Callable[[], str]

CERT_FILE = "OPENAI_MTLS_CLIENT_CERT_FILE"
KEY_FILE = "OPENAI_MTLS_CLIENT_KEY_FILE"
# OpenSSL looks at the first two by itself, but passes over what it cannot read.
_READ_BY_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CA_NAMES = (*_READ_BY_OPENSSL, "REQUESTS_CA_BUNDLE")
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
_PEM = "-----BEGIN …"
_LONGEST = 200  # characters of a path in an error
_MISMATCHES = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH")


def _hidden(password: Password | None) -> Password | None:
    return hide(password)


def without_key(path: T) -> T | HiddenText:
    """A path as it is; what is PEM text instead is hidden, to be rejected."""
    return HiddenText(_PEM) if is_pem(path) else path


def _path_alone(path: FilePath) -> FilePath:
    return without_key(path)


def _path_or_none(path: FilePath | None) -> FilePath | None:
    return without_key(path)


@attrs.frozen
class ClientCertificate:
    """A certificate that the client shows to the server (mutual TLS).

    The files are PEM, and are read when the client is made. OpenAI's own API takes client
    certificates at ``https://mtls.api.openai.com/v1`` (``mtls-us`` and ``mtls-eu`` where data
    residency is set), which is then the client's ``base_url``.

    Args:
        cert: the file of the certificate, followed by those that lead to its authority.
        key: the file of its private key; by default the key is in ``cert``.
        password: opens the private key, or a function that returns what does.
        ca: the authorities that the server's certificate may be of, a file or a folder that
            ``openssl rehash`` has prepared; by default the system's, or the environment's.
    """

    cert: FilePath = attrs.field(converter=_path_alone)
    key: FilePath | None = attrs.field(default=None, converter=_path_or_none)
    password: Password | None = attrs.field(default=None, repr=False, converter=_hidden)
    ca: FilePath | None = attrs.field(default=None, converter=_path_or_none)


TLS = ssl.SSLContext | FilePath | ClientCertificate
"""What the client's ``ssl`` may be."""


@attrs.frozen
class TLSSettings:
    """How connections are made secure.

    Attributes:
        context: OpenSSL's settings; ``None`` for aiohttp's, which trust the system's authorities.
        shows_certificate: whether the server may be shown a client certificate; what is in an
            `ssl.SSLContext` of the user's own cannot be seen, so that there it may.
    """

    context: ssl.SSLContext | None = None
    shows_certificate: bool = False


@attrs.frozen
class Names:
    """What errors call the settings, and how they are to be set right."""

    ca: str = "ssl"
    cert: str = "ssl"
    key: str = "ssl"
    finding: str = "name its file with key="
    unlocking: str = "pass its password"


def tls_settings(
    given: TLS | None,
    *,
    trust_env: bool,
    shows: bool = True,
    allow_insecure: bool = False,
    names: Names = Names(),
) -> TLSSettings:
    """The settings that an argument and the environment make.

    Whom to trust and what to show are two things: what the argument leaves open comes from the
    environment. A context says both.

    Args:
        given: the argument.
        trust_env: whether to look at the environment.
        shows: whether the environment's client certificate may be shown: the API's server alone
            has a use for it.
        allow_insecure: accept a context that verifies nothing.
        names: what errors call what was given.

    Raises:
        ConfigurationError: a file cannot be used, or the context is not a client's.
    """
    if isinstance(given, ssl.SSLContext):
        return TLSSettings(_checked_context(given, allow_insecure), shows_certificate=True)
    if given is None or isinstance(given, ClientCertificate):
        shown, trusted = given, None if given is None else given.ca
    elif isinstance(given, str | os.PathLike):
        shown, trusted = None, given
    else:
        raise ConfigurationError(
            "ssl must be an ssl.SSLContext, the path of a CA file or a ClientCertificate, not"
            f" {type(given).__name__}."
        )
    trusted_by = names.ca
    environment = _environment() if trust_env else {}
    if shows and shown is None and (shown := _environment_certificate(environment)) is not None:
        names = Names(
            cert=CERT_FILE,
            key=KEY_FILE,
            unlocking="pass its password with ssl=ClientCertificate(…)",
        )
    if trusted is None:
        trusted_by = next((name for name in _CA_NAMES if environment.get(name)), trusted_by)
        trusted = environment.get(trusted_by)
    if shown is None and trusted is None:
        untold = not trust_env and any(map(os.environ.get, _READ_BY_OPENSSL))
        return TLSSettings(_trusting_the_system() if untold else None)
    context = _trusting(trusted, trusted_by) if trusted is not None else _trusting_the_system()
    if shown is not None:
        _show(context, shown, names)
    return TLSSettings(context, shows_certificate=shown is not None)


def _environment() -> dict[str, str]:
    """What the environment says of TLS, and nothing else: this is seen in tracebacks."""
    values = {name: os.environ.get(name, "") for name in (CERT_FILE, KEY_FILE, *_CA_NAMES)}
    return {name: without_key(value) for name, value in values.items()}


def _checked_context(context: ssl.SSLContext, allow_insecure: bool) -> ssl.SSLContext:
    if context.protocol == ssl.PROTOCOL_TLS_SERVER:
        raise ConfigurationError(
            "ssl: the SSLContext is a server's; make a client's with ssl.create_default_context()."
        )
    if context.verify_mode == ssl.CERT_NONE and not allow_insecure:
        raise ConfigurationError(
            "ssl: the SSLContext does not verify the server's certificate, which would show the"
            " key to whoever answers; allow_insecure=True accepts it anyway."
        )
    return context


def _environment_certificate(environment: Mapping[str, str]) -> ClientCertificate | None:
    cert, key = environment.get(CERT_FILE), environment.get(KEY_FILE)
    if bool(cert) != bool(key):
        lone, other = (CERT_FILE, KEY_FILE) if cert else (KEY_FILE, CERT_FILE)
        raise ConfigurationError(
            f"{lone} is set without {other}: set both, to one file if it has both."
        )
    return ClientCertificate(cert, key) if cert and key else None


def _trusting(path: FilePath, name: str) -> ssl.SSLContext:
    """A client's context that trusts the authorities of a file or a folder, and no others."""
    text = _path(path, name)
    folders = _folders(text, several=name == "SSL_CERT_DIR")
    if not folders:
        _read(text, name)
    elif not any(map(_is_prepared, folders)):
        raise ConfigurationError(
            f"{name}: the folder {_shown(text)} has no certificates under the names that"
            " OpenSSL looks for; 'openssl rehash' makes them."
        )
    try:
        if folders:
            return ssl.create_default_context(capath=os.pathsep.join(folders))
        return ssl.create_default_context(cafile=text)
    except (ssl.SSLError, OSError):
        raise ConfigurationError(
            f"{name}: {_shown(text)} has no certificates in PEM form."
        ) from None


def _folders(path: str, *, several: bool) -> list[str]:
    """The folders that a path names; of several, as OpenSSL does, those that there are."""
    named = path.split(os.pathsep) if several else [path]
    return [each for each in named if os.path.isdir(each)]  # noqa: PTH112 - raises nothing


def _is_prepared(folder: str) -> bool:
    try:
        return any(_HASHED.fullmatch(file.name) for file in Path(folder).iterdir())
    except OSError:  # OpenSSL passes over it as well
        return False


def _trusting_the_system() -> ssl.SSLContext:
    """A client's context that trusts the system's authorities, whatever the environment says."""
    if not any(map(os.environ.get, _READ_BY_OPENSSL)):
        return ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    cafile = paths.openssl_cafile if Path(paths.openssl_cafile).is_file() else None
    capath = paths.openssl_capath if Path(paths.openssl_capath).is_dir() else None
    return ssl.create_default_context(cafile=cafile, capath=capath)


class _PasswordWantedError(Exception):
    """Raised in place of OpenSSL's question on the terminal."""


def _show(context: ssl.SSLContext, shown: ClientCertificate, names: Names) -> None:
    """Have a context show a certificate."""
    cert = _path(shown.cert, names.cert)
    key = cert if shown.key is None else _path(shown.key, names.key)
    if b"CERTIFICATE-----" not in _read(cert, names.cert):
        raise ConfigurationError(f"{names.cert}: {_shown(cert)} has no certificates in PEM form.")
    if b"PRIVATE KEY-----" not in _read(key, names.key):
        remedy = f"; {names.finding}" if shown.key is None else ""
        raise ConfigurationError(f"{names.key}: {key} has no private key in PEM form{remedy}.")
    password = _password_of(shown)

    def answer() -> str:
        if password is None:
            raise _PasswordWantedError
        return password

    try:
        context.load_cert_chain(cert, key, answer)
    except _PasswordWantedError:
        raise ConfigurationError(
            f"{names.key}: the private key in {key} is encrypted; {names.unlocking}."
        ) from None
    except (ssl.SSLError, ValueError, OSError) as error:
        raise ConfigurationError(f"{names.key}: {_told(error, cert, key, password)}.") from None


def _told(error: Exception, cert: str, key: str, password: str | None) -> str:
    """What a pair that OpenSSL does not load is wrong in."""
    reason = getattr(error, "reason", None)
    if reason in _MISMATCHES:
        return f"the private key in {key} does not belong to the certificate in {cert}"
    if password is not None:
        return f"the private key in {key} cannot be opened with the password"
    return f"the certificate in {cert} and the private key in {key} cannot be read"


def _password_of(shown: ClientCertificate) -> str | None:
    password = shown.password
    if callable(password):
        try:
            password = hide(password())
        except Exception as error:
            raise ConfigurationError(
                f"ssl: the password function failed: {type(error).__name__}."
            ) from error
        if password is None:
            raise ConfigurationError("ssl: the password function must return a text, not NoneType.")
    if password is not None and not isinstance(password, str):
        raise ConfigurationError(
            f"ssl: password must be a text or a function, not {type(password).__name__}."
        )
    return password


def _path(path: FilePath, name: str) -> str:
    """A path as text.

    Raises:
        ConfigurationError: it is not one, or empty.
    """
    if is_pem(path):
        del path  # this frame stays in the traceback
        raise ConfigurationError(f"{name}: the path of a file must be passed, not PEM text.")
    if isinstance(path, str | os.PathLike) and isinstance(text := os.fspath(path), str) and text:
        return text
    what = "an empty text" if path == "" else type(path).__name__
    raise ConfigurationError(f"{name}: a file must be named by its path, not by {what}.")


def _shown(path: str) -> str:
    return visible(path if len(path) <= _LONGEST else f"{path[:_LONGEST]}…")


def _read(path: str, name: str) -> bytes:
    """A file's content, which OpenSSL's own errors do not name."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        code = error.errno if isinstance(error, OSError) else None
        why = os.strerror(code) if code else "it is not a path"
        raise ConfigurationError(f"{name}: {_shown(path)} cannot be read: {why}.") from None
