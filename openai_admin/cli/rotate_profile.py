"""A stored profile as the place of an admin key: ``--to profile``."""

from __future__ import annotations

import attrs

from ..errors import ConfigurationError, SinkError
from .config import DEFAULT_PROFILE, find_connection, store_connection, stored_profiles
from .config_file import ConfigFileError


class ProfileSink:
    """The key of a profile that ``openai-admin login`` has stored, in a file or the keyring.

    Args:
        profile: its name; by default that of the default profile.
    """

    def __init__(self, profile: str | None) -> None:
        self._profile = profile or DEFAULT_PROFILE

    def __str__(self) -> str:
        return f"profile:{self._profile}"

    async def get(self) -> str | None:
        """The key that is stored.

        Raises:
            SinkError: there is no such profile, or it cannot be read.
        """
        try:
            return find_connection(self._profile).admin_key
        except (ConfigurationError, ConfigFileError) as error:
            raise SinkError(str(error)) from error

    async def put(self, secret: str) -> None:
        """Store a key in place of it, where it was; all else of the profile stays.

        Raises:
            SinkError: it cannot be stored.
        """
        try:
            connection = attrs.evolve(find_connection(self._profile), admin_key=secret)
            places = {each["name"]: each["key"] for each in stored_profiles()}
            store_connection(
                self._profile, connection, in_keyring=places[self._profile] == "keyring"
            )
        except (ConfigurationError, ConfigFileError) as error:
            raise SinkError(str(error)) from error
