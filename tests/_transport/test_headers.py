"""Headers, parameters and fields of the user's own: sent, hidden, and refused where not theirs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.errors import (
    APIError,
    ConfigurationError,
    InvalidInputError,
    OutcomeUnknownError,
)
from tests.faults.canary import Canary, everything_about, reprs_below

KEY = "sk-admin-canary0123456789abcdWXYZ"
TOKEN = "gateway-canary0123456789abcdWXYZ"


def _client(emulator: Emulator, **settings: Any) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **settings)


async def test_headers_are_sent(emulator: Emulator) -> None:
    """Those of the client with each call, those of `with_options` over them; `None` leaves out."""
    async with _client(emulator, headers={"X-Gateway": TOKEN, "X-Team": "one"}) as client:
        await client.projects.list()
        others = client.with_options(headers={"x-team": "two", "X-Gateway": None, "X-Empty": ""})
        await others.projects.list()
        await others.with_options(headers={"User-Agent": "me"}).projects.create(name="x")
        await client.projects.list()
    first, second, third, fourth = (request.headers for request in emulator.requests)
    assert (first["x-gateway"], first["x-team"]) == (TOKEN, "one")
    assert (second.get("x-gateway"), second["x-team"], second["x-empty"]) == (None, "two", "")
    assert second["user-agent"] == first["user-agent"]
    assert (third["user-agent"], third["content-type"]) == ("me", "application/json")
    assert third["accept"] == "application/json"
    assert fourth["x-team"] == "one"


async def test_headers_are_shown_nowhere(emulator: Emulator) -> None:
    """A gateway's token is a secret: no repr and no error shows it."""
    canary = Canary(TOKEN)
    emulator.faults.add(Status(status=404))
    async with _client(emulator, headers=_with_token()) as client:
        with pytest.raises(APIError) as caught:
            await client.with_options(headers=_with_token()).projects.retrieve("proj_1")
        seen = everything_about(caught.value)
        seen += "\n".join(reprs_below(client))
    assert not canary.is_in(seen)


def _with_token() -> dict[str, str | None]:
    return {"X-Gateway": TOKEN}


_VALUE = (
    "headers: the value of X-Team must be plain ASCII text without line breaks, and without"
    " spaces around it."
)
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "the key": (
        lambda: {"authorization": TOKEN},
        (
            "headers: authorization cannot be set here: use admin_key, which may be a function in"
            " Python."
        ),
    ),
    "the organization": (
        lambda: {"OpenAI-Organization": TOKEN},
        "headers: OpenAI-Organization cannot be set here: use organization.",
    ),
    "a proxy's login": (
        lambda: {"Proxy-Authorization": TOKEN},
        "headers: Proxy-Authorization cannot be set here: put the login into the address of proxy.",
    ),
    "the length": (
        lambda: {"Content-Length": None},
        "headers: Content-Length cannot be set here: the client makes it itself.",
    ),
    "a name with a space": (
        lambda: {"X Team": TOKEN},
        "headers: a name must be of letters, digits and hyphens, not 'X Team'.",
    ),
    "a line break": (
        lambda: {"X-Team": f"{TOKEN}\r\nX-Other: 1"},
        _VALUE,
    ),
    "nothing in place of what is needed": (
        lambda: {"user-agent": None},
        "headers: user-agent may be another, but must be sent.",
    ),
    "a number": (
        lambda: {"X-Team": 5},
        _VALUE,
    ),
    "a list": (lambda: [TOKEN], "headers must be a mapping of names to values, not list."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_headers_that_are_refused(case: str) -> None:
    """Before anything is sent, in a sentence that does not repeat the value."""
    headers, told = REFUSED[case]
    for use in (
        lambda: AsyncOpenAIAdmin(KEY, headers=headers()),
        lambda: OpenAIAdmin(KEY).with_options(headers=headers()),
    ):
        with pytest.raises(ConfigurationError) as caught:
            use()
        assert str(caught.value) == told
        if case != "a list":  # which is the user's mistake altogether
            assert not Canary(TOKEN).is_in(everything_about(caught.value))


# --- parameters and fields ------------------------------------------------------------------


class Lenient:
    """A server that takes every parameter and field, as a newer API may.

    Attributes:
        asked: the method, query and body of each request.
        base_url: where it listens.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.base_url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with a thing, or a page of two."""
        body: Any = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.raw_path.partition("?")[2], body))
        if request.method == "POST":
            if body["name"] == "lost":
                assert request.transport is not None
                request.transport.close()
            return web.json_response({"id": "proj_new", "name": body["name"]})
        first = "after" not in request.query
        data = [{"id": "proj_1" if first else "proj_2", "name": "x"}]
        page = {"object": "list", "data": data, "has_more": first, "last_id": data[0]["id"]}
        return web.json_response(page)


@pytest.fixture
async def lenient() -> AsyncIterator[Lenient]:
    """A server that takes everything."""
    lenient = Lenient()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lenient.answer)
    async with TestServer(app) as server:
        lenient.base_url = str(server.make_url("/v1"))
        yield lenient


async def test_extras_are_sent(lenient: Lenient) -> None:
    """In the query of each page, and in the JSON body; clients do not share them."""
    async with AsyncOpenAIAdmin(KEY, base_url=lenient.base_url) as client:
        extra = client.with_options(extra_query={"team": ["x y", "z"], "new": True})
        assert [p.id async for p in extra.projects.list(limit=1)] == ["proj_1", "proj_2"]
        await extra.with_options(extra_body={"tier": {"a": 1}}).projects.create(name="x")
        await client.request("POST", "/things?a=1", query={"b": 2}, body={"name": "y"})
        await extra.request("GET", "/things?a=1")
    assert lenient.asked == [
        ("GET", "limit=1&team=x%20y&team=z&new=true", None),
        ("GET", "limit=1&after=proj_1&team=x%20y&team=z&new=true", None),
        ("POST", "team=x%20y&team=z&new=true", {"name": "x", "tier": {"a": 1}}),
        ("POST", "a=1&b=2", {"name": "y"}),
        ("GET", "a=1&team=x%20y&team=z&new=true", None),
    ]


async def test_equal_reads_with_other_extras_are_two(lenient: Lenient) -> None:
    """A read waits only for one that sends the same."""
    async with AsyncOpenAIAdmin(KEY, base_url=lenient.base_url) as client:
        one, two = (client.with_options(extra_query={"team": n}) for n in (1, 2))
        await asyncio.gather(one.projects.list(), two.projects.list(), one.projects.list())
    assert sorted(query for _, query, _ in lenient.asked) == ["team=1", "team=2"]


async def test_what_reconciles_goes_without_extras(lenient: Lenient) -> None:
    """They were for the creation; a listing has no body to add a field to."""
    async with AsyncOpenAIAdmin(KEY, base_url=lenient.base_url) as client:
        extra = client.with_options(extra_body={"tier": 1}, extra_query={"team": 1})
        with pytest.raises(OutcomeUnknownError) as caught:
            await extra.projects.create(name="lost")
        assert await caught.value.reconcile(wait=0) is None
    assert [query for method, query, _ in lenient.asked if method == "GET"] == [
        "limit=100",
        "limit=100&after=proj_1",
    ]


_UNENCODABLE = "team must be text, a number, a boolean or a list of these in a query, not object."


@pytest.mark.parametrize(
    ("extras", "told"),
    [
        (
            {"extra_query": {"limit": 5}},
            "extra_query must not have 'limit', which projects.list takes as an argument.",
        ),
        (
            {"extra_body": {"tier": 1}},
            "extra_body cannot be sent with projects.list, which sends no JSON object.",
        ),
        (
            {"extra_query": ["team"]},
            "extra_query must be a mapping of names to values, not ['team'].",
        ),
        ({"extra_query": {"team": object()}}, _UNENCODABLE),
        ({"extra_query": {5: "x"}}, "extra_query: a name must be text, not 5."),
        (
            {"extra_body": {"tier": [math.nan]}},
            "The body cannot be written as JSON: nan is not a number.",
        ),
        ({"extra_body": {"tier": {5: 1}}}, "A name in the body must be text, not 5."),
        ({"extra_body": 5}, "extra_body must be a mapping of names to values, not 5."),
    ],
)
async def test_extras_that_are_refused(extras: dict[str, Any], told: str) -> None:
    """Before anything is sent, which these addresses would not take."""
    async with AsyncOpenAIAdmin(KEY, base_url="http://localhost:1/v1") as client:
        with pytest.raises(InvalidInputError) as caught:
            await client.with_options(**extras).projects.list()
    assert str(caught.value) == told


async def test_a_field_of_the_calls_own_is_refused() -> None:
    """Also one that was not passed."""
    async with AsyncOpenAIAdmin(KEY, base_url="http://localhost:1/v1") as client:
        for field in ("name", "external_key_id"):
            extra = client.with_options(extra_body={field: "x"})
            with pytest.raises(InvalidInputError, match=f"must not have '{field}', which"):
                await extra.projects.create(name="x")
