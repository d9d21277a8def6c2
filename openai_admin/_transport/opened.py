"""An open aiohttp session: closed with its event loop, left alone in a forked child."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import aiohttp

from .._forks import abandon, begins_anew

# Global: sessions that are open, lest the collector has aiohttp speak of one before its owner does.
_open: set[aiohttp.ClientSession] = set()


class OpenSession:
    """An aiohttp session in the event loop that opened it.

    A loop that ends as `asyncio.run` ends it closes the session, so that a client may be used in
    one loop after another. A session that is collected, and neither its owner has closed it nor
    another one has taken its place, says so.

    Args:
        http: a session of the running loop.
        label: what is unclosed, should nobody close it; ``None`` to say nothing.
        owned: whether it is to be closed; otherwise that is left to the user who brought it.

    Attributes:
        http: the session.
        loop: its event loop.
    """

    def __init__(self, http: aiohttp.ClientSession, *, label: str | None, owned: bool) -> None:
        self.http = http
        self.loop = asyncio.get_running_loop()
        self._label = label
        self._owned = owned
        self._is_left = False  # its owner has closed it, or has another one
        self._process = os.getpid()
        self._ending = _closing(http)

    async def begin(self) -> None:
        """Begin to be closed with the loop; without waiting."""
        if not self._owned:
            return
        _open.add(self.http)
        begins_anew(self)
        await anext(self._ending)  # from here on the loop knows of it

    async def close(self) -> None:
        """Close the connections."""
        self._is_left = True
        if not self._owned:
            return
        await self._ending.aclose()
        await self.http.close()  # a loop that has ended does not let the generator begin
        _open.discard(self.http)

    async def leave(self) -> None:
        """Close the connections from another loop: now, or if their loop ever runs again."""
        self._is_left = True
        if self.http.closed or self.loop.is_closed():
            await self.close()
        else:
            self.loop.call_soon_threadsafe(lambda: self.loop.create_task(self.close()))

    def begin_anew(self) -> None:
        """In a child: leave the connections to the parent."""
        with suppress(RuntimeError, StopIteration):  # the parent was about to close them
            self._ending.aclose().send(None)
        connector: Any = self.http.connector
        if connector is not None:
            connector._closed = True  # Private: when collected it would close the connections.
            abandon(connector)
            self.http.detach()
        abandon(self.loop)

    def __del__(self, _warn: Any = warnings.warn) -> None:
        if not self._owned or os.getpid() != self._process:
            return
        if self.loop.is_closed() and not self.http.closed:
            with suppress(StopIteration):  # no connection is waited for, so it takes one step
                self.http.close().send(None)
            _open.discard(self.http)
        # An open loop closes the generator, which is collected too.
        if self._label is not None and not self._is_left:
            _warn(
                f"Unclosed {self._label}; use `async with` or `await client.close()`.",
                ResourceWarning,
                source=self,
            )


async def _closing(http: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    """A generator that closes a session when it is closed itself."""
    process = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == process:
            await http.close()
            _open.discard(http)
