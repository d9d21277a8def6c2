"""Roles of a project."""

from __future__ import annotations

from typing import Any

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

PREDEFINED = [
    "role-api-project-owner",
    "role-api-project-member",
    "role-api-project-viewer",
]


async def test_the_life_of_a_role(emulator: Emulator, surface: Surface) -> None:
    project_id, other_id = add_project(emulator, "One"), add_project(emulator, "Two")
    role = await surface.call(
        lambda c: c.projects.roles.create(
            project_id,
            role_name="Editor",
            permissions=["api.prompts.write"],
            description="Changes prompts.",
        )
    )
    assert (role.name, role.resource_type) == ("Editor", "api.project")
    others = [await add_role(surface, name, project_id) for name in ("B", "C", "D")]

    made = [*PREDEFINED, role.id, *others]
    assert ids(await surface.items(lambda c: c.projects.roles.list(project_id, limit=4))) == made
    backwards = await surface.items(
        lambda c: c.projects.roles.list(project_id, limit=1, order="desc")
    )
    assert ids(backwards) == made[::-1]
    # A project has its own roles: the same name is free elsewhere, and the id unknown.
    assert ids(await surface.items(lambda c: c.projects.roles.list(other_id))) == PREDEFINED
    await add_role(surface, "Editor", other_id)
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.roles.retrieve(project_id=other_id, role_id=role.id),
        lambda c: c.roles.retrieve(role.id),
    )

    changed = await surface.call(
        lambda c: c.projects.roles.update(project_id=project_id, role_id=role.id, role_name="Chief")
    )
    assert (changed.name, changed.description) == ("Chief", "Changes prompts.")
    read = await surface.call(
        lambda c: c.projects.roles.retrieve(project_id=project_id, role_id=role.id)
    )
    assert (read.name, read.permissions) == ("Chief", ["api.prompts.write"])

    answer = await surface.call(
        lambda c: c.projects.roles.delete(project_id=project_id, role_id=role.id)
    )
    assert (answer.id, answer.deleted) == (role.id, True)
    left = await surface.items(lambda c: c.projects.roles.list(project_id))
    assert ids(left) == [*PREDEFINED, *others]

    assert await told(surface) == ["role.created"] * 5 + ["role.updated", "role.deleted"]
    assert payloads(emulator, "role.created")[0] == {
        "id": role.id,
        "role_name": "Editor",
        "permissions": ["api.prompts.write"],
        "resource_id": project_id,
        "resource_type": "api.project",
    }
    (event,) = (e for e in emulator.store.audit_logs if e["type"] == "role.deleted")
    assert event["project"] == {"id": project_id, "name": "One"}


async def test_a_deleted_role_is_taken_from_everybody(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "One", user_id)
    group_id = await add_group(surface, "Team")
    role_id = await add_role(surface, "Editor", project_id)
    place = {"project_id": project_id, "user_id": user_id}
    await surface.call(lambda c: c.projects.users.roles.create(**place, role_id=role_id))
    await surface.call(
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=role_id)
    )
    await surface.call(lambda c: c.projects.roles.delete(project_id=project_id, role_id=role_id))
    left = await surface.items(lambda c: c.projects.users.roles.list(**place))
    assert [r.name for r in left] == ["member"]
    of_group = await surface.items(
        lambda c: c.projects.groups.roles.list(project_id=project_id, group_id=group_id)
    )
    assert of_group == []


async def test_what_the_api_refuses(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    role_id = await add_role(surface, "Editor", project_id)

    def update(**arguments: Any) -> Any:
        return lambda c: c.projects.roles.update(
            project_id=project_id, role_id=role_id, **arguments
        )

    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.projects.roles.delete(project_id=project_id, role_id=PREDEFINED[0]),
        lambda c: c.projects.roles.update(
            project_id=project_id, role_id=PREDEFINED[1], role_name="A"
        ),
        lambda c: c.projects.roles.create(project_id, role_name="n" * 100_000, permissions=[]),
        lambda c: c.projects.roles.create(project_id, role_name="A", permissions=["all of it"]),
        update(role_name="\t", permissions=["api.x.read"]),
        update(role_name="B", permissions=["api.x.read", "x"]),
    )
    await each_is(
        surface,
        surface.errors.ConflictError,
        lambda c: c.projects.roles.create(project_id, role_name="Editor", permissions=[]),
        update(role_name="member"),
    )
    role = await surface.call(
        lambda c: c.projects.roles.retrieve(project_id=project_id, role_id=role_id)
    )
    assert (role.name, role.permissions) == ("Editor", ["api.usage.read"])
    assert await told(surface) == ["role.created"]


async def test_an_archived_project_refuses(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    role_id = await add_role(surface, "Editor", project_id)
    await surface.call(lambda c: c.projects.archive(project_id))
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.projects.roles.create(project_id, role_name="B", permissions=[]),
        lambda c: c.projects.roles.update(project_id=project_id, role_id=role_id, role_name="B"),
        lambda c: c.projects.roles.delete(project_id=project_id, role_id=role_id),
        lambda c: c.projects.roles.retrieve(project_id=project_id, role_id=role_id),
        match="archived",
    )
    assert [role["id"] for role in emulator.store.project_roles[project_id]] == [
        *PREDEFINED,
        role_id,
    ]


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    project_id = add_project(emulator)
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.projects.roles.list(hostile))
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.projects.roles.create(hostile, role_name="A", permissions=[]),
        lambda c: c.projects.roles.retrieve(project_id=project_id, role_id=hostile),
        lambda c: c.projects.roles.retrieve(project_id=hostile, role_id=PREDEFINED[0]),
        lambda c: c.projects.roles.update(project_id=project_id, role_id=hostile, role_name="A"),
        lambda c: c.projects.roles.delete(project_id=project_id, role_id=hostile),
    )


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.projects.roles.list(""),
        lambda c: c.projects.roles.list("proj_a", limit=1001),
        lambda c: c.projects.roles.list("proj_a", order="random"),  # type: ignore[arg-type]
        lambda c: c.projects.roles.create("..", role_name="A", permissions=[]),
        lambda c: c.projects.roles.create("proj_a", role_name="", permissions=[]),
        lambda c: c.projects.roles.create("proj_a", role_name="A", permissions="api.x.read"),
        lambda c: c.projects.roles.update("proj_a", "role_a", role_name=""),
        lambda c: c.projects.roles.retrieve("proj_a", ""),
        lambda c: c.projects.roles.delete("", "role_a"),
    )
