"""Roles that a group has in a project."""

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
    ids,
    payloads,
    refused_unsent,
    told,
)

MEMBER = "role-api-project-member"


async def test_roles_given_and_taken(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    roles = [await add_role(surface, name, project_id) for name in ("A", "B", "C")]
    place = {"project_id": project_id, "group_id": group_id}
    await surface.call(lambda c: c.projects.groups.create(**place, role=MEMBER))

    given = await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=roles[0]))
    assert (given.group.id, given.role.id, given.object) == (group_id, roles[0], "group.role")
    await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=roles[1]))
    await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=roles[2]))
    await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=roles[2]))

    listed = await surface.items(lambda c: c.projects.groups.roles.list(**place, limit=2))
    assert ids(listed) == [MEMBER, *roles]
    backwards = await surface.items(
        lambda c: c.projects.groups.roles.list(**place, limit=3, order="desc")
    )
    assert ids(backwards) == [*roles[::-1], MEMBER]
    role = await surface.call(lambda c: c.projects.groups.roles.retrieve(**place, role_id=roles[1]))
    assert (role.name, role.assignment_sources) == ("B", None)

    answer = await surface.call(lambda c: c.projects.groups.roles.delete(**place, role_id=MEMBER))
    assert answer.deleted
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.groups.roles.retrieve(**place, role_id=MEMBER),
        lambda c: c.projects.groups.roles.delete(**place, role_id=MEMBER),
    )
    assert ids(await surface.items(lambda c: c.projects.groups.roles.list(**place))) == roles
    assert (await told(surface))[4:] == ["role.assignment.created"] * 4 + [
        "role.assignment.deleted"
    ]
    assert payloads(emulator, "role.assignment.deleted")[0]["resource_id"] == project_id


async def test_only_groups_with_access_have_roles(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    role_id = await add_role(surface, "A")
    await surface.call(lambda c: c.groups.roles.create(group_id, role_id=role_id))
    place = {"project_id": project_id, "group_id": group_id}
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.groups.roles.create(**place, role_id=MEMBER))
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.projects.groups.roles.list(**place))
    # Roles of the organization do not count as roles in its projects.
    await surface.call(lambda c: c.projects.groups.create(**place, role=MEMBER))
    assert ids(await surface.items(lambda c: c.projects.groups.roles.list(**place))) == [MEMBER]


async def test_an_archived_project_refuses(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    place = {"project_id": project_id, "group_id": group_id}
    await surface.call(lambda c: c.projects.groups.create(**place, role=MEMBER))
    await surface.call(lambda c: c.projects.archive(project_id))
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.projects.groups.roles.create(**place, role_id="role-api-project-owner"),
        lambda c: c.projects.groups.roles.delete(**place, role_id=MEMBER),
        lambda c: c.projects.groups.roles.retrieve(**place, role_id=MEMBER),
        match="archived",
    )


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team")
    place = {"project_id": project_id, "group_id": group_id}
    await surface.call(lambda c: c.projects.groups.create(**place, role=MEMBER))
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(
            lambda c: c.projects.groups.roles.list(project_id=project_id, group_id=hostile)
        )
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.groups.roles.create(
            project_id=hostile, group_id=group_id, role_id=MEMBER
        ),
        lambda c: c.projects.groups.roles.create(**place, role_id=hostile),
        lambda c: c.projects.groups.roles.retrieve(**place, role_id=hostile),
        lambda c: c.projects.groups.roles.delete(**place, role_id=hostile),
        lambda c: c.projects.groups.roles.delete(
            project_id=project_id, group_id=hostile, role_id=MEMBER
        ),
    )
    assert await told(surface) == ["group.created", "role.assignment.created"]


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.projects.groups.roles.list("proj_a", ""),
        lambda c: c.projects.groups.roles.list("proj_a", "group_a", limit=1001),
        lambda c: c.projects.groups.roles.create("proj_a", "group_a", role_id=""),
        lambda c: c.projects.groups.roles.create("..", "group_a", role_id=MEMBER),
        lambda c: c.projects.groups.roles.retrieve("proj_a", "group_a", "."),
        lambda c: c.projects.groups.roles.delete("proj_a", "", MEMBER),
    )
