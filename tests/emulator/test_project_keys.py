"""Calls with the keys of projects, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import EmulatedError, Emulator
from tests.emulator.faults.raw_client import Answer, send

NOW = 1_790_000_000


class Tick:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Tick:
    return Tick()


@pytest.fixture
async def emulator(clock: Tick) -> AsyncIterator[Emulator]:
    async with Emulator(state="empty", now=clock) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


async def models(emulator: Emulator, key: str) -> Answer:
    """The answer to a call with this key."""
    return await send(emulator, "GET", "/models", headers={"Authorization": f"Bearer {key}"})


def ids(answer: Answer) -> set[str]:
    assert answer.status == 200
    return {model["id"] for model in answer.json["data"]}


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


async def test_a_service_accounts_key_is_accepted_until_it_is_deleted(
    emulator: Emulator, client: AsyncOpenAIAdmin, clock: Tick
) -> None:
    project = await client.projects.create(name="Robots")
    account = await client.projects.service_accounts.create(project.id, name="bot")
    assert account.api_key
    secret, key_id = str(account.api_key.value), account.api_key.id
    clock.now += 60
    assert "gpt-5" in ids(await models(emulator, secret))
    key = await client.projects.api_keys.retrieve(project.id, key_id)
    assert key.last_used_at is not None
    assert key.last_used_at.timestamp() == clock.now

    second = await client.projects.service_accounts.api_keys.create(project.id, account.id)
    await client.projects.api_keys.delete(project.id, key_id)
    assert code(await models(emulator, secret)) == (401, "invalid_api_key")
    assert ids(await models(emulator, str(second.value)))
    await client.projects.service_accounts.delete(project.id, account.id)
    assert code(await models(emulator, str(second.value))) == (401, "invalid_api_key")


async def test_a_persons_key_moves_when_the_person_was_last_seen(
    emulator: Emulator, client: AsyncOpenAIAdmin, clock: Tick
) -> None:
    invite = await client.invites.create(email="ada@example.com", role="reader")
    owner = emulator.accept_invite(invite.id)["id"]
    key = emulator.add_project_key(owner_id=owner, name="laptop")
    project = (await client.projects.list()).data[0]
    await client.projects.users.create(project.id, user_id=owner, role="member")
    assert (await client.users.retrieve(owner)).api_key_last_used_at is None
    clock.now += 5
    await models(emulator, key)
    listed = [k async for k in client.projects.api_keys.list(project.id)]
    assert [(k.name, k.owner and k.owner.user and k.owner.user.id) for k in listed] == [
        ("laptop", owner)
    ]
    used = (await client.users.retrieve(owner)).api_key_last_used_at
    assert used is not None
    assert listed[0].last_used_at == used
    assert used.timestamp() == clock.now
    first = emulator.store.first_owner()["id"]  # whose admin key the client calls with
    clock.now += 5
    seen = (await client.users.retrieve(first)).api_key_last_used_at
    assert seen is not None
    assert seen.timestamp() == clock.now


async def test_a_model_is_shown_alone(emulator: Emulator) -> None:
    headers = {"Authorization": f"Bearer {emulator.add_key(admin=False)}"}
    shown = await send(emulator, "GET", "/models/gpt-5", headers=headers)
    assert (shown.status, shown.json["id"]) == (200, "gpt-5")
    other = await send(emulator, "GET", "/models/gpt-0", headers=headers)
    assert code(other) == (404, "model_not_found")


async def test_a_key_is_refused_with_the_header_of_another_project(emulator: Emulator) -> None:
    headers = {"Authorization": f"Bearer {emulator.add_key(admin=False)}"}
    own = next(iter(emulator.store.projects))["id"]
    answers = [
        await send(emulator, "GET", "/models", headers=headers | {"OpenAI-Project": project})
        for project in (own, "proj_other")
    ]
    assert answers[0].status == 200
    assert code(answers[1]) == (401, "mismatched_project")


async def test_one_form_of_redacted_value_for_each_kind_of_key(demo: Emulator) -> None:
    project = next(p["id"] for p in demo.store.projects if demo.store.project_api_keys[p["id"]])
    account = next(iter(demo.store.project_service_accounts[project]))["id"]
    demo.add_project_key(project)
    demo.add_project_key(project, owner_id=account)
    for key in demo.store.project_api_keys[project]:
        is_account = key["owner"]["type"] == "service_account"
        begin = "sk-svcacct-..." if is_account else "sk-proj-..."
        assert key["redacted_value"] == begin + demo.secret_of(key["id"])[-4:]


async def test_a_project_has_the_models_that_its_permissions_leave(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    key = emulator.add_key(admin=False)
    project = (await client.projects.list()).data[0]
    everything = ids(await models(emulator, key))
    permissions = client.projects.model_permissions
    await permissions.update(project.id, mode="allow_list", model_ids=["gpt-5", "not-a-model"])
    assert ids(await models(emulator, key)) == {"gpt-5"}
    await permissions.update(project.id, mode="deny_list", model_ids=["gpt-5"])
    assert ids(await models(emulator, key)) == everything - {"gpt-5"}


async def test_each_kind_of_key_has_its_own_side_of_the_api(emulator: Emulator) -> None:
    key = emulator.add_key(admin=False)
    reader = emulator.add_key(admin=False, scopes=["api.all.read"])
    restricted = emulator.add_key(admin=False, scopes=["api.files.read"])
    projects = await send(
        emulator, "GET", "/organization/projects", headers={"Authorization": f"Bearer {key}"}
    )
    assert code(projects) == (403, "missing_scope")
    assert code(await models(emulator, emulator.admin_key)) == (403, "missing_scope")
    assert code(await models(emulator, restricted)) == (403, "missing_scope")
    assert ids(await models(emulator, reader))


async def test_an_unknown_or_expired_key_is_not_accepted(
    emulator: Emulator, client: AsyncOpenAIAdmin, clock: Tick
) -> None:
    assert code(await models(emulator, "sk-proj-canary-canary")) == (401, "invalid_api_key")
    key = emulator.add_key(admin=False, expires_at=NOW + 10)
    project = (await client.projects.list()).data[0]
    assert ids(await models(emulator, key))
    listed = [k async for k in client.projects.api_keys.list(project.id)]
    await client.projects.api_keys.update(project.id, listed[0].id, expires_in_seconds=20)
    clock.now += 15
    assert ids(await models(emulator, key))
    clock.now += 5
    assert code(await models(emulator, key)) == (401, "invalid_api_key")


async def test_an_archived_projects_keys_are_not_accepted(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    project = await client.projects.create(name="Robots")
    key = emulator.add_project_key(project.id)
    assert ids(await models(emulator, key))
    await client.projects.archive(project.id)
    assert code(await models(emulator, key)) == (401, "invalid_api_key")


async def test_a_key_is_made_for_those_there_are_alone(emulator: Emulator) -> None:
    with pytest.raises(EmulatedError, match="No project"):
        emulator.add_project_key("proj_unknown")
    with pytest.raises(EmulatedError, match="No user"):
        emulator.add_project_key(owner_id="user-unknown")
    with pytest.raises(KeyError, match="no key in force has the id 'key_unknown'"):
        emulator.secret_of("key_unknown")


async def test_every_key_of_the_demo_organization_is_accepted(demo: Emulator) -> None:
    archived = {p["id"] for p in demo.store.projects if p["status"] == "archived"}
    for project_id, keys in demo.store.project_api_keys.items():
        assert project_id not in archived or not len(keys)
        for key in list(keys)[:2]:
            secret = demo.secret_of(key["id"])
            assert secret.endswith(key["redacted_value"][-4:])
            assert ids(await models(demo, secret))
    for key in list(demo.store.admin_api_keys):
        assert code(await models(demo, demo.secret_of(key["id"]))) == (403, "missing_scope")


async def test_a_deleted_key_may_work_a_little_longer(clock: Tick) -> None:
    async with (
        Emulator(state="empty", now=clock, key_deletion_delay=30) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        project = await client.projects.create(name="Robots")
        account = await client.projects.service_accounts.create(project.id, name="bot")
        ending = await client.projects.service_accounts.api_keys.create(
            project.id, account.id, expires_in_seconds=10
        )
        assert account.api_key
        await client.projects.service_accounts.delete(project.id, account.id)
        assert (await client.projects.api_keys.list(project.id)).data == []
        secrets = [str(account.api_key.value), str(ending.value)]
        assert [(await models(emulator, secret)).status for secret in secrets] == [200, 200]
        clock.now += 10  # a key that would have ended earlier ends then
        assert [(await models(emulator, secret)).status for secret in secrets] == [200, 401]
        clock.now += 20
        assert [(await models(emulator, secret)).status for secret in secrets] == [401, 401]


async def test_an_admin_key_may_delete_itself(
    emulator: Emulator, client: AsyncOpenAIAdmin, clock: Tick
) -> None:
    key = emulator.add_key(name="own")
    (own,) = (k for k in (await client.admin_api_keys.list()).data if k.name == "own")
    target, headers = f"/organization/admin_api_keys/{own.id}", {"Authorization": f"Bearer {key}"}
    assert (await send(emulator, "DELETE", target, headers=headers)).status == 200
    assert code(await send(emulator, "GET", target, headers=headers)) == (401, "invalid_api_key")
