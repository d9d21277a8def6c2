"""Many organizations: each request brings the admin key that it acts with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx2
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin._wire.http import HiddenText
from openai_admin.emulator import Emulator
from openai_admin.errors import ConfigurationError
from openai_admin.mcp import (
    Address,
    KeyedConnections,
    Means,
    Settings,
    ToolSelection,
    build_server,
    report_wait,
)
from openai_admin.mcp.caller import Caller
from tests.mcp.serving import LEGACY, MODERN, call, http_client, listening, texts
from tests.mcp.test_transport import HEADERS, OPENING, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEADER = "X-OpenAI-Admin-Key"


class Organizations:
    """Some organizations, each with a key, and the clients that were made for them."""

    def __init__(self, *emulators: Emulator) -> None:
        self.by_key = {emulator.admin_key: emulator for emulator in emulators}
        self.keys = list(self.by_key)
        self.made: list[AsyncOpenAIAdmin] = []

    def make(self, key: str) -> AsyncOpenAIAdmin:
        emulator = self.by_key.get(key, self.by_key[self.keys[0]])
        client = AsyncOpenAIAdmin(
            key, base_url=emulator.base_url, on_event=report_wait, max_retries=0
        )
        self.made.append(client)
        return client

    def people(self, key: str) -> list[str]:
        return [user["id"] for user in self.by_key[key].store.users]


@fixture(loop_scope="module", scope="module")
async def organizations() -> AsyncIterator[Organizations]:
    async with (
        Emulator(state="empty", seed=1) as one,
        Emulator(state="empty", seed=2) as two,
        Emulator(state="empty", seed=3) as three,
    ):
        yield Organizations(one, two, three)


@fixture(loop_scope="module", scope="module")
async def url(organizations: Organizations) -> AsyncIterator[str]:
    async with (
        KeyedConnections(organizations.make) as connections,
        listening(connections, address=Address(key_header=HEADER)) as url,
    ):
        yield url


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_each_key_sees_its_own_organization(
    mode: str, url: str, organizations: Organizations
) -> None:
    async def people(key: str) -> list[str]:
        async with http_client(url, mode, headers={HEADER: key}) as client:
            tools = (await client.list_tools()).tools
            assert "PCID" not in tools[0].input_schema.get("required", [])
            page = await call(client, "list_users")
            await client.read_resource("openai-admin://default/people")
            return [user["id"] for user in page["data"]]

    found = await asyncio.gather(*(people(key) for key in organizations.keys * 3))
    assert found == [organizations.people(key) for key in organizations.keys * 3]
    assert len(organizations.made) == 3


async def test_a_session_cannot_be_used_with_another_key(
    url: str, organizations: Organizations
) -> None:
    mine, other, _ = organizations.keys
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    async with httpx2.AsyncClient() as client:
        opened = await client.post(url, headers={**HEADERS, HEADER: mine}, json=OPENING)
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        for key, status in ((mine, 200), (other, 404), (mine, 200)):
            headers = {**HEADERS, **session, HEADER: key}
            assert (await client.post(url, headers=headers, json=ping)).status_code == status
        bare = await client.post(url, headers={**HEADERS, **session}, json=ping)
        assert bare.status_code == 401
        ended = await client.delete(url, headers={**HEADERS, **session, HEADER: other})
        assert ended.status_code == 404
        again = await client.post(url, headers={**HEADERS, **session, HEADER: mine}, json=ping)
        assert again.status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], f"one admin key, in the header {HEADER}"),
        (["sk-admin-aaaa", "sk-admin-bbbb"], "one admin key"),
        (["sk-proj-verysecret"], "not an admin key"),
        (["two words"], "plain ASCII"),
        ([""], f"one admin key, in the header {HEADER}"),
    ],
)
async def test_a_request_without_a_key_is_refused(given: list[str], said: str, url: str) -> None:
    headers = [*HEADERS.items(), *((HEADER, key) for key in given)]
    async with httpx2.AsyncClient() as client:
        refused = await client.post(url, headers=headers, json=OPENING)
    assert refused.status_code == 401
    assert said in refused.json()["error"]
    assert "verysecret" not in refused.text


async def test_a_key_that_the_api_does_not_know_is_the_call_s_error(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "sk-admin-nobody-has-this-one"
    async with http_client(url, headers={HEADER: key}) as client:
        result = await client.call_tool("openai_admin_list_users", {})
    assert result.is_error
    assert "401" in str(result.content)
    assert key not in str(result)
    # What the test's own client logs is not the server's.
    own = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore", "mcp.client"))]
    assert key not in " ".join(record.getMessage() for record in own)


async def test_the_server_s_token_is_needed_beside_it(organizations: Organizations) -> None:
    key = organizations.keys[0]
    address = Address(token=TOKEN, key_header=HEADER, origins=["https://app.example.com"])
    async with (
        KeyedConnections(organizations.make) as connections,
        listening(connections, address=address) as url,
    ):
        async with httpx2.AsyncClient() as client:
            refused = await client.post(url, headers={**HEADERS, HEADER: key}, json=OPENING)
            assert refused.status_code == 401
            told = await client.options(
                url,
                headers={
                    "Origin": "https://app.example.com",
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": HEADER.lower(),
                },
            )
            assert told.status_code == 200
        headers = {HEADER: key, "Authorization": f"Bearer {TOKEN}"}
        async with http_client(url, headers=headers) as client:
            assert (await call(client, "list_projects"))["data"] is not None


def caller(number: int) -> Caller:
    return Caller(identity=str(number), admin_key=HiddenText(f"sk-admin-{number:08}"))


async def test_the_longest_unused_client_makes_room(organizations: Organizations) -> None:
    made = organizations.made
    made.clear()
    async with KeyedConnections(organizations.make, most=3) as pool:
        for number in range(3):
            async with pool.lent(caller(number)):
                pass
        async with pool.lent(caller(0)) as own:
            first = own.client("default")
            for number in (3, 4, 5):
                async with pool.lent(caller(number)):
                    pass
            assert len(made) == 6
            async with pool.lent(caller(0)) as again:
                assert again.client("default") is first
        async with pool.lent(caller(1)):
            assert len(made) == 7


async def test_callers_with_their_own_keys_share_no_sinks(organizations: Organizations) -> None:
    means = Means(sinks={"prod": "file:/nowhere"})
    async with KeyedConnections(organizations.make) as pool:
        with pytest.raises(ConfigurationError, match="there can be no sinks"):
            build_server(pool, Settings(choice=ToolSelection(means=means)))


async def test_what_is_in_use_is_not_closed(organizations: Organizations) -> None:
    async with KeyedConnections(organizations.make, most=1) as pool:
        known = Caller(admin_key=HiddenText(organizations.keys[0]))
        async with pool.lent(known) as own:
            with pytest.raises(ConfigurationError, match="1 key is in use"):
                async with pool.lent(caller(2)):
                    pass
            assert (await own.client("default").users.list()).data
        async with pool.lent(caller(2)):
            pass


async def test_clients_that_nobody_uses_are_closed(organizations: Organizations) -> None:
    now = 0.0
    organizations.made.clear()
    async with KeyedConnections(organizations.make, clock=lambda: now) as pool:
        async with pool.lent(caller(1)):
            pass
        now = 500.0
        async with pool.lent(caller(1)):
            pass
        assert len(organizations.made) == 1
        now = 1200.0
        async with pool.lent(caller(2)):
            pass
        async with pool.lent(caller(1)):
            pass
    assert len(organizations.made) == 3


async def test_nothing_shows_a_key() -> None:
    one = caller(7)
    assert "00000007" not in f"{one} {one!r} {one.admin_key!r}"


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "Mcp-Session-Id", "a b", "", "Host"])
async def test_the_header_is_one_of_its_own(name: str) -> None:
    with pytest.raises(ConfigurationError, match="a name of its own"):
        Address(key_header=name).checked()


async def test_a_key_that_the_api_rejects_is_its_callers(url: str) -> None:
    async with http_client(url, headers={HEADER: "sk-admin-nobody-has-it"}) as client:
        said = texts(await client.call_tool("openai_admin_list_users", {}))
    assert "The admin key that the request brought in its header is rejected" in said
    assert "person who runs the server" not in said
