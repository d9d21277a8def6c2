"""Questions that are open when the patience of their call ends: the answer counts, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from tests.mcp.serving import call, changes, connections_to, failed, http_client, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "create_admin_api_key"


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    settings = Settings(choice=ToolSelection(toolsets=["all"]), patience=0.3)
    async with (
        Emulator(state="empty") as emulator,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
    ):
        yield emulator, url


@pytest.fixture
def emulator(shared: tuple[Emulator, str]) -> Emulator:
    shared[0].requests.clear()
    return shared[0]


@pytest.fixture
def url(shared: tuple[Emulator, str]) -> str:
    return shared[1]


class Thinking:
    """A person who answers when they are told to."""

    def __init__(self, action: str) -> None:
        self.asked = 0
        self.decided, self.answered = asyncio.Event(), asyncio.Event()
        self._action = action

    async def __call__(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        self.asked += 1
        await self.decided.wait()
        self.answered.set()
        content = {"confirm": True} if self._action == "accept" else None
        return ElicitResult.model_validate({"action": self._action, "content": content})


async def test_a_late_yes_is_used_once_by_the_same_call_again(url: str, emulator: Emulator) -> None:
    person = Thinking("accept")
    async with http_client(url, person=person) as client:
        for _ in range(2):
            said = await failed(client, KEY, name="ci")
            assert "has been asked" in said
            assert "Call again with the same arguments" in said
        person.decided.set()
        await person.answered.wait()
        assert person.asked == 1
        assert changes(emulator) == []  # an answer alone changes nothing
        made = await call(client, KEY, name="ci")
        assert made["secret"].startswith("sk-")
        assert person.asked == 1
        assert changes(emulator) == ["admin_api_keys.create"]
        person.decided.clear()
        assert "has been asked" in await failed(client, KEY, name="ci")
        assert person.asked == 2  # the answer was for one call
    assert changes(emulator) == ["admin_api_keys.create"]


async def test_a_late_yes_is_of_its_call_and_session(url: str, emulator: Emulator) -> None:
    person, other = Thinking("accept"), Thinking("accept")
    async with http_client(url, person=person) as client, http_client(url, person=other) as guest:
        await failed(client, KEY, name="ci")
        person.decided.set()
        await person.answered.wait()
        person.decided.clear()
        assert "has been asked" in await failed(client, KEY, name="other")
        assert "has been asked" in await failed(guest, KEY, name="ci")
        assert (person.asked, other.asked) == (2, 1)
    assert changes(emulator) == []


async def test_a_late_no_is_told_to_the_same_call_again(url: str, emulator: Emulator) -> None:
    person = Thinking("decline")
    async with http_client(url, person=person) as client:
        await failed(client, KEY, name="ci")
        person.decided.set()
        await person.answered.wait()
        assert "did not agree" in await failed(client, KEY, name="ci")
    assert changes(emulator) == []


async def test_equal_calls_at_once_use_an_answer_once(url: str, emulator: Emulator) -> None:
    person = Thinking("accept")
    async with http_client(url, person=person) as client:
        await failed(client, KEY, name="ci")
        person.decided.set()
        await person.answered.wait()
        person.decided.clear()
        calls = (client.call_tool(f"openai_admin_{KEY}", {"name": "ci"}) for _ in range(3))
        assert any(not result.is_error for result in await asyncio.gather(*calls))
    assert changes(emulator) == ["admin_api_keys.create"]
