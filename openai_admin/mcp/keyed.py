"""Connections of a server whose callers bring keys of their own, one client for each."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
import attrs

from .._wire.http import HiddenText
from ..client import AsyncOpenAIAdmin
from ..errors import ConfigurationError
from .caller import Caller
from .connections import Connections

MOST = 100
"""The most keys whose clients are open at once."""

_IDLE = 600.0  # seconds after which a client that nobody used is closed
_NAME = "default"

Make = Callable[[str], AsyncOpenAIAdmin]


@attrs.define(eq=False)
class _Open:
    client: AsyncOpenAIAdmin
    used_at: float
    users: int = 0


class KeyedConnections(Connections):
    """One connection, to the organization of the key that the request brought.

    Keys share nothing: each has a client, with its own session, limits and pace. Those that were
    not used for ten minutes are closed, and the longest unused one where there are too many.
    Use it with ``async with``; at the end, the clients are closed.

    Args:
        make: makes the client of a key, in a worker thread; with ``on_event=report_wait``, as for
            `Connections`.
        most: the most clients that are open at once.
        clock: monotonic seconds.
    """

    def __init__(
        self, make: Make, *, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._most = most
        self._clock = clock
        self._open: dict[str, _Open] = {}  # the longest unused first
        self._opening = anyio.Lock()
        self._salt = secrets.token_bytes(32)

    @property
    def names(self) -> list[str]:
        """The name of the only connection."""
        return [_NAME]

    def client(self, name: str) -> AsyncOpenAIAdmin:
        """There is none but those that are lent.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError("Each request brings its own admin key; this one has none.")

    @asynccontextmanager
    async def lent(self, caller: Caller) -> AsyncIterator[Connections]:
        if caller.admin_key is None:
            self.client(_NAME)
        assert caller.admin_key is not None  # noqa: S101 - `client` raises
        one = await self._taken(caller.admin_key)
        try:
            yield Connections({_NAME: one.client})
        finally:
            one.users -= 1
            one.used_at = self._clock()

    async def _taken(self, key: HiddenText) -> _Open:
        name = hmac.new(self._salt, key.encode(), hashlib.sha256).hexdigest()
        async with self._opening:
            one = self._open.pop(name, None)
            if one is None:
                await self._make_room()
                one = _Open(await anyio.to_thread.run_sync(self._make, key), self._clock())
            self._open[name] = one
            one.users += 1
        return one

    async def _make_room(self) -> None:
        """Close what nobody used for long, and the longest unused where there are too many."""
        long_ago = self._clock() - _IDLE
        for name, one in list(self._open.items()):
            if one.users == 0 and (one.used_at < long_ago or len(self._open) >= self._most):
                del self._open[name]
                await one.client.close()
        if len(self._open) >= self._most:
            number = "1 key is" if self._most == 1 else f"{self._most} keys are"
            raise ConfigurationError(
                f"{number} in use, as many as this server takes at once: call again in a minute."
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with anyio.CancelScope(shield=True):
            for one in self._open.values():
                await one.client.close()
        self._open.clear()
