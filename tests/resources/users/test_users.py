"""Members of the organization."""

from __future__ import annotations

import aiohttp
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
    owner_id,
    payloads,
    refused_unsent,
    told,
)


async def test_the_life_of_a_member(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    first, *others = add_users(emulator, 6)
    owner = owner_id(emulator)

    users = await surface.items(lambda c: c.users.list(limit=2))
    assert ids(users) == [owner, first, *others]

    user = await surface.call(lambda c: c.users.retrieve(first))
    assert (user.email, user.role) == ("user.0@example.com", "reader")
    assert surface.seconds(user.added_at) == emulator.store.users.get(first)["added_at"]
    assert user.projects.data == []

    changed = await surface.call(lambda c: c.users.update(first, role="owner"))
    assert changed.role == "owner"
    await surface.call(lambda c: c.projects.users.create(project_id, user_id=first, role="member"))
    user = await surface.call(lambda c: c.users.retrieve(first))
    assert [(p.id, p.name, p.role) for p in user.projects.data] == [
        (project_id, "Default project", "member")
    ]

    answer = await surface.call(lambda c: c.users.delete(first))
    assert (answer.id, answer.deleted) == (first, True)
    assert ids(await surface.items(lambda c: c.users.list())) == [owner, *others]
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.users.retrieve(first))
    assert await told(surface) == ["user.updated", "user.added", "user.deleted"]
    assert payloads(emulator, "user.updated") == [
        {"id": first, "changes_requested": {"role": "owner"}}
    ]


async def test_members_are_found_by_address(emulator: Emulator, surface: Surface) -> None:
    users = add_users(emulator, 30)
    wanted = ["USER.7@example.com", "user.21@example.com", "nobody@example.com"]
    found = await surface.items(lambda c: c.users.list(emails=wanted, limit=1))
    assert ids(found) == [users[7], users[21]]


async def test_the_last_owner_stays(emulator: Emulator, surface: Surface) -> None:
    (reader,) = add_users(emulator, 1)
    owner = owner_id(emulator)
    before = len(emulator.store.audit_logs)
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.users.delete(owner),
        lambda c: c.users.update(owner, role="reader", technical_level="high"),
        lambda c: c.users.update(owner, role_id="role-api-organization-reader"),
        lambda c: c.users.roles.delete(user_id=owner, role_id="role-api-organization-owner"),
        match="last owner",
    )
    user = emulator.store.users.get(owner)
    assert user["role"] == "owner"
    assert "technical_level" not in user
    assert len(emulator.store.audit_logs) == before

    await surface.call(lambda c: c.users.update(reader, role="owner"))
    await surface.call(lambda c: c.users.update(owner, role="reader"))
    with pytest.raises(surface.errors.BadRequestError, match="last owner"):
        await surface.call(lambda c: c.users.delete(reader))


async def test_who_leaves_is_gone_everywhere_but_from_keys(
    emulator: Emulator, surface: Surface
) -> None:
    leaver, stayer = add_users(emulator, 2)
    project_id = add_project(emulator, "Shared", leaver, stayer)
    group_id = await add_group(surface, "Team", leaver, stayer)
    role_id = await add_role(surface, "Editor", project_id)
    await surface.call(
        lambda c: c.projects.users.roles.create(
            project_id=project_id, user_id=leaver, role_id=role_id
        )
    )
    key = {
        "object": "organization.project.api_key",
        "id": "key_of_leaver",
        "name": "laptop",
        "redacted_value": "sk-proj-****abcd",
        "created_at": 1_700_000_000,
        "last_used_at": None,
        "expires_at": None,
        "owner": {
            "type": "user",
            "user": {
                "id": leaver,
                "name": "User 0",
                "email": "user.0@example.com",
                "role": "member",
                "created_at": 1_700_000_000,
            },
        },
        "owner_project_access": "active",
    }
    emulator.store.project_api_keys[project_id].add(key)

    await surface.call(lambda c: c.users.delete(leaver))

    members = await surface.items(lambda c: c.projects.users.list(project_id))
    assert ids(members) == [stayer]
    assert ids(await surface.items(lambda c: c.groups.users.list(group_id))) == [stayer]
    left = await surface.call(
        lambda c: c.projects.api_keys.retrieve(project_id=project_id, api_key_id="key_of_leaver")
    )
    assert left.owner.user.id == leaver
    assert left.owner_project_access == "inactive"

    # Whoever comes back starts over.
    emulator.store.users.add(
        {
            "object": "organization.user",
            "id": leaver,
            "name": "User 0",
            "email": "user.0@example.com",
            "role": "reader",
            "added_at": emulator.store.now(),
        }
    )
    await surface.call(lambda c: c.projects.users.create(project_id, user_id=leaver, role="member"))
    roles = await surface.items(
        lambda c: c.projects.users.roles.list(project_id=project_id, user_id=leaver)
    )
    assert [r.name for r in roles] == ["member"]


async def test_keys_of_whoever_leaves_stay_in_force(emulator: Emulator, surface: Surface) -> None:
    (leaver,) = add_users(emulator, 1)
    project_id = add_project(emulator, "Shared", leaver)
    secret = emulator.add_project_key(project_id, owner_id=leaver)
    key, _ = emulator.store.issue_admin_key("own", emulator.store.users.get(leaver))
    await surface.call(lambda c: c.users.delete(leaver))
    target = f"{emulator.base_url}/models"
    headers = {"Authorization": f"Bearer {secret}"}
    async with aiohttp.ClientSession() as session, session.get(target, headers=headers) as answer:
        assert answer.status == 200
    hidden = await surface.items(lambda c: c.projects.api_keys.list(project_id))
    left = await surface.items(
        lambda c: c.projects.api_keys.list(project_id, owner_project_access="any")
    )
    assert (hidden, [k.owner.user.id for k in left]) == ([], [leaver])
    assert left[0].last_used_at is not None
    admin_key = await surface.call(lambda c: c.admin_api_keys.retrieve(key["id"]))
    assert admin_key.owner.id == leaver


async def test_members_of_the_identity_provider_are_not_removed(
    emulator: Emulator, surface: Surface
) -> None:
    (user_id,) = add_users(emulator, 1)
    emulator.store.users.update(user_id, {"is_scim_managed": True})
    assert (await surface.call(lambda c: c.users.retrieve(user_id))).is_scim_managed
    with pytest.raises(surface.errors.BadRequestError, match="SCIM") as refused:
        await surface.call(lambda c: c.users.delete(user_id))
    assert refused.value.code == "scim_managed"
    assert (await surface.call(lambda c: c.users.update(user_id, role="owner"))).role == "owner"


async def test_a_projects_last_owner_may_leave_it(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator, "Alone")
    await surface.call(lambda c: c.projects.users.create(project_id, user_id=user_id, role="owner"))
    await surface.call(lambda c: c.projects.users.delete(project_id=project_id, user_id=user_id))
    assert await surface.items(lambda c: c.projects.users.list(project_id)) == []


async def test_a_role_is_given_by_its_id(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    role = await surface.call(
        lambda c: c.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    )
    user = await surface.call(lambda c: c.users.update(user_id, role_id=role.id))
    assert user.role == "reader"
    roles = await surface.items(lambda c: c.users.roles.list(user_id))
    assert [r.name for r in roles] == ["reader", "Auditor"]
    user = await surface.call(
        lambda c: c.users.update(user_id, role_id="role-api-organization-owner")
    )
    assert user.role == "owner"


async def test_what_members_say_of_themselves(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    user = await surface.call(
        lambda c: c.users.update(user_id, developer_persona="data", technical_level="名人")
    )
    assert (user.developer_persona, user.technical_level) == ("data", "名人")
    user = await surface.call(lambda c: c.users.update(user_id, developer_persona=None))
    assert (user.developer_persona, user.technical_level) == (None, "名人")


async def test_an_empty_update_changes_nothing(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    user = await surface.call(lambda c: c.users.update(user_id))
    assert user.role == "reader"
    user = await surface.call(lambda c: c.users.update(user_id, role=None))
    assert user.role == "reader"
    assert await told(surface) == []


@pytest.mark.parametrize("role", ["Owner", "", "admin", "reader\n", "r" * 100_000])
async def test_a_role_that_there_is_not(emulator: Emulator, surface: Surface, role: str) -> None:
    (user_id,) = add_users(emulator, 1)
    with pytest.raises(surface.errors.BadRequestError):
        await surface.call(
            lambda c: c.users.update(user_id, role=role, developer_persona="changed")
        )
    assert emulator.store.users.get(user_id)["role"] == "reader"
    assert "developer_persona" not in emulator.store.users.get(user_id)


async def test_two_roles_at_once(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    with pytest.raises(surface.errors.BadRequestError, match="different roles"):
        await surface.call(
            lambda c: c.users.update(user_id, role="reader", role_id="role-api-organization-owner")
        )
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.users.update(user_id, role="owner", role_id="role_none"))
    assert emulator.store.users.get(user_id)["role"] == "reader"


@pytest.mark.parametrize("user_id", HOSTILE_IDS)
async def test_ids_that_name_nobody(emulator: Emulator, surface: Surface, user_id: str) -> None:
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.users.retrieve(user_id),
        lambda c: c.users.update(user_id, role="owner"),
        lambda c: c.users.delete(user_id),
    )
    assert [r.operation for r in emulator.requests] == [
        "users.retrieve",
        "users.update",
        "users.delete",
    ]
    assert len(emulator.store.users) == 1


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.users.retrieve(""),
        lambda c: c.users.retrieve(".."),
        lambda c: c.users.delete("."),
        lambda c: c.users.delete(7),  # type: ignore[arg-type]
        lambda c: c.users.update("user-a", role=3),  # type: ignore[arg-type]
        lambda c: c.users.update("user-a", role="\ud800"),
        lambda c: c.users.list(limit=0),
        lambda c: c.users.list(limit=101),
        lambda c: c.users.list(limit="ten"),  # type: ignore[arg-type]
        lambda c: c.users.list(emails="a@example.com"),
        lambda c: c.users.list(emails=[""]),
    )
