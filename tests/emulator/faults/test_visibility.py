"""What was just created and is not known everywhere yet."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_admin.emulator import Emulator, parse_fault
from tests.emulator.faults.raw_client import Answer, send
from tests.emulator.faults.time_machine import Time

NOW = 1_795_512_345


@pytest.fixture
async def organization(time: Time) -> AsyncIterator[Emulator]:
    """A project and nothing else, with all operations, in virtual time."""
    async with Emulator(
        state="empty", now=lambda: NOW, sleep=time.sleep, clock=time.clock
    ) as emulator:
        emulator.add_key(admin=False)
        yield emulator


@pytest.fixture
def accounts(organization: Emulator) -> str:
    """The path of the project's service accounts."""
    project = next(iter(organization.store.projects))
    return f"/organization/projects/{project['id']}/service_accounts"


async def post(emulator: Emulator, path: str, **body: Any) -> Any:
    answer = await send(emulator, "POST", path, body=json.dumps(body).encode())
    assert answer.status == 200
    return answer.json


async def status(emulator: Emulator, path: str, key: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return (await send(emulator, "GET", path, headers=headers)).status


async def listed(emulator: Emulator, path: str) -> list[str]:
    answer = await send(emulator, "GET", path)
    found = answer.json
    ids = [item["id"] for item in found["data"]]
    assert (found["first_id"], found["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))
    return ids


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


async def test_what_was_created_is_not_known_for_a_moment(
    organization: Emulator, accounts: str, time: Time
) -> None:
    old = await post(organization, accounts, name="old")
    organization.faults.add(parse_fault("not-yet-visible::seconds=2s"))
    new = await post(organization, accounts, name="new")
    target, keys = f"{accounts}/{new['id']}", accounts.replace("service_accounts", "api_keys")
    secret, key = new["api_key"]["value"], new["api_key"]["id"]
    assert code(await send(organization, "GET", target)) == (404, "not_found")
    assert code(await send(organization, "DELETE", target)) == (404, "not_found")
    assert await listed(organization, accounts) == [old["id"]]
    assert key not in await listed(organization, keys)
    assert await status(organization, f"{keys}/{key}") == 404
    assert await status(organization, "/models", secret) == 401
    assert await status(organization, "/models", old["api_key"]["value"]) == 200
    assert await status(organization, f"{accounts}/{old['id']}") == 200
    await time.sleep(2)
    assert await status(organization, target) == 200
    assert await listed(organization, accounts) == [old["id"], new["id"]]
    assert key in await listed(organization, keys)
    assert await status(organization, "/models", secret) == 200


async def test_what_was_created_is_unknown_to_the_first_who_look(
    organization: Emulator, accounts: str
) -> None:
    organization.faults.add(parse_fault("unseen-at-first::looks=2"))
    new = await post(organization, accounts, name="new")
    target = f"{accounts}/{new['id']}"
    assert [await status(organization, target) for _ in range(3)] == [404, 404, 200]
    assert await listed(organization, accounts) == [new["id"]]
    secret = new["api_key"]["value"]
    assert [await status(organization, "/models", secret) for _ in range(3)] == [401, 401, 200]
    second = await post(organization, accounts, name="second")
    assert await listed(organization, accounts) == [new["id"]]
    assert await status(organization, f"{accounts}/{second['id']}") == 404
    assert await listed(organization, accounts) == [new["id"], second["id"]]


async def test_a_new_admin_key_is_not_accepted_at_first(organization: Emulator) -> None:
    organization.faults.add(parse_fault("unseen-at-first::looks=1,in-listings=no,by-id=no"))
    keys = "/organization/admin_api_keys"
    new = await post(organization, keys, name="new")
    assert new["id"] in await listed(organization, keys)
    assert await status(organization, f"{keys}/{new['id']}") == 200
    assert [await status(organization, keys, new["value"]) for _ in range(2)] == [401, 200]


async def test_a_new_member_is_unknown_in_the_project_alone(
    organization: Emulator, accounts: str
) -> None:
    store = organization.store
    owner = store.first_owner()["id"]
    users = accounts.replace("service_accounts", "users")
    await send(organization, "DELETE", f"{users}/{owner}")
    organization.faults.add(parse_fault("unseen-at-first:*users.*:looks=2,as-key=no"))
    await post(organization, users, user_id=owner, role="member")
    assert await status(organization, f"/organization/users/{owner}") == 200
    assert await listed(organization, users) == []
    assert [await status(organization, f"{users}/{owner}") for _ in range(2)] == [404, 200]


async def test_a_listing_goes_on_past_what_it_leaves_out(
    organization: Emulator, accounts: str
) -> None:
    organization.faults.add(parse_fault("not-yet-visible::seconds=60,by-id=no,as-key=no"))
    for name in ("a", "b", "c"):
        await post(organization, accounts, name=name)
    page = (await send(organization, "GET", f"{accounts}?limit=1")).json
    assert (page["data"], page["has_more"]) == ([], True)
    rest = (await send(organization, "GET", f"{accounts}?limit=2&after={page['last_id']}")).json
    assert (rest["data"], rest["has_more"]) == ([], False)
