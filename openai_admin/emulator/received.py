"""Requests as they were received, for tests to look at."""

from __future__ import annotations

import attrs
from aiohttp import web

from .replies import redact


@attrs.define(kw_only=True)
class ReceivedRequest:
    """A request as it was received, without its secret."""

    method: str
    path: str
    """As it was sent, percent-encoding and base path included."""
    query_string: str
    """As it was sent."""
    headers: dict[str, str]
    """By lower-case name; the key in `authorization` is redacted."""
    arrived: float
    """Seconds of the emulator's `clock`."""
    operation: str = ""
    """The name of the operation, empty if there was no route."""
    status: int | None = None
    """The status of the answer; None until there is one."""


def received(request: web.BaseRequest, arrived: float) -> ReceivedRequest:
    """A request that has just come, without its secret."""
    path, _, query_string = request.raw_path.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, value = authorization.partition(" ")
        headers["authorization"] = f"{scheme} {redact(value)}" if value else redact(scheme)
    return ReceivedRequest(
        method=request.method,
        path=path,
        query_string=query_string,
        headers=headers,
        arrived=arrived,
    )
