"""Owners by another role than their membership's are owners wherever owners are looked for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin.directory.concerns import concerns
from openai_admin.directory.owners import MOST_PEOPLE, owners_by_group, owners_by_role
from openai_admin.directory.permissions import covers, makes_owner
from openai_admin.directory.reading import Reads
from openai_admin.emulator import Emulator, Status
from openai_admin.insights import inactive_owners
from openai_admin.insights.findings import FINDINGS


def test_what_makes_an_owner() -> None:
    assert covers("api.*", "api.prompts.write")
    assert covers("api.prompts.write", "api.*.write")
    assert not covers("api.prompts.*", "api.project.write")
    for id, name, permissions, is_predefined, expected in (
        ("role-api-organization-owner", None, None, True, True),
        ("role_1", "Owner", [], True, True),
        ("role_1", "owner", [], False, False),  # a name is worth nothing
        ("role_1", "Deputy", ["api.management.write"], False, True),
        ("role_1", "Deputy", ["api.*"], False, True),
        ("role_1", "Reader", ["api.management.read"], False, False),
        ("role_1", "Odd", None, False, False),
    ):
        assert makes_owner(id, name, permissions, is_predefined=is_predefined) is expected, name


async def test_owners_by_a_group_count(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        groups = [group async for group in client.groups.list()]
        finance = next(group for group in groups if group.name == "Finance")
        members = [user.id async for user in client.groups.users.list(finance.id)]
        role = await client.roles.create(
            role_name="Stand-in", permissions=["api.management.read", "api.management.write"]
        )
        await client.groups.roles.create(finance.id, role_id=role.id)
        demo.requests.clear()
        reads = Reads(client._caller)
        found = await owners_by_group(client, reads)
        assert found == {id: ["Finance"] for id in members}
        assert not reads.not_known
        sent = Counter(request.operation for request in demo.requests)
        assert sent == {
            "groups.list": 1,
            "groups.roles.list": len(groups),
            "groups.users.list": 1,
        }
        # Nobody of them was seen for long: a review finds them, as it finds owners by name.
        users = [user async for user in client.users.list()]
        later = datetime(2030, 1, 1, tzinfo=UTC)
        by_role = {user.user_id for user in inactive_owners(users, now=later)}
        by_group = {user.user_id for user in inactive_owners(users, now=later, owners=found)}
        assert by_group - by_role == set(members)
        for user in users:
            if user.role == "owner" and user.id != users[0].id:
                demo.store.users.update(user.id, {"role": "reader"})
        (told,) = await concerns(client, OPERATIONS["users.delete"], {"user_id": users[0].id})
        assert told == "It is the last owner by membership; others own it through groups (Finance)."
        demo.faults.add(Status(match="groups.roles.list", status=403))
        (told,) = await concerns(client, OPERATIONS["users.delete"], {"user_id": users[0].id})
        assert told == "It is the last owner of the organization."


async def test_owners_by_a_role_of_their_own_count_where_it_is_cheap_to_ask(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        users = [user async for user in client.users.list()]
        role = await client.roles.create(
            role_name="Vice-owner", permissions=["api.management.write"]
        )
        deputy = next(user for user in users if user.role != "owner")
        users = [*users[: MOST_PEOPLE - 1], deputy]
        await client.users.roles.create(deputy.id, role_id=role.id)
        reads = Reads(client._caller)
        found = await owners_by_role(client, reads, users)
        assert found[deputy.id] == ["Vice-owner"]
        assert not reads.not_known
        # Asked of too many, it is not known, and nobody is told that it is nobody.
        demo.requests.clear()
        many = users * (MOST_PEOPLE // len(users) + 2)
        assert await owners_by_role(client, reads, many) == {}
        assert [request.operation for request in demo.requests] == ["roles.list"]
        (part,) = reads.not_known
        assert part.kind == "roles of people"
        assert "a request for each of" in part.reason


async def test_owners_by_openais_own_role_are_asked_for_too(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        for role in [role async for role in client.roles.list()]:
            if not role.predefined_role:
                await client.roles.delete(role.id)
        users = [user async for user in client.users.list()]
        hidden = next(user for user in users if user.role != "owner")
        # The user is asked for as listed before.
        await client.users.roles.create(hidden.id, role_id="role-api-organization-owner")
        reads = Reads(client._caller)
        assert await owners_by_role(client, reads, [hidden]) == {hidden.id: ["owner"]}
        # Of many it is not asked: a report says then of whom it speaks, and that is no failure.
        demo.requests.clear()
        assert await owners_by_role(client, reads, [hidden] * (MOST_PEOPLE + 1)) == {}
        assert [request.operation for request in demo.requests] == ["roles.list"]
        assert not reads.not_known
        found = attrs.evolve(await client.insights.review(), inactive_owners=())
    owners = FINDINGS["inactive_owners"]
    assert owners.sentences(found)[0].startswith("Every owner of the organization was seen")
    found = attrs.evolve(found, are_owners_asked=False)
    assert owners.sentences(found)[0].startswith("Every owner by membership or group was seen")
