"""What is read to say who can do what: no more than that needs, and what is refused is told."""

from __future__ import annotations

from collections import Counter

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import ProjectFails
from openai_admin.errors import AuthenticationError, InvalidInputError
from openai_admin.insights.access import Access, Answer, Forecast
from tests.organizations import FEW, organization


def _told(answer: Answer) -> set[tuple[object, ...]]:
    """Who has what, without the order."""
    return {
        (one.kind, one.id, one.permission, one.project_id, frozenset(one.paths))
        for one in answer.holdings
    }


async def test_what_is_read_of_one_alone_says_the_same() -> None:
    """Of each person, account and key, and of each permission, what is read alone suffices."""
    asked = 0
    for seed in (3, 4, 8):
        async with (
            organization(seed, size=FEW) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            whole = await client.insights.access(thorough=True)
            for principal in list(whole.things)[::2]:
                alone = await client.insights.access(somebody=principal.id)
                assert _told(alone.of(principal.id)) == _told(whole.of(principal.id)), (
                    seed,
                    principal,
                )
                asked += 1
            for permission in ("owner", "api.prompts.write", "api.usage.*"):
                alone = await client.insights.access(permission=permission, thorough=True)
                assert _told(alone.who_can(permission)) == _told(whole.who_can(permission)), (
                    seed,
                    permission,
                )
            for project in whole.facts.projects[:2]:
                alone = await client.insights.access(
                    permission="owner", project=project.id, thorough=True
                )
                assert _told(alone.who_can("owner", project.id)) == _told(
                    whole.who_can("owner", project.id)
                ), (seed, project)
    assert asked > 20


async def test_it_reads_no_more_than_it_needs(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:

        async def requests(**asked: str) -> Counter[str | None]:
            demo.requests.clear()
            await client.insights.access(**asked)  # type: ignore[arg-type]
            return Counter(request.operation for request in demo.requests)

        # A role besides the owner's makes owners too: everybody is asked for, and no project.
        owners = await requests(permission="owner")
        assert owners["users.roles.list"] == 40
        assert not owners["projects.roles.list"]
        assert owners.total() < 55
        # No role of the organization grants this: nobody need be asked for.
        writers = await requests(permission="api.prompts.write", project="Developer Copilot")
        assert not writers["users.roles.list"]
        assert writers["projects.roles.list"] == 1
        assert writers["groups.users.list"] == 1
        person = await requests(somebody="rosa.jimenez@example.com")
        assert person["users.list"] == 1
        assert person["users.roles.list"] == 1
        assert not person["groups.users.list"]
        assert max(person.values()) == person["projects.users.roles.list"]


async def test_many_requests_are_foretold(demo: Emulator) -> None:
    foretold: list[Forecast] = []
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        demo.requests.clear()
        await client.insights.access(on_forecast=foretold.append)
    sent = len(demo.requests)
    assert sent * 0.8 < sum(each.requests for each in foretold) <= sent
    assert foretold[0].most_of_one >= 40  # the roles of forty people
    assert foretold[0].slowest.total_seconds() >= 300


async def test_a_refusal_costs_itself_and_is_named(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url, max_retries=0) as client:
        whole = await client.insights.access()
        failing = next(p for p in whole.facts.projects if p.name == "Voice Notes")
        demo.faults.add(ProjectFails(project=failing.id))
        found = await client.insights.access()
        assert {part.project_id for part in found.not_known} == {failing.id}
        assert "members of projects (Voice Notes)" in found.lacks[0]
        before = {one for one in _told(whole.who_can("api.project.*")) if one[2] is not None}
        after = {one for one in _told(found.who_can("api.project.*")) if one[2] is not None}
        assert after < before
        assert {one[3] for one in before - after} == {failing.id}
        assert not found.who_can("api.project.read").is_known


async def test_a_wrong_key_is_raised() -> None:
    async with (
        organization(1, size=FEW) as emulator,
        AsyncOpenAIAdmin("sk-admin-wrong", base_url=emulator.base_url) as client,
    ):
        with pytest.raises(AuthenticationError):
            await client.insights.access()


async def test_nobody_and_several_are_named(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        with pytest.raises(InvalidInputError, match=r"did you mean 'rosa.jimenez@example.com'"):
            await client.insights.access(somebody="rosa.jimenes@example.com")
        with pytest.raises(InvalidInputError, match="2 have the name 'ingrid-notebook'"):
            await client.insights.access(somebody="ingrid-notebook")
        with pytest.raises(InvalidInputError, match="not both"):
            await client.insights.access(somebody="a", permission="b")
        part = await client.insights.access(permission="owner")
        with pytest.raises(InvalidInputError, match="read for 'owner' alone"):
            part.who_can("api.prompts.write")
        with pytest.raises(InvalidInputError, match="no project has the name or id 'Nowhere'"):
            Access(part.facts).who_can("owner", "Nowhere")
