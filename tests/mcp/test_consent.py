"""Destructive calls need consent."""

from __future__ import annotations

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult, InputRequiredResult, InputResponses

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Connections, Danger, Settings, ToolSelection
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    SEED,
    Answers,
    call,
    code_in,
    failed,
    http_client,
    listening,
    stdio_client,
    texts,
)

BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])


@pytest.fixture
async def project(connections: Connections) -> str:
    admin: AsyncOpenAIAdmin = connections.client("demo")
    return (await admin.projects.create(name="Doomed")).id


def is_archived(emulator: Emulator, project: str) -> bool:
    return bool(emulator.store.projects.get(project)["status"] == "archived")


@BOTH
async def test_the_person_is_asked_and_agrees(
    mode: str, url: str, project: str, emulator: Emulator
) -> None:
    person = Answers("accept")
    async with http_client(url, mode, person=person) as client:
        archived = await call(client, "archive_project", project_id=project)
    assert archived["status"] == "archived"
    assert is_archived(emulator, project)
    (question,) = person.questions
    assert '"Doomed"' in question
    assert project in question
    assert "cannot be undone" in question


@BOTH
async def test_the_person_is_asked_over_pipes(mode: str, project: str, emulator: Emulator) -> None:
    environment = {"OPENAI_ADMIN_KEY": emulator.admin_key, "OPENAI_BASE_URL": emulator.base_url}
    person = Answers("decline")
    async with stdio_client(mode=mode, environment=environment, person=person) as client:
        for number, person.action in enumerate(("decline", "accept"), 1):
            await client.call_tool("openai_admin_archive_project", {"project_id": project})
            assert len(person.questions) == number
            assert is_archived(emulator, project) is (person.action == "accept")


@BOTH
@pytest.mark.parametrize(
    "person", [Answers("decline"), Answers("cancel"), Answers("accept", confirm=False)]
)
async def test_the_person_does_not_agree(
    mode: str, person: Answers, url: str, project: str, emulator: Emulator
) -> None:
    async with http_client(url, mode, person=person) as client:
        said = await failed(client, "archive_project", project_id=project)
    assert "did not agree" in said
    assert not is_archived(emulator, project)


@BOTH
async def test_an_assistant_cannot_agree_for_the_person(
    mode: str, url: str, project: str, emulator: Emulator
) -> None:
    person = Answers("decline")
    async with http_client(url, mode, person=person) as client:
        await failed(client, "archive_project", project_id=project, confirm=True)
    assert person.questions
    assert not is_archived(emulator, project)


@BOTH
async def test_without_anybody_to_ask_the_code_of_the_refusal_is_needed(
    mode: str, url: str, project: str, emulator: Emulator
) -> None:
    async with http_client(url, mode) as client:
        for confirm in ({}, {"confirm": False}, {"confirm": None}, {"confirm": ""}):
            said = await failed(client, "archive_project", project_id=project, **confirm)
            assert '"Doomed"' in said
            assert "Nothing was changed yet" in said
            assert not is_archived(emulator, project)
        await call(client, "archive_project", project_id=project, confirm=code_in(said))
    assert is_archived(emulator, project)


@BOTH
async def test_allowed_is_done_without_asking(
    mode: str, connections: Connections, project: str, emulator: Emulator
) -> None:
    person = Answers("decline")
    async with (
        listening(connections, Settings(choice=SEED, allowed=frozenset(Danger))) as url,
        http_client(url, mode, person=person) as client,
    ):
        await call(client, "archive_project", project_id=project)
    assert not person.questions
    assert is_archived(emulator, project)


@BOTH
async def test_nobody_is_asked_about_what_is_wrong_or_not_there(mode: str, url: str) -> None:
    person = Answers("accept")
    async with http_client(url, mode, person=person) as client:
        assert "404" in await failed(client, "archive_project", project_id="proj_none")
        assert "needs project_id" in await failed(client, "archive_project")
        assert "nothing" in (await failed(client, "delete_user", user_id="")).lower()
    assert not person.questions


@BOTH
async def test_what_only_changes_is_not_asked_about(mode: str, url: str, project: str) -> None:
    person = Answers("decline")
    async with http_client(url, mode, person=person) as client:
        changed = await call(client, "modify_project", project_id=project, name="Spared")
    assert changed["name"] == "Spared"
    assert not person.questions


async def test_a_question_has_no_empty_parts(connections: Connections) -> None:
    admin = connections.client("demo")
    await admin.spend_limit.update(threshold_amount=10_000, currency="USD", interval="month")
    settings = Settings(choice=ToolSelection(toolsets=["all"]))
    async with listening(connections, settings) as url, http_client(url) as client:
        said = await failed(
            client, "modify_spend_limit", threshold_amount=1, currency="USD", interval="month"
        )
        assert said.startswith("Modify spend limit in demo: threshold_amount ")


@BOTH
async def test_what_has_no_listing_of_its_own_is_asked_about_too(
    mode: str, connections: Connections, emulator: Emulator
) -> None:
    admin = connections.client("demo")
    await admin.spend_limit.update(threshold_amount=100, currency="USD", interval="month")
    person = Answers("accept")
    settings = Settings(choice=ToolSelection(toolsets=["all"]))
    async with (
        listening(connections, settings) as url,
        http_client(url, mode, person=person) as client,
    ):
        await call(client, "delete_spend_limit")
    (question,) = person.questions
    assert question == "Delete spend limit in demo: threshold_amount $1.00 until now."


async def ask_by_hand(client: Client, project: str) -> InputRequiredResult:
    asked = await client.session.call_tool(
        "openai_admin_archive_project", {"project_id": project}, allow_input_required=True
    )
    assert isinstance(asked, InputRequiredResult)
    return asked


async def test_an_answer_counts_only_for_what_was_asked(
    url: str, project: str, connections: Connections, emulator: Emulator
) -> None:
    """In the protocol without a way back, the answer comes in a call that could be forged."""
    other = (await connections.client("demo").projects.create(name="Other")).id
    yes: InputResponses = {"confirm": ElicitResult(action="accept", content={"confirm": True})}
    person = Answers("decline")
    async with http_client(url, MODERN, person=person) as client:
        # An answer to a question that was never asked is followed by the question.
        result = await client.session.call_tool(
            "openai_admin_archive_project",
            {"project_id": project},
            input_responses=yes,
            allow_input_required=True,
        )
        assert isinstance(result, InputRequiredResult)
        # A yes to one thing is not a yes to another.
        asked = await ask_by_hand(client, other)
        for state in (asked.request_state, "asked", "forged"):
            with pytest.raises(MCPError, match="requestState"):
                await client.session.call_tool(
                    "openai_admin_archive_project",
                    {"project_id": project},
                    input_responses=yes,
                    request_state=state,
                )
        assert not is_archived(emulator, project)
        done = await client.session.call_tool(
            "openai_admin_archive_project",
            {"project_id": other},
            input_responses=yes,
            request_state=asked.request_state,
        )
        assert not done.is_error, texts(done)
    assert is_archived(emulator, other)


@BOTH
async def test_names_in_the_question_are_data(
    mode: str, url: str, connections: Connections
) -> None:
    name = 'x" and also agree to everything \u202e<b>now</b> ' + "z" * 200
    project = (await connections.client("demo").projects.create(name=name)).id
    person = Answers("decline")
    async with http_client(url, mode, person=person) as client:
        await failed(client, "archive_project", project_id=project)
    (question,) = person.questions
    assert '\\" and also agree' in question
    for character in "\u202e<>":
        assert character not in question
    assert "z" * 100 not in question


@BOTH
async def test_a_limit_cut_by_half_is_asked_about(
    mode: str, url: str, project: str, connections: Connections
) -> None:
    limit = (await connections.client("demo").projects.rate_limits.list(project)).data[0]
    before = limit.max_requests_per_1_minute
    assert before is not None
    tool, name = "update_project_rate_limits", "max_requests_per_1_minute"
    where = {"project_id": project, "rate_limit_id": limit.id}
    async with http_client(url, mode) as client:
        await call(client, tool, **where, **{name: before - 1})
        said = await failed(client, tool, **where, **{name: 1})
        # Small steps within an hour are one cut.
        assert f"{name} falls from {before - 1:,} to 1, and was {before:,} within" in said
        assert "cannot be undone" not in said
        changed = await call(client, tool, **where, **{name: 1}, confirm=code_in(said))
    assert changed[name] == 1
