"""Rate limits of a project."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError, NotFoundError
from tests.conftest import Surface


async def _listed(surface: Surface, project_id: str, **arguments: Any) -> list[Any]:
    """The limits; the official client has another name for the listing."""
    method = "list" if surface.ours else "list_rate_limits"
    return await surface.items(
        lambda c: getattr(c.projects.rate_limits, method)(project_id=project_id, **arguments)
    )


async def _updated(surface: Surface, project_id: str, limit_id: str, **arguments: Any) -> Any:
    method = "update" if surface.ours else "update_rate_limit"
    return await surface.call(
        lambda c: getattr(c.projects.rate_limits, method)(
            project_id=project_id, rate_limit_id=limit_id, **arguments
        )
    )


async def test_life_of_a_rate_limit(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    other = (await surface.call(lambda c: c.projects.create(name="Q"))).id
    before = await _listed(surface, project)
    limit = before[0]
    assert limit.max_requests_per_1_minute > 10
    assert limit.max_tokens_per_1_minute > 1000

    changed = await _updated(
        surface, project, limit.id, max_requests_per_1_minute=10, max_tokens_per_1_minute=0
    )
    assert (changed.max_requests_per_1_minute, changed.max_tokens_per_1_minute) == (10, 0)
    assert changed.model == limit.model
    assert await _listed(surface, project) == [changed, *before[1:]]
    assert await _listed(surface, other) == before

    (event,) = await surface.items(lambda c: c.audit_logs.list(event_types=["rate_limit.updated"]))
    assert event.project.id == project


async def test_pages_of_rate_limits(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    everything = await _listed(surface, project)
    assert len({limit.model for limit in everything}) == len(everything) > 6
    assert await _listed(surface, project, limit=3) == everything
    assert await _listed(surface, project, after=everything[4].id) == everything[5:]


async def test_backwards(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="P")
        limits = [limit async for limit in client.projects.rate_limits.list(project.id)]
        page = await client.projects.rate_limits.list(project.id, before=limits[5].id, limit=2)
        assert page.data == limits[3:5]
        assert page.has_more


async def test_limits_that_a_model_has_not_or_the_organization_has_not(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    before = await _listed(surface, project)
    text = next(limit for limit in before if limit.max_images_per_1_minute is None)
    with pytest.raises(surface.errors.BadRequestError, match="no such limit"):
        await _updated(
            surface, project, text.id, max_requests_per_1_minute=1, max_images_per_1_minute=1
        )
    with pytest.raises(surface.errors.BadRequestError, match="max_requests_per_1_minute"):
        await _updated(
            surface,
            project,
            text.id,
            max_requests_per_1_minute=text.max_requests_per_1_minute + 1,
        )
    assert await _listed(surface, project) == before


async def test_an_archived_project_refuses(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    before = await _listed(surface, project)
    await surface.call(lambda c: c.projects.archive(project))
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await _updated(surface, project, before[0].id, max_requests_per_1_minute=1)
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await _listed(surface, project)


@pytest.mark.parametrize("value", [-1, "10", None, True, 1.5, [1], float("nan")])
async def test_bad_arguments_are_not_sent(emulator: Emulator, value: Any) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match="max_requests_per_1_minute"):
            await client.projects.rate_limits.update(
                "proj_1", "rl-gpt-5", max_requests_per_1_minute=value
            )
        for limit in (0, 101):
            with pytest.raises(InvalidInputError, match="from 1 to 100"):
                await client.projects.rate_limits.list("proj_1", limit=limit)
    assert not emulator.requests


async def test_what_only_the_api_can_judge(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="P")
        for limit_id in ("rl-none", "../rl-gpt-5", "rl-gpt-5\0"):
            with pytest.raises(NotFoundError, match="rate limit"):
                await client.projects.rate_limits.update(
                    project.id, limit_id, max_requests_per_1_minute=1
                )
        with pytest.raises(BadRequestError, match="after"):
            await client.projects.rate_limits.list(project.id, after="rl-none")
