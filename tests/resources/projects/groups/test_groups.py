"""Groups that have access to a project."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_group,
    add_project,
    add_role,
    each_is,
    payloads,
    refused_unsent,
    told,
)

OWNER, MEMBER = "role-api-project-owner", "role-api-project-member"


async def test_groups_come_and_go(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    groups = [await add_group(surface, f"Team {n}") for n in range(5)]
    added = await surface.call(
        lambda c: c.projects.groups.create(project_id, group_id=groups[0], role=MEMBER)
    )
    assert (added.project_id, added.group_id, added.group_name) == (
        project_id,
        groups[0],
        "Team 0",
    )
    assert (added.group_type, added.object) == ("group", "project.group")

    async def add(group_id: str) -> None:
        await surface.call(
            lambda c: c.projects.groups.create(project_id, group_id=group_id, role=MEMBER)
        )

    for group_id in groups[1:]:
        await add(group_id)
    await add(groups[4])

    listed = await surface.items(lambda c: c.projects.groups.list(project_id, limit=2))
    assert [g.group_id for g in listed] == groups
    backwards = await surface.items(
        lambda c: c.projects.groups.list(project_id, limit=3, order="desc")
    )
    assert [g.group_id for g in backwards] == groups[::-1]
    page = await surface.call(lambda c: c.projects.groups.list(project_id, limit=4))
    assert (page.has_more, page.next) == (True, groups[3])

    await surface.call(lambda c: c.groups.update(groups[1], name="Renamed"))
    place = {"project_id": project_id, "group_id": groups[1]}
    group = await surface.call(lambda c: c.projects.groups.retrieve(**place, group_type="group"))
    assert group.group_name == "Renamed"
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.groups.retrieve(**place, group_type="tenant_group"))

    answer = await surface.call(lambda c: c.projects.groups.delete(**place))
    assert (answer.deleted, answer.object) == (True, "project.group.deleted")
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.groups.retrieve(**place),
        lambda c: c.projects.groups.delete(**place),
        lambda c: c.projects.groups.roles.create(**place, role_id=MEMBER),
    )
    left = await surface.items(lambda c: c.projects.groups.list(project_id))
    assert [g.group_id for g in left] == [groups[0], *groups[2:]]
    assert (await told(surface))[5:] == [
        *["role.assignment.created"] * 5,
        "group.updated",
        "role.assignment.deleted",
    ]
    assert payloads(emulator, "role.assignment.created")[0] == {
        "id": f"{MEMBER}:{groups[0]}",
        "principal_id": groups[0],
        "principal_type": "group",
        "resource_id": project_id,
        "resource_type": "api.project",
    }


async def test_access_taken_is_taken_with_all_roles(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    role_id = await add_role(surface, "A", project_id)
    place = {"project_id": project_id, "group_id": group_id}
    await surface.call(lambda c: c.projects.groups.create(**place, role=role_id))
    await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=OWNER))
    await surface.call(lambda c: c.projects.groups.delete(**place))
    await surface.call(lambda c: c.projects.groups.create(**place, role=MEMBER))
    roles = await surface.items(lambda c: c.projects.groups.roles.list(**place))
    assert [r.name for r in roles] == ["member"]


async def test_nothing_is_half_done(emulator: Emulator, surface: Surface) -> None:
    project_id, other_id = add_project(emulator, "One"), add_project(emulator, "Two")
    group_id = await add_group(surface, "Team")
    elsewhere = await add_role(surface, "A", other_id)
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=elsewhere),
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role="member"),
        lambda c: c.projects.groups.create(project_id, group_id="group_none", role=MEMBER),
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role="r" * 100_000),
    )
    await surface.call(lambda c: c.projects.archive(project_id))
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=MEMBER),
        lambda c: c.projects.groups.delete(project_id=project_id, group_id=group_id),
        match="archived",
    )
    assert len(emulator.store.project_groups[project_id]) == 0
    assert "role.assignment.created" not in await told(surface)


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.projects.groups.list(hostile))
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.groups.create(hostile, group_id=group_id, role=MEMBER),
        lambda c: c.projects.groups.create(project_id, group_id=hostile, role=MEMBER),
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=hostile),
        lambda c: c.projects.groups.retrieve(project_id=project_id, group_id=hostile),
        lambda c: c.projects.groups.delete(project_id=project_id, group_id=hostile),
    )
    assert await surface.items(lambda c: c.projects.groups.list(project_id)) == []


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.projects.groups.list(""),
        lambda c: c.projects.groups.list("proj_a", limit=101),
        lambda c: c.projects.groups.list("proj_a", order="up"),  # type: ignore[arg-type]
        lambda c: c.projects.groups.create("proj_a", group_id="", role=MEMBER),
        lambda c: c.projects.groups.create("proj_a", group_id="group_a", role=""),
        lambda c: c.projects.groups.create("..", group_id="group_a", role=MEMBER),
        lambda c: c.projects.groups.retrieve("proj_a", "group_a", group_type="scim"),  # type: ignore[arg-type]
        lambda c: c.projects.groups.retrieve("proj_a", ""),
        lambda c: c.projects.groups.delete("proj_a", ".."),
    )
