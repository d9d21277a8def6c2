"""A request described as OpenTelemetry's stable conventions for HTTP clients have it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs

from ..._declare.operation import OPERATIONS
from ...errors import APIStatusError
from ...events import RequestSent

SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
"""The version of the conventions."""

DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The bounds of ``http.client.request.duration``, in seconds."""

PAUSE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600)
"""The bounds of ``openai_admin.client.pauses``, in seconds: limits are by the minute."""

_PORTS = {"http": 80, "https": 443}
_HIDDEN = "REDACTED"


@attrs.frozen
class _Server:
    """What a base address says of its server.

    Attributes:
        labels: the attributes that say where it is.
        path: the path that all others are below.
    """

    labels: dict[str, Any]
    path: str


def describe(sent: RequestSent) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The name of a request's span, its attributes, and those of its metrics.

    The path template of an undeclared call is not known: its path is not bounded, and so is left
    out of both name and metrics.
    """
    server = _server(sent.base_url)
    labels = {"http.request.method": sent.method, **server.labels}
    name = sent.method
    if sent.operation in OPERATIONS:
        template = labels["url.template"] = server.path + sent.endpoint
        name = f"{sent.method} {template}"
    attributes = {**labels, "url.full": sent.base_url + _shown(sent)}
    if sent.attempt > 1:
        attributes["http.request.resend_count"] = sent.attempt - 1
    return name, attributes, labels


def error_type(error: BaseException) -> str:
    """The status of a refusal, else the class of an error with its module."""
    if isinstance(error, APIStatusError) and (error.status or 0) >= 300:  # 200 may be an error too
        return str(error.status)
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


@lru_cache(maxsize=32)  # a program has a few clients
def _server(base_url: str) -> _Server:
    parts = urlsplit(base_url)
    port = parts.port or _PORTS[parts.scheme]
    return _Server({"server.address": parts.hostname, "server.port": port}, parts.path)


def _shown(sent: RequestSent) -> str:
    """Path and query without what may be secret: addresses, and whatever is not declared."""
    sent_path, mark, query = sent.target.partition("?")
    path = "/".join(
        _HIDDEN if "@" in unquote(segment) else segment for segment in sent_path.split("/")
    )
    if not mark:
        return path
    operation = OPERATIONS.get(sent.operation)
    parameters = () if operation is None else operation.parameters.values()
    declared = {parameter.wire.partition("[")[0] for parameter in parameters}
    return f"{path}?{'&'.join(_shown_pair(pair, declared) for pair in query.split('&'))}"


def _shown_pair(pair: str, declared: set[str]) -> str:
    key, sign, value = pair.partition("=")
    is_known = unquote(key).partition("[")[0] in declared
    return pair if is_known and "@" not in unquote(value) else f"{key}{sign}{_HIDDEN}"
