"""A yes is to the effect that was shown: where it is another by then, nothing is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    call,
    changes,
    code_in,
    connections_to,
    failed,
    http_client,
    listening,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

GIVE = "create_user_role"
HARMLESS, POWERFUL = "api.usage.read", "api.management.write"
BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])


@attrs.frozen
class Served:
    """An organization in which somebody is to get a role."""

    emulator: Emulator
    admin: AsyncOpenAIAdmin
    url: str
    ids: dict[str, str]

    def widen(self) -> None:
        """Let somebody else have the role permit more."""
        self._role()["permissions"] = [HARMLESS, POWERFUL]

    def reset(self) -> None:
        """As it was at first."""
        self._role()["permissions"] = [HARMLESS]
        self.emulator.requests.clear()

    def _role(self) -> dict[str, Any]:
        return self.emulator.store.roles.get(self.ids["role_id"])


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[Served]:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, Settings(choice=ToolSelection(toolsets=["all"]))) as url,
    ):
        admin = connections.client("demo")
        role = await admin.roles.create(role_name="Cost watcher", permissions=[HARMLESS])
        user = next(u for u in (await admin.users.list()).data if u.role == "reader")
        yield Served(emulator, admin, url, {"user_id": user.id, "role_id": role.id})


@pytest.fixture
def served(shared: Served) -> Served:
    shared.reset()
    return shared


@BOTH
async def test_a_code_does_not_hold_another_effect(mode: str, served: Served) -> None:
    async with http_client(served.url, mode) as client:
        first = code_in(await failed(client, GIVE, **served.ids))
        served.widen()
        said = await failed(client, GIVE, **served.ids, confirm=first)
        assert said.startswith("What the call would do has changed since the user was asked")
        assert POWERFUL in said
        assert "Call again" not in said  # it shows the new question with a new code
        assert changes(served.emulator) == []
        await failed(client, GIVE, **served.ids, confirm=first)
        assert changes(served.emulator) == []
        await call(client, GIVE, **served.ids, confirm=code_in(said))
    assert changes(served.emulator) == ["users.roles.create"]


@BOTH
async def test_an_open_question_does_not_hold_another_effect(mode: str, served: Served) -> None:
    """Between the first question and the answer somebody changes the role; the next is no."""
    asked: list[str] = []

    async def person(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        served.widen()
        if len(asked) > 1:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"confirm": True})

    async with http_client(served.url, mode, person=person) as client:
        said = await failed(client, GIVE, **served.ids)
    assert "did not agree" in said
    assert changes(served.emulator) == []
    first, second = asked
    assert POWERFUL not in first
    assert "has changed since the user was asked" in second
    assert POWERFUL in second


@BOTH
async def test_who_agrees_to_the_new_effect_too_has_it_done(mode: str, served: Served) -> None:
    asked: list[str] = []

    async def person(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        served.widen()
        return ElicitResult(action="accept", content={"confirm": True})

    async with http_client(served.url, mode, person=person) as client:
        await call(client, GIVE, **served.ids)
    assert len(asked) == 2
    assert changes(served.emulator) == ["users.roles.create"]
