"""A connection within bounds: uvicorn has no limit for the time that headers may take.

A server that waits for whoever sends a byte a minute is kept from everybody else by a few hundred
of them. Here each stage of a request has its time, and where there are too many connections, the
one that has been waited for longest makes room.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .limits import Limits
from .quiet import SLOW, Quiet

_HELD = 0.5  # seconds by which a timer is late where it was the loop that was slow, not the client
_ANSWERED_FIRST = 5.0  # seconds more for a body, so that the application can say that it is late


def bounded(limits: Limits, quiet: Quiet) -> type[asyncio.Protocol]:
    """The protocol of a uvicorn server, whose connections are within bounds."""
    made: Any = partial(_Bounded, limits, quiet)  # uvicorn only calls it
    protocol: type[asyncio.Protocol] = made
    return protocol


class _Bounded(H11Protocol):
    def __init__(self, limits: Limits, quiet: Quiet, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._limits = limits
        self._quiet = quiet
        self._stage: object = None
        self._since = 0.0
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self._limits.connections and not self._made_room():
            self._quiet.warn("full", "Every connection is in use: new ones are closed.")
            transport.abort()
            return
        # Else each answer waits for the client to acknowledge its head, on a kept connection 40 ms;
        # asyncio sets it only for sockets that were made with the protocol's number.
        connection: socket.socket = transport.get_extra_info("socket")
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self._enter("headers", self._limits.headers)

    def data_received(self, data: bytes) -> None:
        if self.transport is None:  # it is one too many, and about to be closed
            return
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._enter(state, self._limits.body + _ANSWERED_FIRST)
        elif state is h11.IDLE:
            self._enter("headers", self._limits.headers)
        else:
            self._enter(state, None)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self._enter("between", None)  # uvicorn has a limit for it

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is None:
            return
        self._enter(None, None)
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._limits.stalled, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _enter(self, stage: object, seconds: float | None) -> None:
        """Begin a stage of a request, which must end in time; within it, time goes on."""
        if stage == self._stage:
            return
        self._stage = stage
        self._since = self.loop.time()
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self._in(seconds)

    def _in(self, seconds: float) -> asyncio.TimerHandle:
        due = self.loop.time() + seconds
        return self.loop.call_later(seconds, self._end, due, seconds)

    def _end(self, due: float, seconds: float) -> None:
        if self.loop.time() > due + _HELD:  # what has come meanwhile was not read
            self._late = self._in(seconds)
            return
        if self.conn.trailing_data[0] or self.conn.their_state is h11.SEND_BODY:
            self._quiet.warn("slow", SLOW)
        self.transport.abort()

    @property
    def _is_waited_for(self) -> bool:
        """Whether it is the client who has to do something."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _made_room(self) -> bool:
        waited_for = [
            one for one in self.connections if isinstance(one, _Bounded) and one._is_waited_for
        ]
        if not waited_for:
            return False
        self._quiet.warn("many", "Many connections are open: the slowest are closed.")
        slowest = min(waited_for, key=lambda one: one._since)
        self.connections.discard(slowest)
        slowest.transport.abort()
        return True
