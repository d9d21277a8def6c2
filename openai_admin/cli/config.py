"""Stored connections: profiles in ``~/.config/openai-admin/config.toml`` and the system keyring.

::

    [profiles.default]
    admin_key = "sk-admin-…"          # or key = "keyring", and the keyring has it
    base_url = "https://…/v1"         # both may be left out
    organization = "org-…"

It knows nothing of the command line, so that other front ends can use the same profiles.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from .._declare.arguments import one_of, suggest
from ..errors import ConfigurationError

DEFAULT_PROFILE = "default"
_SERVICE = "openai-admin"  # the keyring's name for us
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@attrs.frozen
class Connection:
    """Where to and with which key.

    Attributes:
        admin_key: the key.
        base_url: the API's address; ``None`` for the environment's or the usual one.
        organization: the organization to act in.
    """

    admin_key: str = attrs.field(repr=False)
    base_url: str | None = None
    organization: str | None = None


def config_path() -> Path:
    """The configuration file; ``XDG_CONFIG_HOME`` moves it."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "openai-admin" / "config.toml"


def profile_names() -> list[str]:
    """The names of the stored profiles.

    Raises:
        ConfigurationError: the file is no TOML, or others can read it.
    """
    return list(_profiles())


def find_connection(profile: str | None) -> Connection:
    """The connection to use: of a profile, else of ``OPENAI_ADMIN_KEY``, else the default one.

    Raises:
        ConfigurationError: there is no such profile or no key anywhere, the file is no TOML, or
            others can read it.
    """
    key = os.environ.get("OPENAI_ADMIN_KEY")
    if profile is None and key:
        return Connection(key)
    profiles = _profiles()
    name = profile or DEFAULT_PROFILE
    if name in profiles:
        return _connection(name, profiles[name])
    if profile is not None:
        known = f"there are {one_of(list(profiles))}" if profiles else "there is none yet"
        raise ConfigurationError(
            f"There is no profile {profile!r} in {config_path()}; {known}"
            f"{suggest(profile, list(profiles))}"
        )
    raise ConfigurationError(
        "There is no admin key: set OPENAI_ADMIN_KEY, store one with 'openai-admin login',"
        " or try --demo."
    )


def store_connection(profile: str, connection: Connection, *, in_keyring: bool) -> str:
    """Store a connection under a name, in place of what was there.

    Returns:
        Where the key went, in words.

    Raises:
        ConfigurationError: the name is none, or the keyring does not work.
    """
    if not _NAME.fullmatch(profile):
        raise ConfigurationError(
            f"A profile's name has letters, digits, '-' and '_' only, not {profile!r}."
        )
    settings = {"base_url": connection.base_url, "organization": connection.organization}
    if in_keyring:
        _keyring_call("set_password", profile, connection.admin_key)
        _write(profile, {"key": "keyring", **settings})
        return "the system keyring"
    _write(profile, {"admin_key": connection.admin_key, **settings})
    return str(config_path())


def has_keyring() -> bool:
    """Whether the system keyring can be used."""
    try:
        import keyring
    except ImportError:
        return False
    return float(keyring.get_keyring().priority) > 0


def _connection(name: str, settings: Mapping[str, Any]) -> Connection:
    for field in ("admin_key", "base_url", "organization"):
        if not isinstance(settings.get(field, ""), str):
            raise ConfigurationError(f"{field} of profile {name!r} must be text.")
    key = settings.get("admin_key")
    if settings.get("key") == "keyring":
        key = _keyring_call("get_password", name)
    if not key:
        raise ConfigurationError(
            f"The profile {name!r} has no key: store one with 'openai-admin login --profile {name}'"
            "."
        )
    return Connection(key, settings.get("base_url"), settings.get("organization"))


def _profiles() -> dict[str, dict[str, Any]]:
    path = config_path()
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise ConfigurationError(
                    f"{path} can be read by others (mode {mode:04o}): run 'chmod 600 {path}'."
                )
            profiles = tomllib.load(file).get("profiles", {})
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror}.") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path} is no TOML: {exc}.") from None
    if not isinstance(profiles, dict) or not all(isinstance(p, dict) for p in profiles.values()):
        raise ConfigurationError(f"{path} must have its profiles as [profiles.NAME].")
    return profiles


def _write(profile: str, settings: Mapping[str, str | None]) -> None:
    """Put a profile's section into the file; the rest of it stays as it is, comments included."""
    path = config_path()
    _profiles()  # refuses a file that others can read, or that is no TOML
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    header = rf"\[\s*profiles\s*\.\s*[\"']?{re.escape(profile)}[\"']?\s*\]"
    rest = re.sub(rf"(?ms)^{header}.*?(?=^\[|\Z)", "", before).rstrip()
    lines = [f"[profiles.{profile}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items() if value]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    text = "\n".join([*([rest, ""] if rest else []), *lines, ""])
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keyring_call(name: str, *arguments: str) -> Any:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError(
            "The system keyring needs an extra: pip install 'openai-admin[keyring]'."
        ) from None
    try:
        return getattr(keyring, name)(_SERVICE, *arguments)
    except KeyringError as exc:
        raise ConfigurationError(f"The system keyring does not work: {exc}") from None
