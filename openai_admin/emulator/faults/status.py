"""Answers that are not the handler's: error statuses and redirects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import attrs
import msgspec
from aiohttp import web

from ..replies import error_body
from .fault import TEXT, Exchange, Fault, one_of
from .timing import retry_after

HTML = "<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
"""A body as an API's reverse proxy sends it."""

_BODIES = {"json": None, "html": HTML, "empty": b""}

RetryAfter = Literal["no", "seconds", "ms", "date"]


@attrs.frozen(kw_only=True)
class Status(Fault):
    """The answer has this status instead, before or after the request was carried out.

    `body` is sent as it is if it is text or bytes, as JSON otherwise; without one it is the API's
    error object. Text that begins with `<` is sent as HTML, as `HTML` is, unless the headers say
    otherwise. `retry_after` asks to wait so many seconds, written as `retry_form` says.
    """

    status: int = attrs.field(
        validator=[attrs.validators.ge(200), attrs.validators.le(599)], metadata={TEXT: {}}
    )
    body: Any = attrs.field(default=None, metadata={TEXT: _BODIES})
    headers: Mapping[str, str] = attrs.field(factory=dict, metadata={TEXT: {}})
    after_effect: bool = False
    retry_after: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )
    retry_form: RetryAfter = attrs.field(default="seconds", validator=one_of(get_args(RetryAfter)))

    async def apply(self, exchange: Exchange) -> web.Response:
        if self.after_effect:
            await exchange.run()
        headers = {"content-type": self._content_type()}
        if self.retry_after is not None:
            now = exchange.environment.now()
            headers |= lower(retry_after(self.retry_form, self.retry_after, now))
        headers |= lower(self.headers)
        return web.Response(status=self.status, body=self._content(), headers=headers)

    def _content_type(self) -> str:
        is_html = isinstance(self.body, str) and self.body.startswith("<")
        return "text/html" if is_html else "application/json"

    def _content(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        if isinstance(self.body, bytes):
            return self.body
        return msgspec.json.encode(usual_body(self.status) if self.body is None else self.body)


@attrs.frozen(kw_only=True)
class Redirect(Fault):
    """The answer redirects to the same path and query on another host, and nothing is done."""

    to: str = "https://elsewhere.example"
    """Scheme and host."""
    status: int = attrs.field(
        default=307, validator=[attrs.validators.ge(300), attrs.validators.le(399)]
    )

    async def apply(self, exchange: Exchange) -> web.Response:
        location = self.to.rstrip("/") + exchange.request.raw_path
        return web.Response(status=self.status, headers={"Location": location})


def usual_body(status: int) -> dict[str, Any]:
    """The API's error object for a status."""
    if status == 429:
        return error_body(
            "Rate limit reached for requests.", type="requests", code="rate_limit_exceeded"
        )
    if status >= 500:
        return error_body(
            "The server had an error while processing your request.", type="server_error"
        )
    return error_body("The request was refused.")


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name, so that one replaces another."""
    return {name.lower(): value for name, value in headers.items()}
