"""An organization of a few people, one of whom holds something of every kind."""

from __future__ import annotations

import time
from typing import Any

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.demo.people import new_user

NOW = int(time.time())


@attrs.frozen(kw_only=True)
class Org:
    """The organization, and the ids that tests name.

    Attributes:
        emulator: serves it.
        client: the client of Olivia, its first owner, without retries.
        lea: an owner who holds everything, and leaves.
        max: a reader.
        alone: the project that Lea alone owns.
        shared: a project that Olivia owns, with Lea as a member.
    """

    emulator: Emulator
    client: AsyncOpenAIAdmin
    lea: str
    max: str
    alone: str
    shared: str


def client_of(emulator: Emulator, key: str | None = None, **settings: Any) -> AsyncOpenAIAdmin:
    """A client that does not retry."""
    return AsyncOpenAIAdmin(
        key or emulator.admin_key, base_url=emulator.base_url, max_retries=0, **settings
    )


def add_person(emulator: Emulator, name: str, role: str = "reader", **changed: Any) -> str:
    """Add a member, and return the id."""
    store = emulator.store
    address = f"{name.split()[0].lower()}@example.com"
    user = new_user(store, name, role, NOW, address=address) | changed
    id: str = store.users.add(user)["id"]
    return id


async def made(emulator: Emulator, client: AsyncOpenAIAdmin) -> Org:
    """Fill an empty organization."""
    store = emulator.store
    olivia = store.first_owner()["id"]
    # Before Lea is a member: the identity provider has brought her in meanwhile.
    for address in ("LEA@example.com", "new@example.com"):
        await client.invites.create(email=address, role="reader", projects=[])
    lea, max_ = add_person(emulator, "Lea Roth", "owner"), add_person(emulator, "Max Muster")
    alone, shared = [(await client.projects.create(name=name)).id for name in ("Alone", "Shared")]
    await client.projects.users.create(alone, user_id=lea, role="owner")
    await client.projects.users.create(shared, user_id=olivia, role="owner")
    await client.projects.users.create(shared, user_id=lea, role="member")
    emulator.add_project_key(alone, owner_id=lea, name="laptop")
    emulator.add_project_key(shared, owner_id=lea, name="notebook")
    emulator.add_project_key(shared, owner_id=max_, name="max-ci")
    store.issue_admin_key("lea-admin", store.users.get(lea))
    await client.projects.service_accounts.create(shared, name="etl")
    role = await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    await client.users.roles.create(lea, role_id=role.id)
    inner = await client.projects.roles.create(
        shared, role_name="Caller", permissions=["api.model.request"]
    )
    await client.projects.users.roles.create(shared, lea, role_id=inner.id)
    group = await client.groups.create(name="Crew")
    for member in (lea, max_):
        await client.groups.users.create(group.id, user_id=member)
    emulator.requests.clear()
    return Org(emulator=emulator, client=client, lea=lea, max=max_, alone=alone, shared=shared)


def of(emulator: Emulator, user_id: str) -> list[str]:
    """What of somebody is in an organization, looked up in its state and not through the API."""
    store = emulator.store
    person = store.users.find(user_id)
    # Whoever is not there any more is Lea.
    address = person["email"] if person is not None else "lea@example.com"
    found = [f"user {u['id']}" for u in store.users if u["id"] == user_id]
    found += [f"admin key {k['id']}" for k in store.admin_api_keys if k["owner"]["id"] == user_id]
    for project_id, keys in store.project_api_keys.items():
        for key in keys:
            if (key["owner"].get("user") or {}).get("id") == user_id:
                found.append(f"key {key['id']} of {project_id}")
    for kind, memberships in (("project", store.project_users), ("group", store.group_users)):
        found += [f"{kind} {id}" for id in memberships.scopes_of(user_id)]
    found += [
        f"invite {i['id']}"
        for i in store.invites
        if i["email"].lower() == address and i["status"] == "pending"
    ]
    return found
