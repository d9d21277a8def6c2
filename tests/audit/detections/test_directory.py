"""What detections may know beside the log."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.detections.directory import Known, read_directory
from openai_admin.audit.detections.settings import Settings
from openai_admin.emulator import Emulator
from tests.audit.detections.test_detecting import client_of


async def read(emulator: Emulator, **settings: Any) -> Known:
    """What is read of an organization."""
    async with client_of(emulator) as client:
        return await read_directory(client, Settings(**settings))


def member(emulator: Emulator, number: int, email: str | None) -> None:
    """Another member of the organization."""
    emulator.store.users.add(
        {
            "object": "organization.user",
            "id": f"user-{number}",
            "name": f"Member {number}",
            "email": email,
            "role": "reader",
            "added_at": 1,
        }
    )


async def test_roles_that_make_owners_and_those_that_change_access(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        all_ = await client.roles.create(role_name="All", permissions=["api.management.*"])
        some = await client.roles.create(role_name="Some", permissions=["api.mtls.write"])
        none = await client.roles.create(role_name="None", permissions=["api.usage.read"])
    directory = (await read(emulator)).directory
    assert all_.id in directory.owner_roles
    assert some.id not in directory.owner_roles
    assert directory.powerful_roles[some.id] == "api.mtls.write"
    assert directory.owner_roles <= directory.powerful_roles.keys()
    assert none.id not in directory.powerful_roles
    assert directory.names[some.id] == "Some"


async def test_addresses_of_members_and_owners_of_admin_keys(emulator: Emulator) -> None:
    directory = (await read(emulator)).directory
    (user,) = emulator.store.users
    assert directory.emails == {user["id"]: user["email"]}
    assert set(directory.key_owners.values()) == {user["id"]}


@pytest.mark.parametrize(
    ("addresses", "own"),
    [
        (["a@acme.example"] * 3, {"acme.example"}),
        (["a@Acme.example"] * 6 + ["b@acme.dev"] * 3, {"acme.example", "acme.dev"}),
        (["a@acme.example"] * 6 + ["b@agency.example"] * 2, {"acme.example"}),
        (["a@acme.example"] * 40 + ["b@agency.example"] * 3, {"acme.example"}),
        (["a@acme.example"] * 6 + ["b@gmail.com"] * 4, {"acme.example"}),
        (["a@gmail.com"] * 6, {"gmail.com"}),
    ],
)
async def test_the_domains_of_most_members_are_learned_and_said(
    addresses: list[str], own: set[str], emulator: Emulator
) -> None:
    first, *others = addresses
    (owner,) = emulator.store.users
    emulator.store.users.update(owner["id"], {"email": first})
    for number, email in enumerate(others):
        member(emulator, number, email)
    known = await read(emulator)
    assert known.directory.domains == own
    (note,) = known.notes
    assert note.startswith("Addresses of ")
    assert f"of {len(addresses)} members" in note


async def test_domains_of_the_settings_are_not_learned(emulator: Emulator) -> None:
    known = await read(emulator, domains=frozenset({"acme.example"}))
    assert known.directory.domains == {"acme.example"}
    assert known.notes == ()
