"""A server that answers from a script, on a real socket, and both clients that ask it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS, Parameter
from openai_admin._transport.credentials import Credentials
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.session import Session
from openai_admin.errors import InvalidInputError
from openai_admin.resources import load

load()

KEY = "sk-admin-canary0123456789abcdWXYZ"

Answer = tuple[int, Any]
"""A status, and a body as bytes or as what it is in JSON."""

LOST: Answer = (0, None)
"""The request is read, and the connection is closed without an answer."""


class Script:
    """Answers to the requests of each method, in their order; the last one goes on.

    Attributes:
        requests: the methods and paths that came.
        date: the ``Date`` that every answer has.
        now: the clients' clock.
        slow: seconds that pass until a request other than a GET is answered.
        slept: the seconds that the clients have slept.
    """

    def __init__(self, date: str = "Thu, 26 Nov 2026 10:00:00 GMT") -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[str] = []
        self.date = date
        self.base_url = ""
        self.now = 1000.0
        self.slow = 0.0
        self.slept: list[float] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        await request.read()
        self.requests.append(f"{request.method} {request.path}")
        self.now += self.slow if request.method != "GET" else 0.0
        answers = self.answers[request.method]
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        if not status:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(
            status=status, body=raw, content_type="application/json", headers={"Date": self.date}
        )


@asynccontextmanager
async def running(script: Script) -> AsyncIterator[Script]:
    """The script's server while it runs."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    async with TestServer(app) as server:
        script.base_url = str(server.make_url("/v1"))
        yield script


Ask = Callable[..., Awaitable[Any]]


def asking(kind: str, script: Script) -> Ask:
    """Calls an operation, or a function of the client, on one of the two clients."""

    async def asynchronously(work: Any, /, **arguments: Any) -> Any:
        async with AsyncOpenAIAdmin(KEY, base_url=script.base_url, check_inputs=False) as client:
            _in_time_of(client, script)
            return await _call_of(work, client)(**arguments)

    def blockingly(work: Any, /, **arguments: Any) -> Any:
        with OpenAIAdmin(KEY, base_url=script.base_url, check_inputs=False) as client:
            _in_time_of(client, script)
            return _call_of(work, client)(**arguments)

    async def in_a_thread(work: Any, /, **arguments: Any) -> Any:
        return await asyncio.to_thread(blockingly, work, **arguments)

    return asynchronously if kind == "async" else in_a_thread


def _call_of(work: Any, client: Any) -> Callable[..., Any]:
    if isinstance(work, str):
        return OPERATIONS[work].of(client)
    return lambda **arguments: work(client, **arguments)


def _in_time_of(client: Any, script: Script) -> None:
    """Give a client a session of its own in the script's time."""

    async def sleep(seconds: float) -> None:
        script.slept.append(seconds)
        script.now += seconds
        await asyncio.sleep(0)

    caller = client._caller
    was = caller.session
    caller.session = Session(
        was._transport,
        credentials=Credentials(KEY),
        max_concurrency=8,
        clock=lambda: script.now,
        sleep=sleep,
        rate_limiter=RateLimiter(),
    )


def arguments_of(name: str) -> dict[str, Any]:
    """Something for each argument that an operation must have."""
    parameters = OPERATIONS[name].parameters.values()
    return {p.name: _taken(p, f"x_{n}") for n, p in enumerate(parameters) if p.required}


def _taken(parameter: Parameter, text: str) -> Any:
    values: tuple[Any, ...] = (text, 1, ["x"], {})
    for value in values:
        try:
            parameter.rule(value, parameter.name, False)
        except InvalidInputError:
            continue
        return value
    raise AssertionError(parameter.name)
