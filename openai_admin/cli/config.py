"""Stored connections: profiles in the configuration file and the system keyring.

::

    [profiles.default]
    admin_key = "sk-admin-…"          # or key = "keyring", and the keyring has it
    base_url = "https://…/v1"         # both may be left out
    organization = "org-…"
    max_response_bytes = 1000000000   # the longest answer that is accepted
    proxy = "…"                       # and more of this kind: see `network`

It knows nothing of the command line, so that other front ends can use the same profiles.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import attrs

from .._declare.arguments import one_of, shown, suggest
from .._extras import keyring_call, missing
from ..errors import ConfigurationError
from .config_file import (
    check_editable,
    config_path,
    read_profiles,
    remove_profile,
    write_profile,
)
from .network import SETTINGS, Network, shown_network

DEFAULT_PROFILE = "default"
# settings of a profile
_KNOWN = ("admin_key", "key", "base_url", "organization", "max_response_bytes", *SETTINGS)
_SERVICE = "openai-admin"  # the keyring's name for us
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@attrs.frozen
class Connection:
    """What to connect to, and with which key.

    Attributes:
        admin_key: the key.
        base_url: the API's address; ``None`` for the environment's or the default one.
        organization: the organization to act in.
        network: whom to trust, what to show, and which way to go.
        max_response_bytes: the longest answer that is accepted; ``None`` for the usual one.
        profile: the name under which it is stored, if it is.
    """

    admin_key: str = attrs.field(repr=False)
    base_url: str | None = None
    organization: str | None = None
    network: Network = attrs.field(factory=Network)
    max_response_bytes: int | None = None
    profile: str | None = attrs.field(default=None, eq=False)


def profile_names() -> list[str]:
    """The names of the stored profiles.

    Raises:
        ConfigFileError: the file cannot be read safely.
    """
    return list(read_profiles())


def find_connection(profile: str | None) -> Connection:
    """The connection to use: of a profile, else of ``OPENAI_ADMIN_KEY``, else the default one.

    Raises:
        ConfigurationError: there is no such profile, no key anywhere, or a setting of another kind.
        ConfigFileError: the file cannot be read safely.
    """
    key = os.environ.get("OPENAI_ADMIN_KEY")
    if profile is None and key:
        return Connection(key)
    profiles = read_profiles()
    name = profile or DEFAULT_PROFILE
    if name in profiles:
        return _connection(name, profiles[name])
    if profile is not None:
        raise _unknown(profile, list(profiles))
    raise ConfigurationError(
        "There is no admin key: set OPENAI_ADMIN_KEY, store one with 'openai-admin login',"
        " or try --demo."
    )


def stored_or_changed(profile: str, changes: Mapping[str, str | None]) -> Connection:
    """What a profile, if there is one, has beside its key, with others in place of it.

    Args:
        profile: the profile's name.
        changes: settings of the profile; ``None`` takes one away.

    Raises:
        ConfigurationError: one is not of its kind.
        ConfigFileError: the file cannot be read safely.
    """
    return _connection(profile, {**read_profiles().get(profile, {}), **changes}, key="")


def stored_address(profile: str) -> str | None:
    """The address of a profile, if there is one and it has its own.

    Raises:
        ConfigFileError: the file cannot be read safely.
    """
    return _shown(read_profiles().get(profile, {}), "base_url")


def store_connection(
    profile: str,
    connection: Connection,
    *,
    in_keyring: bool,
    network: Mapping[str, str | None] | None = None,
) -> str:
    """Store a connection under a name, in place of what was there.

    Args:
        profile: the name.
        connection: its key, address and organization.
        in_keyring: keep the key in the system keyring, not in the file.
        network: network settings that are to change, ``None`` to take one away; the others stay as
            they are written.

    Returns:
        Where the key went, in words.

    Raises:
        ConfigurationError: the name is not allowed, or the keyring does not work or does not keep
            the key; what was stored before is unchanged.
        ConfigFileError: the file cannot be edited safely.
    """
    check_storable(profile)
    key = None if in_keyring else connection.admin_key
    if in_keyring:
        _keep_in_keyring(profile, connection.admin_key)
    settings = {
        "admin_key": key,
        "key": "keyring" if in_keyring else None,
        "base_url": connection.base_url,
        "organization": connection.organization,
        **(network or {}),
    }
    write_profile(profile, settings)
    return "the system keyring" if in_keyring else str(config_path())


def stored_profiles() -> list[dict[str, Any]]:
    """What is stored of each profile but its secrets: its name, where its key is, its settings.

    Raises:
        ConfigFileError: the file cannot be read safely.
    """
    return [
        {
            "name": name,
            "key": _place(settings),
            "base_url": _shown(settings, "base_url"),
            "organization": _shown(settings, "organization"),
            "max_response_bytes": settings.get("max_response_bytes"),
            **shown_network(settings),
        }
        for name, settings in read_profiles().items()
    ]


def forget_connection(profile: str) -> str:
    """Remove a profile and its key.

    Returns:
        Where they were, in words.

    Raises:
        ConfigurationError: there is no such profile, or the keyring that has its key does not work;
            nothing was removed then.
        ConfigFileError: the file cannot be edited safely.
    """
    profiles = read_profiles()
    if profile not in profiles:
        raise _unknown(profile, list(profiles))
    check_editable()
    in_keyring = _place(profiles[profile]) == "keyring"
    if in_keyring and _keyring_call("get_password", profile) is not None:
        _keyring_call("delete_password", profile)
    remove_profile(profile)
    return f"{config_path()} and the system keyring" if in_keyring else str(config_path())


def _place(settings: Mapping[str, Any]) -> str | None:
    """Where a profile's key is."""
    if settings.get("key") == "keyring":
        return "keyring"
    return "file" if settings.get("admin_key") else None


def _shown(settings: Mapping[str, Any], field: str) -> str | None:
    value = settings.get(field)
    return None if value is None else str(value)


def _unknown(profile: str, known: list[str]) -> ConfigurationError:
    there = f"there are {one_of(known)}" if known else "there are none yet"
    return ConfigurationError(
        f"There is no profile {profile!r} in {config_path()}; {there}{suggest(profile, known)}"
    )


def check_storable(profile: str) -> None:
    """Refuse what `store_connection` would refuse whatever the connection is.

    Raises:
        ConfigurationError: the name is not allowed.
        ConfigFileError: the file cannot be edited safely.
    """
    if not _NAME.fullmatch(profile):
        raise ConfigurationError(
            f"A profile's name must be 1 to 64 letters, digits, '-' and '_', not {shown(profile)}."
        )
    check_editable()


def has_keyring() -> bool:
    """Whether the system keyring can be used."""
    if missing("keyring"):
        return False
    import keyring

    return float(keyring.get_keyring().priority) > 0


def _connection(name: str, settings: Mapping[str, Any], key: str | None = None) -> Connection:
    """The connection that settings say; the key may be told instead of looked for."""
    for setting in settings:
        if setting not in _KNOWN and get_close_matches(setting, _KNOWN):  # others may be a user's
            raise ConfigurationError(
                f"The profile {name!r} has a setting {shown(setting)}, which is not known"
                f"{suggest(setting, _KNOWN)}"
            )
    for field in ("admin_key", "base_url", "organization"):
        if not isinstance(settings.get(field) or "", str):
            raise ConfigurationError(f"{field} of profile {name!r} must be text.")
    most = settings.get("max_response_bytes")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise ConfigurationError(
            f"max_response_bytes of profile {name!r} must be a whole number of 1 or more."
        )
    return Connection(
        _key(name, settings) if key is None else key,
        settings.get("base_url"),
        settings.get("organization"),
        network=Network.of(name, settings, config_path().parent),
        max_response_bytes=most,
        profile=name,
    )


def _key(name: str, settings: Mapping[str, Any]) -> str:
    key: str | None = settings.get("admin_key")
    place = settings.get("key")
    if place is not None and place != "keyring":
        raise ConfigurationError(
            f"key of profile {name!r} must be 'keyring'; a key itself is the setting admin_key."
        )
    if place == "keyring":
        key = _keyring_call("get_password", name)
    if not key:
        raise ConfigurationError(
            f"The profile {name!r} has no key: store one with 'openai-admin login --profile {name}'"
            "."
        )
    return key


def _keep_in_keyring(profile: str, key: str) -> None:
    """Store a key, and read it back: a keyring may accept a key and not keep it."""
    _keyring_call("set_password", profile, key)
    if _keyring_call("get_password", profile) != key:
        raise ConfigurationError(
            "The system keyring accepted the key but did not keep it, so nothing was stored:"
            " 'openai-admin login --no-keyring' stores it in a file."
        )


def _keyring_call(name: str, *arguments: str) -> Any:
    return keyring_call(name, _SERVICE, *arguments)
