"""``keyring:SERVICE/USER``: an entry of the system keyring."""

from __future__ import annotations

from functools import partial

import anyio.to_thread

from ..._extras import keyring_call
from ...errors import ConfigurationError, SinkError
from .masking import masked
from .sink import checked


class KeyringSink:
    """An entry of the keyring that the package ``keyring`` finds (extra ``keyring``).

    Args:
        service: the service that the entry is for.
        user: the user of that service.
    """

    def __init__(self, service: str, user: str) -> None:
        self._entry = (service, user)

    def __str__(self) -> str:
        return f"keyring:{'/'.join(self._entry)}"

    async def get(self) -> str | None:
        return await self._call("get_password") or None

    async def put(self, secret: str) -> None:
        await self._call("set_password", checked(secret))
        try:
            held = await self._call("get_password")
        except SinkError as exc:
            raise SinkError(str(exc), in_doubt=True) from None
        if held != secret:  # some accept what they do not keep
            raise SinkError(f"{self}: the keyring accepted the secret but did not keep it.")

    async def _call(self, name: str, *arguments: str) -> str | None:
        """Call the keyring, which may ask its user to unlock it."""
        call = partial(keyring_call, name, *self._entry, *arguments)
        try:
            found: str | None = await anyio.to_thread.run_sync(call)
        except ConfigurationError as exc:
            secret = arguments[0] if arguments else ""
            raise SinkError(f"{self}: {masked(str(exc), secret)}") from None
        return found
