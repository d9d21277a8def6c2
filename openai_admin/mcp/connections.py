"""The organizations that the server acts in: clients by the name of their stored connection.

All who are connected to the server share one client per connection, and with it one session and
its rate limits; unless each brings a key of their own (`keyed`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from .._declare.arguments import one_of, shown, suggest
from ..client import AsyncOpenAIAdmin
from ..errors import ConfigurationError, InvalidInputError
from .caller import Caller


class Connections:
    """Clients by the name of their connection (``PCID``).

    Args:
        clients: at least one; whoever created them closes them. Create them with
            ``on_event=report_wait``, so that a call reports what it waits for.
        unusable: why others cannot be used, by their names; a tool says so when one is named.
    """

    def __init__(
        self,
        clients: Mapping[str, AsyncOpenAIAdmin],
        *,
        unusable: Mapping[str, ConfigurationError] | None = None,
    ) -> None:
        if not clients:
            raise ConfigurationError("The server needs at least one connection.")
        self._clients = dict(clients)
        self._unusable = dict(unusable or {})

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return [*self._clients, *self._unusable]

    def resolve(self, name: object = None) -> str:
        """The connection to use; if there is only one, it need not be named.

        Raises:
            InvalidInputError: the name is unknown, or left out where there are several.
        """
        if name is None and len(self.names) == 1:
            return self.names[0]
        if name is None:
            raise InvalidInputError(f"PCID must name the connection: {one_of(self.names)}.")
        if not isinstance(name, str) or name not in self.names:
            raise InvalidInputError(
                f"PCID: there is no connection {shown(name)}; known: {one_of(self.names)}"
                f"{suggest(name, self.names)}"
            )
        return name

    def client(self, name: str) -> AsyncOpenAIAdmin:
        """The client of a connection that exists.

        Raises:
            ConfigurationError: it cannot be used.
        """
        if (why := self._unusable.get(name)) is not None:
            raise ConfigurationError(f"The connection {name} cannot be used: {why}")
        return self._clients[name]

    @asynccontextmanager
    async def lent(self, caller: Caller) -> AsyncIterator[Connections]:
        """The connections that a caller uses; their clients stay open until the block is left.

        Work that goes on after the answer needs a block of its own.

        Raises:
            ConfigurationError: the key that the caller brought cannot be used, none came, or too
                many are in use at once.
        """
        yield self

    def __repr__(self) -> str:
        return f"<Connections {', '.join(self.names)}>"
