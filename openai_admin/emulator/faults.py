"""Faults on demand: what a real service and a real network do wrong, one class for each kind.

A fault stands between the socket and the handler. It gets an `Exchange`, decides whether the
request is carried out (`await exchange.run()`), and gives the answer to send, or acts on the
transport itself.
"""

from __future__ import annotations

import abc
import random
from collections.abc import Awaitable, Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import attrs
import msgspec
from aiohttp import web

from .replies import error_body

Sleep = Callable[[float], Awaitable[None]]
FaultT = TypeVar("FaultT", bound="Fault")


@attrs.frozen
class Exchange:
    """One request under a fault."""

    request: web.BaseRequest
    operation: str
    """The name of the operation asked for, empty if the request has no route."""
    run: Callable[[], Awaitable[web.StreamResponse]]
    """Carries the request out, once, and gives the answer that is due."""
    sleep: Sleep


@attrs.frozen(kw_only=True)
class Fault(abc.ABC):
    """What goes wrong, on which operations, and how often."""

    match: str = "*"
    """A glob over operation names, as `projects.users.*`."""
    times: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    """How many requests it hits before it is spent; None for all."""
    rate: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0.0), attrs.validators.le(1.0)]
    )
    """The share of the matching requests that it hits, 0 to 1."""

    @abc.abstractmethod
    async def apply(self, exchange: Exchange) -> web.StreamResponse:
        """Do it to this exchange, and give the answer to send."""


@attrs.frozen(kw_only=True)
class Latency(Fault):
    """The answer is late by so many seconds; the request is carried out after the wait."""

    seconds: float

    async def apply(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.sleep(self.seconds)
        return await exchange.run()


@attrs.frozen(kw_only=True)
class Status(Fault):
    """The answer has this status instead, before or after the request was carried out.

    `body` is sent as it is if it is text or bytes, as JSON otherwise; without one it is the API's
    error object. Give the content type of a text among the headers.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> web.StreamResponse:
        if self.after_effect:
            await exchange.run()
        headers = {"content-type": "application/json", **_lower(self.headers)}
        return web.Response(status=self.status, body=self._content(), headers=headers)

    def _content(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        if isinstance(self.body, bytes):
            return self.body
        body = self.body if self.body is not None else self._usual_body()
        return msgspec.json.encode(body)

    def _usual_body(self) -> dict[str, Any]:
        if self.status == 429:
            return error_body(
                "Rate limit reached for requests.", type="requests", code="rate_limit_exceeded"
            )
        if self.status >= 500:
            return error_body(
                "The server had an error while processing your request.", type="server_error"
            )
        return error_body("The request was refused.")


@attrs.frozen(kw_only=True)
class Drop(Fault):
    """The connection breaks without an answer, before or after the request was carried out."""

    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> web.StreamResponse:
        if self.after_effect:
            await exchange.run()
        transport = exchange.request.transport
        if transport is not None:
            transport.abort()
        return web.Response(status=500)


@attrs.define
class _Armed:
    fault: Fault
    left: int | None


class Faults:
    """The faults in force; the first one added is the outermost."""

    def __init__(self, *, seed: int, sleep: Sleep) -> None:
        self._random = random.Random(seed)
        self._sleep = sleep
        self._armed: list[_Armed] = []

    def __bool__(self) -> bool:
        return bool(self._armed)

    def add(self, fault: FaultT) -> FaultT:
        """Put a fault in force until it is spent or removed."""
        self._armed.append(_Armed(fault, fault.times))
        return fault

    def remove(self, fault: Fault) -> None:
        """Take this fault out of force; one that is spent already is no error."""
        self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Take all faults out of force."""
        self._armed.clear()

    async def apply(
        self,
        request: web.BaseRequest,
        operation: str,
        run: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Carry a request out under the faults that hit it."""
        for fault in reversed(self._hitting(operation)):
            run = _under(fault, Exchange(request, operation, run, self._sleep))
        return await run()

    def _hitting(self, operation: str) -> list[Fault]:
        hitting = []
        for armed in self._armed:
            fault = armed.fault
            if not fnmatchcase(operation, fault.match) or self._random.random() >= fault.rate:
                continue
            hitting.append(fault)
            if armed.left is not None:
                armed.left -= 1
        self._armed = [armed for armed in self._armed if armed.left != 0]
        return hitting


def _under(fault: Fault, exchange: Exchange) -> Callable[[], Awaitable[web.StreamResponse]]:
    return lambda: fault.apply(exchange)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
