"""Connections that break without an answer, or cannot be opened."""

from __future__ import annotations

import socket
import struct

import attrs
from aiohttp import web

from .fault import Exchange, Fault


@attrs.frozen(kw_only=True)
class Drop(Fault):
    """The connection is closed without an answer, before or after the request was carried out."""

    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> web.Response:
        if self.after_effect:
            await exchange.run()
        if exchange.request.transport is not None:
            exchange.request.transport.close()
        return _unsent()


@attrs.frozen(kw_only=True)
class Reset(Fault):
    """The connection is reset (TCP RST), before or after the request was carried out."""

    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> web.Response:
        if self.after_effect:
            await exchange.run()
        transport = exchange.request.transport
        if transport is not None:
            # A socket that lingers for 0 seconds is closed with RST in place of FIN.
            option = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, option
            )
            transport.abort()
        return _unsent()


@attrs.frozen(kw_only=True)
class Refuse(Fault):
    """The emulator stops accepting connections for so many seconds, after it answered this one.

    All other connections are closed, as when a service restarts. `Emulator.refuse` does the same
    without a request.
    """

    seconds: float = attrs.field(validator=attrs.validators.ge(0))

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        answer.force_close()
        await exchange.environment.refuse(self.seconds, exchange.request)
        return answer


def _unsent() -> web.Response:
    """What the server expects from a handler, although the connection is gone."""
    return web.Response(status=500)
