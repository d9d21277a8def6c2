"""Roles that a user has in a project."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_group,
    add_project,
    add_role,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)

OWNER, MEMBER = "role-api-project-owner", "role-api-project-member"


async def test_roles_given_and_taken(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    roles = [await add_role(surface, name, project_id) for name in ("A", "B", "C")]
    place = {"project_id": project_id, "user_id": user_id}

    given = await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=roles[0]))
    assert (given.user.id, given.role.id, given.object) == (user_id, roles[0], "user.role")
    assert [p.id for p in given.user.projects.data] == [project_id]
    await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=roles[1]))
    await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=roles[2]))
    await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=roles[2]))

    listed = await surface.items(lambda c: c.projects.users.roles.list(**place, limit=2))
    assert ids(listed) == [MEMBER, *roles]
    backwards = await surface.items(
        lambda c: c.projects.users.roles.list(**place, limit=3, order="desc")
    )
    assert ids(backwards) == [*roles[::-1], MEMBER]
    role = await surface.call(lambda c: c.projects.users.roles.retrieve(**place, role_id=roles[1]))
    assert (role.name, role.resource_type) == ("B", "api.project")

    answer = await surface.call(lambda c: c.projects.users.roles.delete(**place, role_id=roles[1]))
    assert answer.deleted
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.users.roles.retrieve(**place, role_id=roles[1]),
        lambda c: c.projects.users.roles.delete(**place, role_id=roles[1]),
    )
    left = await surface.items(lambda c: c.projects.users.roles.list(**place))
    assert ids(left) == [MEMBER, roles[0], roles[2]]
    assert (await told(surface))[3:] == ["role.assignment.created"] * 3 + [
        "role.assignment.deleted"
    ]
    assert payloads(emulator, "role.assignment.deleted") == [
        {
            "id": f"{roles[1]}:{user_id}",
            "principal_id": user_id,
            "principal_type": "user",
            "resource_id": project_id,
            "resource_type": "api.project",
        }
    ]


async def test_the_owners_role_is_the_membership(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    place = {"project_id": project_id, "user_id": user_id}
    await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=OWNER))
    assert (await surface.call(lambda c: c.projects.users.retrieve(**place))).role == "owner"
    roles = await surface.items(lambda c: c.projects.users.roles.list(**place))
    assert ids(roles) == [OWNER, MEMBER]
    await surface.call(lambda c: c.projects.users.roles.delete(**place, role_id=OWNER))
    assert (await surface.call(lambda c: c.projects.users.retrieve(**place))).role == "member"
    with pytest.raises(surface.errors.BadRequestError, match="membership"):
        await surface.call(lambda c: c.projects.users.roles.delete(**place, role_id=MEMBER))


async def test_roles_had_through_a_group(emulator: Emulator, surface: Surface) -> None:
    inside, outside, stranger = add_users(emulator, 3)
    project_id = add_project(emulator, "One", inside)
    role_id = await add_role(surface, "A", project_id)
    group_id = await add_group(surface, "Team", inside, outside)
    await surface.call(
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=role_id)
    )

    roles = await surface.items(
        lambda c: c.projects.users.roles.list(project_id=project_id, user_id=inside)
    )
    assert ids(roles) == [MEMBER, role_id]
    (role,) = await surface.items(
        lambda c: c.projects.users.roles.list(project_id=project_id, user_id=outside)
    )
    assert [(s.principal_type, s.principal_id) for s in role.assignment_sources] == [
        ("group", group_id)
    ]
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(
            lambda c: c.projects.users.roles.list(project_id=project_id, user_id=stranger)
        )
    # A role of their own is for those who are in the project themselves.
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(
            lambda c: c.projects.users.roles.create(
                project_id=project_id, user_id=outside, role_id=role_id
            )
        )


async def test_roles_of_elsewhere_are_unknown(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    elsewhere = await add_role(surface, "A", add_project(emulator, "Two"))
    organization = await add_role(surface, "A")
    place = {"project_id": project_id, "user_id": user_id}
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.users.roles.create(**place, role_id=elsewhere),
        lambda c: c.projects.users.roles.create(**place, role_id=organization),
        lambda c: c.projects.users.roles.create(**place, role_id="role-api-organization-owner"),
    )


async def test_an_archived_project_refuses(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    role_id = await add_role(surface, "A", project_id)
    place = {"project_id": project_id, "user_id": user_id, "role_id": role_id}
    await surface.call(lambda c: c.projects.users.roles.create(**place))
    await surface.call(lambda c: c.projects.archive(project_id))
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.projects.users.roles.create(**place | {"role_id": OWNER}),
        lambda c: c.projects.users.roles.delete(**place),
        lambda c: c.projects.users.roles.retrieve(**place),
        match="archived",
    )


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(
            lambda c: c.projects.users.roles.list(project_id=project_id, user_id=hostile)
        )

    async def nothing_for(project_id: str, user_id: str, role_id: str) -> None:
        place = {"project_id": project_id, "user_id": user_id, "role_id": role_id}
        await each_is(
            surface,
            surface.errors.NotFoundError,
            lambda c: c.projects.users.roles.create(**place),
            lambda c: c.projects.users.roles.retrieve(**place),
            lambda c: c.projects.users.roles.delete(**place),
        )

    await nothing_for(hostile, user_id, MEMBER)
    await nothing_for(project_id, hostile, MEMBER)
    await nothing_for(project_id, user_id, hostile)
    assert await told(surface) == []


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.projects.users.roles.list("proj_a", ""),
        lambda c: c.projects.users.roles.list("..", "user-a"),
        lambda c: c.projects.users.roles.list("proj_a", "user-a", limit=1001),
        lambda c: c.projects.users.roles.create("proj_a", "user-a", role_id=""),
        lambda c: c.projects.users.roles.create("", "user-a", role_id="role_a"),
        lambda c: c.projects.users.roles.retrieve("proj_a", "user-a", ".."),
        lambda c: c.projects.users.roles.delete("proj_a", ".", "role_a"),
    )
