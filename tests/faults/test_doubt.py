"""Doubt: creations whose answers are lost are neither repeated nor lost without an error."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from benchmarks import dead_service, doubt
from openai_admin import AsyncOpenAIAdmin, InternalServerError, OutcomeUnknownError
from openai_admin.emulator import Drop, Emulator, Status


async def test_a_thousand_creations_are_neither_doubled_nor_lost(emulator: Emulator) -> None:
    emulator.faults.add(Drop(match="projects.create", rate=0.2, after_effect=True))
    outcome = await doubt.ours(emulator)
    print(outcome)
    assert outcome.returned + outcome.found == outcome.asked == 1_000
    assert outcome.missing == outcome.duplicates == outcome.failed == 0
    assert 150 < outcome.found < 250
    created = [r for r in emulator.requests if r.operation == "projects.create"]
    assert len(created) == 1_000


async def test_what_was_lost_before_the_change_is_told_apart(emulator: Emulator) -> None:
    emulator.faults.add(Drop(match="projects.create", every=3, after_effect=True))
    emulator.faults.add(Status(status=502, match="projects.create", every=5))
    outcome = await doubt.ours(emulator, creations=150)
    assert outcome.nothing > 0
    assert outcome.found > 0
    assert outcome.returned + outcome.found + outcome.nothing == 150
    assert outcome.missing == outcome.duplicates == outcome.failed == 0
    assert len(emulator.store.projects) == outcome.returned + outcome.found


async def test_what_was_there_before_is_not_taken_for_what_was_created(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        old = await client.projects.create(name="twin")
        emulator.store.projects.get(old.id)["created_at"] -= 3600
        emulator.faults.add(Status(status=502, match="projects.create"))
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.projects.create(name="twin")
        assert await caught.value.reconcile(wait=0) is None


Create = Callable[[AsyncOpenAIAdmin, int], Awaitable[Any]]

CREATIONS: dict[str, tuple[Create, Callable[[Any], str]]] = {
    "invites.create": (
        lambda client, n: client.invites.create(email=f"u{n}@example.com", role="reader"),
        lambda invite: invite.email,
    ),
    "groups.create": (
        lambda client, n: client.groups.create(name=f"g{n}"),
        lambda group: group.name,
    ),
    "roles.create": (
        lambda client, n: client.roles.create(
            role_name=f"r{n}", permissions=["api.organization.projects.read"]
        ),
        lambda role: role.name,
    ),
    "spend_alerts.create": (
        lambda client, n: client.spend_alerts.create(
            threshold_amount=100 * (n + 1),
            currency="USD",
            interval="month",
            notification_channel={"type": "email", "recipients": ["a@example.com"]},
        ),
        lambda alert: str(alert.threshold_amount),
    ),
}


@pytest.mark.parametrize("operation", sorted(CREATIONS))
async def test_other_objects_are_found_by_what_identifies_them(
    emulator: Emulator, operation: str
) -> None:
    create, known_by = CREATIONS[operation]
    emulator.faults.add(Drop(match=operation, every=2, after_effect=True))
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        made, found, errors = [], [], []
        for number in range(20):
            try:
                made.append(known_by(await create(client, number)))
            except OutcomeUnknownError as error:
                errors.append(error)
                found.append(known_by(await doubt.found_by(error)))
    assert len(made) == len(found) == 10
    assert {error.operation for error in errors} == {operation}
    assert Counter(made + found).most_common(1)[0][1] == 1
    assert sum(r.operation == operation for r in emulator.requests) == 20


async def test_a_thousand_tasks_do_not_hammer_a_dead_service(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=503))
    requests = await dead_service.ours(emulator)
    assert requests == dead_service.TASKS + 500 // 5


async def test_successes_pay_for_retries_again(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        emulator.faults.add(Status(status=503))
        dead = (client.projects.retrieve(f"proj_{number}") for number in range(200))
        await asyncio.gather(*dead, return_exceptions=True)
        emulator.faults.clear()
        emulator.requests.clear()

        emulator.faults.add(Status(status=503, times=1))
        with pytest.raises(InternalServerError):
            await client.projects.list()
        assert len(emulator.requests) == 1

        for _ in range(5):
            await client.projects.list()
        emulator.faults.add(Status(status=503, times=1))
        await client.projects.list()
        assert [r.status for r in emulator.requests][-2:] == [503, 200]
