"""An item of a page that cannot be read costs itself, on both clients over a real socket."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.errors import APIResponseValidationError, InvalidInputError
from openai_admin.events import Event, ItemUnreadable

KEY = "sk-admin-canary0123456789abcdWXYZ"

# Five users on two pages; the last of the first page has no id, one of the second is no object.
FIRST: list[Any] = [{"id": "user-1"}, {"id": "user-2", "name": 5}, {"user": "user-3"}]
SECOND: list[Any] = ["odd", {"id": "user-5"}]


class Listing:
    """A server of users that pages by the last item's id, and of one group's users by its own."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.base_url = ""

    async def users(self, request: web.Request) -> web.Response:
        """Page by page."""
        after = request.query.get("after")
        self.asked.append(after)
        first = after is None
        data = FIRST if first else SECOND
        return web.json_response({"object": "list", "data": data, "has_more": first})


@pytest_asyncio.fixture
async def listing() -> AsyncIterator[Listing]:
    """The server, running."""
    made = Listing()
    app = web.Application()
    app.router.add_get("/v1/organization/users", made.users)
    async with TestServer(app) as running:
        made.base_url = str(running.make_url("/v1"))
        yield made


Walk = Callable[..., Awaitable[tuple[list[str], list[Event]]]]


@pytest.fixture(params=["asynchronous", "blocking"])
def walk(request: pytest.FixtureRequest, listing: Listing) -> Walk:
    """Walks the users on either client, and gives their ids and the client's events."""

    async def asynchronously(**options: Any) -> tuple[list[str], list[Event]]:
        events: list[Event] = []
        async with AsyncOpenAIAdmin(
            KEY, base_url=listing.base_url, on_event=events.append, **options
        ) as client:
            return [user.id async for user in client.users.list()], events

    def blockingly(**options: Any) -> tuple[list[str], list[Event]]:
        events: list[Event] = []
        with OpenAIAdmin(
            KEY, base_url=listing.base_url, on_event=events.append, **options
        ) as client:
            return [user.id for user in client.users.list()], events

    async def in_a_thread(**options: Any) -> tuple[list[str], list[Event]]:
        return await asyncio.to_thread(blockingly, **options)

    return asynchronously if request.param == "asynchronous" else in_a_thread


async def test_a_walk_goes_on_and_tells(
    walk: Walk, listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="openai_admin"):
        ids, events = await walk()
    assert ids == ["user-1", "user-2", "user-5"]
    assert listing.asked == [None, "user-2"]  # the last that has an id
    told = [e for e in events if isinstance(e, ItemUnreadable)]
    assert [(e.operation, e.place, e.id) for e in told] == [
        ("users.list", "$.data[2]", None),
        ("users.list", "$.data[0]", None),
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "users.list: $.data[2] could not be read: required field missing at id.",
        "users.list: $.data[0] could not be read: expected an object, not text.",
    ]


async def test_who_wants_none_gets_an_error(walk: Walk) -> None:
    with pytest.raises(APIResponseValidationError) as caught:
        await walk(on_unreadable="raise")
    assert str(caught.value) == (
        "The response to users.list has a part that cannot be read, $.data[2]: required field"
        " missing at id (GET /organization/users)."
    )
    assert caught.value.place == "$.data[2]"


async def test_a_page_keeps_it_as_it_came(listing: Listing) -> None:
    async with AsyncOpenAIAdmin(KEY, base_url=listing.base_url) as client:
        page = await client.users.list()
        (part,) = page.unreadable
        assert part.raw == FIRST[2]
        strict = client.with_options(on_unreadable="raise")
        with pytest.raises(APIResponseValidationError):
            await strict.users.list()
        assert json.loads(page.raw)["data"] == FIRST


@pytest.mark.parametrize("word", ["", "skip", True])
def test_another_word_is_refused(word: Any) -> None:
    with pytest.raises(InvalidInputError, match="on_unreadable must be 'keep' or 'raise', not"):
        OpenAIAdmin(KEY, on_unreadable=word)
    with (
        OpenAIAdmin(KEY) as client,
        pytest.raises(InvalidInputError, match="on_unreadable must be 'keep' or 'raise', not"),
    ):
        client.with_options(on_unreadable=word)


async def test_of_a_large_page_too_it_is_told_in_the_loop() -> None:
    users = [{"id": f"user-{number}", "name": "n" * 300} for number in range(1000)]
    users[500]["name"] = 5  # type: ignore[assignment] # odd
    users[600] = {"name": "without an id"}
    told: list[tuple[str, int]] = []

    def listen(event: Event) -> None:
        if isinstance(event, ItemUnreadable):
            told.append((event.place, threading.get_ident()))

    async def listed(request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": users, "has_more": False})

    app = web.Application()
    app.router.add_get("/v1/organization/users", listed)
    async with TestServer(app) as running:
        address = str(running.make_url("/v1"))
        async with AsyncOpenAIAdmin(KEY, base_url=address, on_event=listen) as client:
            pages = await asyncio.gather(client.users.list(), client.users.list())  # one request
    assert [len(page.data) for page in pages] == [999, 999]
    assert told == 2 * [("$.data[600]", threading.get_ident())]
