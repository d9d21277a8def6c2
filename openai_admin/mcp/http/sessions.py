"""Sessions within bounds: whoever opens many ends their own, and never used ones go first."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

import attrs
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..caller import IN_SCOPE, Caller
from .bodies import replayed
from .limits import Limits
from .quiet import Quiet
from .refusals import refusal

_VERSION_HEADER = "mcp-protocol-version"
_FULL = "Every session is in use: no other can be opened just now."


@attrs.define(eq=False)
class _Session:
    scope: Scope = attrs.field(repr=False)  # of the request that opened it
    owner: str
    idle_since: float
    is_used: bool = False
    requests: int = 0  # that are being answered, open event streams among them


class Sessions:
    """ASGI middleware that makes room for a new session, where there are too many.

    The SDK refuses a session beyond its bound, so that whoever opens many would lock out everybody
    else. Here one that is not in use makes room: first one that nothing was asked in since it was
    opened, else the one that has been idle for the longest time.

    Args:
        app: the SDK's sessions, in which a caller ends a session of theirs with ``DELETE``.
        limits: the bounds.
        own: whether callers are told apart, by a key or a token of their own.
        quiet: the log.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        quiet: Quiet,
        *,
        own: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._limits = limits
        self._quiet = quiet
        self._own = own
        self._clock = clock
        self._open: dict[str, _Session] = {}
        self._opening: dict[object, str] = {}  # whose requests are about to open one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        id = headers.get(MCP_SESSION_ID_HEADER)
        if id is not None:
            await self._within(id, scope, receive, send)
        elif headers.get(_VERSION_HEADER, HANDSHAKE_PROTOCOL_VERSIONS[0]) not in (
            HANDSHAKE_PROTOCOL_VERSIONS
        ):
            await self._app(scope, receive, send)  # a request by itself, without a session
        else:
            await self._begin(scope, receive, send)

    async def _within(self, id: str, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope[IN_SCOPE]
        session = self._open.get(id)
        if session is None or session.owner != caller.identity:
            await self._app(scope, receive, send)
            return
        session.is_used = True
        session.requests += 1
        try:
            await self._app(scope, receive, send)
        finally:
            session.requests -= 1
            session.idle_since = self._clock()
            if scope["method"] == "DELETE":
                self._open.pop(id, None)

    async def _begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope[IN_SCOPE]
        owner = caller.identity
        opening = object()
        self._opening[opening] = owner
        try:
            if await self._made_room(owner):
                await self._app(scope, receive, self._noting(opening, scope, send))
            else:
                self._quiet.warn("sessions", _FULL)
                await refusal(503, _FULL, {"Retry-After": "10"})(scope, receive, send)
        finally:
            self._opening.pop(opening, None)

    def _noting(self, opening: object, scope: Scope, send: Send) -> Send:
        """Take note of the session that an answer opens."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                id = Headers(raw=message["headers"]).get(MCP_SESSION_ID_HEADER)
                if id is not None:
                    self._opening.pop(opening, None)
                    caller: Caller = scope[IN_SCOPE]
                    keyless = attrs.evolve(caller, admin_key=None)
                    own = {**scope, IN_SCOPE: keyless}
                    self._open[id] = _Session(own, caller.identity, self._clock())
            await send(message)

        return noting

    async def _made_room(self, owner: str) -> bool:
        """End what is idle until another session of an owner is within the bounds."""
        while (crowded := self._crowded(owner)) is not None:
            idle = [id for id in crowded if not self._open[id].requests]
            if not idle:
                return False
            await self._end(min(idle, key=self._by_use))
        return True

    def _crowded(self, owner: str) -> list[str] | None:
        """The sessions of which one must end before an owner has another; ``None`` for none."""
        everybody = [*self._open]
        if self._own:
            mine = [id for id in everybody if self._open[id].owner == owner]
            if len(mine) + [*self._opening.values()].count(owner) > self._limits.sessions_each:
                return mine
            owners = {self._open[id].owner for id in everybody} | {*self._opening.values()}
            if len(owners) > self._limits.owners:
                return self._of_the_longest_idle(owners - {*self._opening.values()})
        if len(everybody) + len(self._opening) > self._limits.sessions:
            return everybody
        return None

    def _of_the_longest_idle(self, owners: Collection[str]) -> list[str]:
        """The sessions of the owner that did the least with theirs; of none if all are in use."""
        of: dict[str, list[str]] = {owner: [] for owner in owners}
        for id, session in self._open.items():
            if session.owner in of:
                of[session.owner].append(id)
        idle = [ids for ids in of.values() if not any(self._open[id].requests for id in ids)]
        return min(idle, key=lambda ids: max(map(self._by_use, ids)), default=[])

    def _by_use(self, id: str) -> tuple[bool, float]:
        return self._open[id].is_used, self._open[id].idle_since

    async def _end(self, id: str) -> None:
        """End a session as its client would; one that has ended by itself is only forgotten."""
        session = self._open.pop(id)
        scope = {
            **session.scope,
            "method": "DELETE",
            "headers": [(MCP_SESSION_ID_HEADER.encode(), id.encode())],
        }

        async def nobody(_message: Message) -> None:
            """Nobody waits for the answer."""

        await self._app(scope, replayed(b"", _left), nobody)


async def _left() -> Message:
    return {"type": "http.disconnect"}
