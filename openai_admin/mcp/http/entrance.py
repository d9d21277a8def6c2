"""Who a request comes from."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection

import msgspec
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken, principal_components
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..._transport.settings import checked_key
from ..._wire.http import HiddenText, hide
from ...errors import ConfigurationError
from ..caller import IN_SCOPE, Caller
from .bodies import replayed
from .oauth import CHANGE
from .passes import IssuedTokens, Pass
from .refusals import refusal


class Entrance:
    """ASGI middleware that lets in who may come in, and says who it is.

    Args:
        app: what is behind.
        entry: what shows that a request may come in.
        key_header: the header in which each brings an admin key, if they do.
    """

    def __init__(self, app: ASGIApp, entry: Pass, key_header: str | None) -> None:
        self._app = app
        self._entry = entry
        self._key_header = key_header
        self._salt = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        admitted = await self._entry.admit(headers)
        if isinstance(admitted, Response):
            await admitted(scope, receive, send)
            return
        key = None if self._key_header is None else self._key(headers)
        if isinstance(key, Response):
            await key(scope, receive, send)
            return
        inner = dict(scope)
        inner["headers"] = [pair for pair in scope["headers"] if not self._is_secret(pair[0])]
        caller = self._caller(admitted, key, headers)
        inner[IN_SCOPE] = caller
        if admitted is not None or key is not None:
            # By it the SDK binds a session, and what it hands out, to whom they are for.
            known = AccessToken(token="", client_id=caller.identity, scopes=[])
            inner["user"] = AuthenticatedUser(known)
        await self._app(inner, receive, send)

    def _is_secret(self, name: bytes) -> bool:
        own = "" if self._key_header is None else self._key_header.lower()
        return name.decode("latin-1").lower() in ("authorization", own)

    def _key(self, headers: Headers) -> HiddenText | Response:
        """The admin key that a request brings, or the refusal."""
        given = [hide(value) for value in headers.getlist(str(self._key_header))]
        if len(given) != 1 or not given[0].strip():
            said = f"The request needs one admin key, in the header {self._key_header}."
            return refusal(401, said)
        try:
            return HiddenText(checked_key(given[0]))
        except ConfigurationError as error:
            return refusal(401, str(error))

    def _caller(
        self, access: AccessToken | None, key: HiddenText | None, headers: Headers
    ) -> Caller:
        # Where nobody's token is checked here, a proxy in front may have done it.
        shown = headers.getlist("authorization")
        who = json.dumps([shown if access is None else principal_components(access), key])
        identity = hmac.new(self._salt, who.encode(), hashlib.sha256).hexdigest()
        may_change = access is None or CHANGE in access.scopes
        return Caller(identity=identity, may_change=may_change, admin_key=key)


class _Call(msgspec.Struct):
    name: str


class _Message(msgspec.Struct):
    method: str
    params: _Call


class ScopeOfTools:
    """ASGI middleware that asks for the scope to change before a tool that changes is called.

    The tool refuses by itself too; from the status a client learns which scope to ask the user
    for.

    Args:
        app: what is behind.
        changing: the tools that change something.
        tokens: what says which scope is lacking.
    """

    def __init__(self, app: ASGIApp, changing: Collection[str], tokens: IssuedTokens) -> None:
        self._app = app
        self._changing = changing
        self._tokens = tokens
        self._reader = msgspec.json.Decoder(_Message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope[IN_SCOPE]
        if caller.may_change or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body: bytes = (await receive()).get("body", b"")
        if self._changes(body):
            await self._tokens.lacks(CHANGE)(scope, receive, send)
        else:
            await self._app(scope, replayed(body, receive), send)

    def _changes(self, body: bytes) -> bool:
        try:
            message = self._reader.decode(body)
        except msgspec.MsgspecError:  # what else it is, is said behind
            return False
        return message.method == "tools/call" and message.params.name in self._changing
