"""What becomes of a key because of who has it."""

from __future__ import annotations

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator, parse_fault
from tests.emulator.faults.raw_client import Answer, send


async def models(emulator: Emulator, key: str) -> Answer:
    return await send(emulator, "GET", "/models", headers={"Authorization": f"Bearer {key}"})


async def test_the_key_of_who_left_the_project_is_refused() -> None:
    async with (
        Emulator(state="empty") as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        emulator.faults.add(parse_fault("owner-left"))
        invite = await client.invites.create(email="ada@example.com", role="reader")
        person = emulator.accept_invite(invite.id)["id"]
        project = await client.projects.create(name="Robots")
        await client.projects.users.create(project.id, user_id=person, role="member")
        key = emulator.add_project_key(project.id, owner_id=person)
        assert (await models(emulator, key)).status == 200
        await client.projects.users.delete(project.id, person)
        refused = await models(emulator, key)
        assert (refused.status, refused.json["error"]["code"]) == (401, "invalid_project")
        emulator.faults.clear()
        assert (await models(emulator, key)).status == 200


async def test_the_key_of_a_service_account_is_not_deleted() -> None:
    async with (
        Emulator(state="empty") as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        emulator.faults.add(parse_fault("undeletable-keys"))
        project = await client.projects.create(name="Robots")
        account = await client.projects.service_accounts.create(project.id, name="bot")
        emulator.add_project_key(project.id, name="laptop")
        path = f"/organization/projects/{project.id}/api_keys"
        keys = await client.projects.api_keys.list(project.id, owner_project_access="any")
        statuses = {
            key.name: (await send(emulator, "DELETE", f"{path}/{key.id}")).status
            for key in keys.data
        }
        assert account.api_key is not None
        assert statuses == {account.api_key.name: 400, "laptop": 200}
