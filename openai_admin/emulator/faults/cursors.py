"""Cursors of listings: repeated, missing, expired, and compared byte by byte."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import attrs
import msgspec
from aiohttp import web

from ..replies import invalid
from .fault import Exchange, Fault
from .payloads import JSONFault

_PARAMETERS = ("after", "before", "page")
_NEXT = ("next_page", "next", "last_id")


@attrs.frozen(kw_only=True)
class RepeatedCursor(JSONFault):
    """A page that was asked for by a cursor says that more follows, at that same cursor."""

    def concerns(self, request: web.BaseRequest) -> bool:
        return bool(_raw_cursors(request))

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        if "has_more" in value:
            (raw,) = list(_raw_cursors(exchange.request).values())[:1]
            value["has_more"] = True
            _set_cursor(value, unquote_plus(raw))
        return value


@attrs.frozen(kw_only=True)
class MissingCursor(JSONFault):
    """A page that is not the last says so, but gives no cursor to go on with.

    In a listing whose only cursors are the ids of its items, the items are missing.
    """

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        if value.get("has_more"):
            _set_cursor(value, None)
        return value


@attrs.frozen(kw_only=True)
class ExpiredCursor(Fault):
    """A request with a cursor gets 400, since the cursor has expired."""

    def concerns(self, request: web.BaseRequest) -> bool:
        return bool(_raw_cursors(request))

    async def apply(self, exchange: Exchange) -> web.Response:
        name = next(iter(_raw_cursors(exchange.request)))
        return _refusal(name, "the cursor has expired.")


@attrs.frozen(kw_only=True)
class StrictCursor(Fault):
    """Cursors are compared byte by byte as they are in the request line.

    One that is percent-encoded in any place (`%3D` for `=`) gets 400, as the API has been seen
    to do.
    """

    def concerns(self, request: web.BaseRequest) -> bool:
        return bool(_raw_cursors(request))

    async def apply(self, exchange: Exchange) -> web.Response:
        for name, raw in _raw_cursors(exchange.request).items():
            if raw != unquote_plus(raw):
                return _refusal(name, "it is not a cursor that this API gave out.")
        return await exchange.run()


def _raw_cursors(request: web.BaseRequest) -> dict[str, str]:
    """The cursors of a request, undecoded, by parameter."""
    _, _, query = request.raw_path.partition("?")
    pairs = (item.partition("=") for item in query.split("&"))
    return {name: raw for name, _, raw in pairs if name in _PARAMETERS and raw}


def _set_cursor(envelope: dict[str, Any], cursor: str | None) -> None:
    """Put another cursor where this listing has its own."""
    for name in _NEXT:
        if name in envelope:
            envelope[name] = cursor
            return
    if cursor is None:
        envelope["data"] = []
    elif envelope["data"]:
        envelope["data"][-1]["id"] = cursor


def _refusal(param: str, message: str) -> web.Response:
    error = invalid(param, message, code="invalid_cursor")
    body = msgspec.json.encode(error.body)
    return web.Response(status=error.status, body=body, content_type="application/json")
