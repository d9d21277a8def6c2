"""Listings that questions share for a minute, and no longer than until something is changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.errors import PermissionDeniedError
from openai_admin.mcp import Connections, Settings, ToolSelection
from openai_admin.mcp.listings import SHARED, Listings, with_age
from openai_admin.mcp.progress import Progress, speaking
from openai_admin.mcp.tool import Answer
from tests.mcp.serving import call, http_client, listening

CHOICE = ToolSelection(toolsets=["all", "insight"])
STALE = "insight_stale_keys"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def admin(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as made:
        await made.projects.create(name="First")
        emulator.requests.clear()
        yield made


def sent(emulator: Emulator, operation: str = "projects.list") -> int:
    return [request.operation for request in emulator.requests].count(operation)


async def names(client: AsyncOpenAIAdmin) -> list[str | None]:
    return [project.name async for project in client.projects.list(limit=100)]


async def test_questions_in_a_row_read_the_projects_once(
    connections: Connections, emulator: Emulator
) -> None:
    async with (
        listening(connections, Settings(choice=CHOICE)) as url,
        http_client(url) as one,
        http_client(url) as other,
    ):
        await asyncio.gather(call(one, STALE), call(other, STALE))
        await call(one, STALE)
        assert sent(emulator) == 1
        before = sent(emulator, "projects.api_keys.list")
        await call(other, "create_project", name="New")
        await call(one, STALE)
        assert sent(emulator) == 2
        assert sent(emulator, "projects.api_keys.list") == before + 1
        await call(one, "list_projects")  # which is not a question
        assert sent(emulator) == 3


async def test_a_listing_is_shared_for_a_minute(
    admin: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    clock = Clock()
    shared = Listings(clock=clock).shared_by(admin)
    first = await names(shared)
    clock.now += SHARED - 1
    assert await names(shared) == first
    assert sent(emulator) == 1
    clock.now += 1
    assert await names(shared) == first
    assert sent(emulator) == 2


async def test_a_change_by_another_client_of_the_process_ends_it(
    admin: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    shared = Listings().shared_by(admin)
    assert "Second" not in await names(shared)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as other:
        await other.projects.create(name="Second")
    assert "Second" in await names(shared)


async def test_what_a_reader_does_with_a_page_is_not_seen_by_others(
    admin: AsyncOpenAIAdmin,
) -> None:
    shared = Listings().shared_by(admin)
    for _ in range(3):
        page = await shared.projects.list(limit=100)
        assert page.data
        page.data.clear()


async def test_clients_of_different_keys_share_nothing(
    admin: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    listings = Listings()
    made = await admin.admin_api_keys.create(name="Other")
    async with AsyncOpenAIAdmin(made.value, base_url=emulator.base_url) as other:
        await names(listings.shared_by(admin))
        await names(listings.shared_by(other))
        await names(listings.shared_by(admin.with_options(admin_key=made.value)))
    assert sent(emulator) == 3


async def test_a_refusal_is_not_shared(admin: AsyncOpenAIAdmin, emulator: Emulator) -> None:
    shared = Listings().shared_by(admin)
    emulator.faults.add(Status(match="projects.list", status=403, times=1))
    with pytest.raises(PermissionDeniedError):
        await names(shared)
    assert await names(shared)


async def test_usage_costs_and_the_audit_log_are_read_anew(
    admin: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    shared = Listings().shared_by(admin)
    for _ in range(2):
        await shared.usage.costs(start_time=emulator.store.now() // 86_400 * 86_400)
        await shared.audit_logs.list()
    assert sent(emulator, "usage.costs") == 2
    assert sent(emulator, "audit_logs.list") == 2


async def test_they_take_so_many_bytes(admin: AsyncOpenAIAdmin, emulator: Emulator) -> None:
    size = len((await admin.projects.list(limit=100)).raw)
    shared = Listings(room=size + 10).shared_by(admin)
    for limit in (100, 99, 99, 100):  # answers of the same length
        await shared.projects.list(limit=limit)
    assert sent(emulator) == 1 + 3


async def test_an_answer_says_how_old_its_listings_are(admin: AsyncOpenAIAdmin) -> None:
    clock = Clock()
    shared = Listings(clock=clock).shared_by(admin)
    answer = Answer({}, "Found.", notes=["First."])

    async def question() -> Answer:
        await names(shared)
        return with_age(answer)

    assert await speaking(question, Progress()) == answer
    clock.now += 4
    assert await speaking(question, Progress()) == answer
    clock.now += 31
    aged = await speaking(question, Progress())
    first, age = aged.notes
    assert first == "First."
    assert age == (
        "Lists of projects, people, keys and the like are up to 35 s old: what was changed"
        " elsewhere since then is not in this answer."
    )
