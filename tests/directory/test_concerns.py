"""What speaks against a call and cannot be seen from its arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin, resources
from openai_admin._declare.operation import OPERATIONS
from openai_admin.directory.concerns import concerns
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from tests.odd import KEY, odd_server

resources.load()

LIMIT = {"currency": "USD", "interval": "month"}


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


async def of(client: AsyncOpenAIAdmin, name: str, **arguments: Any) -> list[str]:
    return await concerns(client, OPERATIONS[name], arguments)


async def test_the_last_admin_key(client: AsyncOpenAIAdmin) -> None:
    (key,) = (await client.admin_api_keys.list()).data
    (sentence,) = await of(client, "admin_api_keys.delete", key_id=key.id)
    assert sentence.startswith("It is the last admin key")
    other = await client.admin_api_keys.create(name="other")
    for key_id in (key.id, other.id):
        assert await of(client, "admin_api_keys.delete", key_id=key_id) == []


@attrs.frozen(kw_only=True)
class OtherKeys(JSONFault):
    """All keys but the first say another redacted value, or none."""

    redacted_value: str | None

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for key in value["data"][1:]:
            key["redacted_value"] = self.redacted_value
        return value


@pytest.mark.parametrize(
    ("other", "begins"),
    [("sk-proj-...abc", "It is the last admin key:"), (None, "It may be the last admin key,")],
)
async def test_a_projects_key_is_not_another_admin_key(
    client: AsyncOpenAIAdmin, emulator: Emulator, other: str | None, begins: str
) -> None:
    (key,) = (await client.admin_api_keys.list()).data
    another = await client.admin_api_keys.create(name="another")
    emulator.faults.add(OtherKeys(match="admin_api_keys.list", redacted_value=other))
    (sentence,) = await of(client, "admin_api_keys.delete", key_id=key.id)
    assert sentence.startswith(begins)
    assert await of(client, "admin_api_keys.delete", key_id=another.id) == []


@attrs.frozen(kw_only=True)
class WithoutUse(JSONFault):
    """A key whose answer does not say when it was used."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        del value["last_used_at"]
        return value


async def test_a_key_whose_use_is_not_known(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        demo.faults.add(WithoutUse(match="projects.api_keys.retrieve"))
        project = (await client.projects.list()).data[0].id
        key = (await client.projects.api_keys.list(project)).data[0].id
        (sentence,) = await of(
            client, "projects.api_keys.delete", project_id=project, api_key_id=key
        )
    assert sentence.startswith("When it was last used is not known")


async def test_the_last_owner(client: AsyncOpenAIAdmin, emulator: Emulator) -> None:
    owner = emulator.store.first_owner()["id"]
    last = ["It is the last owner of the organization."]
    assert await of(client, "users.delete", user_id=owner) == last
    assert await of(client, "users.delete", user_id="user-other") == []
    assert await of(client, "users.update", user_id=owner, role="reader") == last
    assert await of(client, "users.update", user_id=owner, role="owner") == []
    assert await of(client, "users.update", user_id=owner, technical_level="advanced") == []


async def test_what_cannot_be_read_is_not_taken_for_harmless() -> None:
    key = {"id": "key_1", "last_used_at": "just now"}
    async with (
        odd_server() as server,
        AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client,
    ):
        server.listings["users"] = [{"id": "user-1", "role": ["owner"]}, "odd"]
        server.things["projects/proj_1/api_keys/key_1"] = key
        assert await of(client, "users.delete", user_id="user-1") == [
            "No owner of the organization could be read: whether it is the last is not known."
        ]
        assert await of(
            client, "projects.api_keys.delete", project_id="proj_1", api_key_id="key_1"
        ) == ["When it was last used is not known: whatever uses it stops working."]


async def test_a_key_in_use(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found: dict[bool, list[str]] = {}
        async for project in client.projects.list(limit=100):
            async for key in client.projects.api_keys.list(project.id, limit=100):
                used = key.last_used_at
                recent = used is not None and (datetime.now(UTC) - used).days < 30
                if recent not in found:
                    found[recent] = await of(
                        client, "projects.api_keys.delete", project_id=project.id, api_key_id=key.id
                    )
                    if recent and used is not None:
                        assert f"last used on {used:%Y-%m-%d}" in found[recent][0]
    assert found[False] == []
    assert len(found[True]) == 1


async def test_a_rate_limit_that_is_cut_by_half(client: AsyncOpenAIAdmin) -> None:
    project = (await client.projects.create(name="p")).id
    limit = (await client.projects.rate_limits.list(project)).data[0]
    before = limit.max_requests_per_1_minute
    assert before is not None
    where = {"project_id": project, "rate_limit_id": limit.id}
    name = "projects.rate_limits.update"
    assert await of(client, name, **where, max_requests_per_1_minute=before // 2 + 1) == []
    assert await of(client, name, **where, max_requests_per_1_minute=before * 2) == []
    assert await of(client, name, **where, max_requests_per_1_minute=before // 2) == [
        f"max_requests_per_1_minute falls from {before:,} to {before // 2:,}."
    ]


@pytest.mark.parametrize("inside", [False, True], ids=["organization", "project"])
async def test_a_spend_limit_that_is_cut_by_half(client: AsyncOpenAIAdmin, inside: bool) -> None:
    where: dict[str, str] = {}
    limits: Any = client.spend_limit
    if inside:
        where = {"project_id": (await client.projects.create(name="p")).id}
        limits = client.projects.spend_limit
    name = "projects.spend_limit.update" if inside else "spend_limit.update"
    assert await of(client, name, **where, threshold_amount=1, **LIMIT) == []  # there is none yet
    await limits.update(**where, threshold_amount=100_000, **LIMIT)
    assert await of(client, name, **where, threshold_amount=50_001, **LIMIT) == []
    assert await of(client, name, **where, threshold_amount=50_000, **LIMIT) == [
        "The spend limit falls from $1,000.00 to $500.00 a month."
    ]


async def test_a_spend_limit_below_what_the_month_has_cost() -> None:
    async with (
        Emulator(now=lambda: 1_795_600_000) as emulator,  # 2026-11-25
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        before = (await client.spend_limit.retrieve()).threshold_amount
        assert before is not None
        page = await client.usage.costs(start_time="2026-11-01", limit=31)
        amounts = [row.amount for day in page.data for row in day.results]
        spent = int(100 * sum(each.value for each in amounts if each and each.value is not None))
        assert before / 2 < spent < before
        (sentence,) = await of(client, "spend_limit.update", threshold_amount=spent, **LIMIT)
        assert "was spent this month already" in sentence
        for enough in (spent + 1, before, 2 * before):
            assert await of(client, "spend_limit.update", threshold_amount=enough, **LIMIT) == []


@attrs.frozen(kw_only=True)
class OddLimit(JSONFault):
    """The spend limit comes as words."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        return {**value, "threshold_amount": "much"}


async def test_a_spend_limit_that_cannot_be_read_is_not_known(
    client: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    await client.spend_limit.update(threshold_amount=100_000, currency="USD", interval="month")
    emulator.faults.add(OddLimit(match="spend_limit.retrieve"))
    (sentence,) = await of(client, "spend_limit.update", threshold_amount=1, **LIMIT)
    assert sentence == "What the spend limit is now is not known."


async def test_what_cannot_be_looked_at_is_said(
    client: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    emulator.faults.add(Status(match="users.list", status=403))
    (sentence,) = await of(client, "users.delete", user_id="user-1")
    assert sentence.startswith("Its consequences could not be checked: ")
