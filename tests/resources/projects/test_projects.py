"""Projects: a life from creation to the archive, on every client."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import APIStatusError, BadRequestError, InvalidInputError, NotFoundError
from tests.conftest import Surface
from tests.resources.people import ids


async def test_life_of_a_project(surface: Surface) -> None:
    project = await surface.call(lambda c: c.projects.create(name="Search"))
    assert (project.name, project.status, project.archived_at) == ("Search", "active", None)
    assert surface.seconds(project.created_at)

    renamed = await surface.call(lambda c: c.projects.update(project_id=project.id, name="Find"))
    assert renamed.name == "Find"
    assert renamed.created_at == project.created_at
    again = await surface.call(lambda c: c.projects.retrieve(project.id))
    assert again == renamed

    archived = await surface.call(lambda c: c.projects.archive(project.id))
    assert archived.status == "archived"
    assert surface.seconds(archived.archived_at)
    assert await surface.call(lambda c: c.projects.archive(project.id)) == archived
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await surface.call(lambda c: c.projects.update(project_id=project.id, name="Again"))
    assert (await surface.call(lambda c: c.projects.retrieve(project.id))).name == "Find"

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[project.id]))
    assert [event.type for event in log] == [
        "project.archived",
        "project.updated",
        "project.created",
    ]


async def _create(surface: Surface, name: str) -> Any:
    return await surface.call(lambda c: c.projects.create(name=name))


async def _archive(surface: Surface, project_id: str) -> Any:
    return await surface.call(lambda c: c.projects.archive(project_id))


async def test_pages_of_projects(surface: Surface) -> None:
    made = [await _create(surface, f"P{number}") for number in range(7)]
    archived = [await _archive(surface, project.id) for project in made[1::3]]

    active = await surface.items(lambda c: c.projects.list(limit=2))
    everything = await surface.items(lambda c: c.projects.list(limit=3, include_archived=True))
    gone = ids(archived)
    assert ids(active) == [id for id in ids(made) if id not in gone]
    assert ids(everything) == ids(made)
    assert [project for project in everything if project.status == "archived"] == archived


async def test_the_default_project_stays(demo: Emulator, demo_surface: Surface) -> None:
    default, other, *_ = await demo_surface.items(lambda c: c.projects.list())
    assert default.name == "Default project"
    with pytest.raises(demo_surface.errors.BadRequestError, match="default project"):
        await _archive(demo_surface, default.id)
    await _archive(demo_surface, other.id)
    assert demo.store.projects.get(default.id)["status"] == "active"


async def test_names_need_not_be_unique_and_may_be_in_any_script(surface: Surface) -> None:
    for _ in range(2):
        project = await surface.call(lambda c: c.projects.create(name="検索 поиск 🔎"))
        assert project.name == "検索 поиск 🔎"


async def test_residency(surface: Surface) -> None:
    plain = await surface.call(lambda c: c.projects.create(name="A"))
    by_region = await surface.call(lambda c: c.projects.create(name="B", geography="EU"))
    chosen = await surface.call(lambda c: c.projects.create(name="C", residency="JP_STORAGE"))
    assert [p.residency for p in (plain, by_region, chosen)] == [
        "GLOBAL",
        "EU_STORAGE_PROCESSING",
        "JP_STORAGE",
    ]
    with pytest.raises(surface.errors.BadRequestError, match=r"'AE', .* 'US'"):
        await surface.call(lambda c: c.projects.create(name="D", geography="Atlantis"))
    refused = InvalidInputError if surface.ours else surface.errors.BadRequestError
    with pytest.raises(refused, match="not both"):
        await surface.call(
            lambda c: c.projects.create(name="E", geography="EU", residency="JP_STORAGE")
        )
    with pytest.raises(surface.errors.BadRequestError, match="cannot be changed"):
        await surface.call(lambda c: c.projects.update(project_id=plain.id, geography="US"))


async def test_nothing_deletes_a_project(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="P")
        with pytest.raises(APIStatusError) as caught:
            await client.request("DELETE", f"/organization/projects/{project.id}")
        assert caught.value.status == 405
        assert await client.projects.retrieve(project.id) == project


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"name": 5}, "name must be text"),
        ({"name": None}, "name must be text"),
        ({"name": "\ud800"}, "cannot be encoded as UTF-8"),
        ({"name": "P", "residency": "EU"}, "residency must be"),
    ],
)
async def test_bad_arguments_are_not_sent(
    emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=message):
            await client.projects.create(**arguments)
    assert not emulator.requests


async def test_what_only_the_api_can_judge_changes_nothing(emulator: Emulator) -> None:
    before = len(emulator.store.projects), len(emulator.store.audit_logs)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for name in ("x" * 100_000, "tab\there", "\0", "   "):
            with pytest.raises(BadRequestError):
                await client.projects.create(name=name)
        with pytest.raises(BadRequestError, match="no external key"):
            await client.projects.create(name="P", external_key_id="extkey_none")
        for project_id in ("proj_none", "../users", "%2e%2e", "x" * 3000):
            with pytest.raises(NotFoundError):
                await client.projects.retrieve(project_id)
            with pytest.raises(NotFoundError):
                await client.projects.archive(project_id)
    assert (len(emulator.store.projects), len(emulator.store.audit_logs)) == before
