"""Clients that say they can ask: what comes of it, and that nothing is changed before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp.client.session import ClientRequestContext
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    ElicitRequestParams,
    ElicitResult,
    ErrorData,
    InputRequiredResult,
    InputResponses,
)
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    Answers,
    call,
    changes,
    code_in,
    connections_to,
    failed,
    http_client,
    listening,
    texts,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])
KEY = "create_admin_api_key"
PATIENCE = 0.2  # seconds


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    settings = Settings(choice=ToolSelection(toolsets=["all"]), answer_within=PATIENCE)
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


class Failing:
    """A client that announces elicitation, and answers with an error."""

    def __init__(self, code: int, message: str = "Elicitation not supported") -> None:
        self.asked = 0
        self._error = ErrorData(code=code, message=message)

    async def __call__(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ErrorData:
        self.asked += 1
        return self._error


@pytest.mark.parametrize("code", [METHOD_NOT_FOUND, INVALID_REQUEST, INVALID_PARAMS])
async def test_a_client_that_cannot_ask_after_all_gets_a_code(
    code: int, url: str, emulator: Emulator
) -> None:
    person = Failing(code)
    async with http_client(url, person=person) as client:
        refused = await failed(client, KEY, name="ci")
        assert person.asked == 1
        assert changes(emulator) == []
        await call(client, KEY, name="ci", confirm=code_in(refused))
    assert changes(emulator) == ["admin_api_keys.create"]


async def test_an_error_of_the_client_is_told_as_what_it_is(url: str, emulator: Emulator) -> None:
    person = Failing(INTERNAL_ERROR, "the dialog\u202e crashed")
    async with http_client(url, person=person) as client:
        said = await failed(client, KEY, name="ci")
    assert "error -32603" in said
    assert "the dialog\\u202e crashed" in said
    assert "nothing was changed" in said
    assert "did not agree" not in said
    assert changes(emulator) == []


async def test_a_question_that_nobody_answers_is_no_consent(url: str, emulator: Emulator) -> None:
    late = asyncio.Event()

    async def slow(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        await late.wait()
        return ElicitResult(action="accept", content={"confirm": True})

    async with http_client(url, person=slow) as client:
        said = await failed(client, KEY, name="ci")
        assert "Nobody answered the question within 0.2 s" in said
        assert "nothing was changed" in said
        late.set()  # and the answer comes after all
        await call(client, "list_admin_api_keys")
    assert changes(emulator) == []


@BOTH
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ElicitResult(action="decline"), "did not agree"),
        (ElicitResult(action="cancel"), "closed the question"),
        (ElicitResult(action="accept"), "did not agree"),
        (ElicitResult(action="accept", content={"confirm": "true"}), "did not agree"),
        (ElicitResult(action="accept", content={"confirm": 1}), "did not agree"),
        (ElicitResult(action="decline", content={"confirm": True}), "did not agree"),
    ],
)
async def test_only_a_yes_is_consent(
    mode: str, answer: ElicitResult, said: str, url: str, emulator: Emulator
) -> None:
    async def person(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return answer

    async with http_client(url, mode, person=person) as client:
        assert said in await failed(client, KEY, name="ci")
    assert changes(emulator) == []


@BOTH
async def test_nothing_is_sent_while_the_person_thinks(
    mode: str, url: str, emulator: Emulator
) -> None:
    seen: list[list[str]] = []

    async def person(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        seen.append(changes(emulator))
        return ElicitResult(action="accept", content={"confirm": True})

    async with http_client(url, mode, person=person) as client:
        await call(client, KEY, name="ci")
    assert seen == [[]]
    assert changes(emulator) == ["admin_api_keys.create"]


@BOTH
@pytest.mark.parametrize("confirm", [True, "AAAAAAAA", None])
async def test_a_person_who_can_be_asked_is_asked_whatever_the_call_carries(
    mode: str, confirm: Any, url: str, emulator: Emulator
) -> None:
    person = Answers("decline")
    async with http_client(url, mode, person=person) as client:
        await failed(client, KEY, name="ci", confirm=confirm)
    assert len(person.questions) == 1
    assert changes(emulator) == []


YES: InputResponses = {"confirm": ElicitResult(action="accept", content={"confirm": True})}


async def test_an_answer_in_a_second_call_counts_once(url: str, emulator: Emulator) -> None:
    async with http_client(url, MODERN, person=Answers("decline")) as client:

        async def send(**more: Any) -> Any:
            return await client.session.call_tool(
                f"openai_admin_{KEY}", {"name": "ci"}, allow_input_required=True, **more
            )

        asked = await send()
        assert isinstance(asked, InputRequiredResult)
        state = {"request_state": asked.request_state}
        done = await asyncio.gather(*(send(**state, input_responses=YES) for _ in range(3)))
        assert changes(emulator) == ["admin_api_keys.create"]
        refused = [result for result in done if result.is_error]  # others join the work that runs
        assert len(refused) < len(done)
        refused.append(await send(**state, input_responses=YES))
        assert all("used already" in texts(result) for result in refused)

        asked = await send()
        nothing = await send(request_state=asked.request_state)
        assert "cannot be read" in texts(nothing)
    assert changes(emulator) == ["admin_api_keys.create"]
