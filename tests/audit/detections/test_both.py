"""The organization's events and the tenant's, as one log: in order, and each refused alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from aiohttp import web

from openai_admin.audit.detections.both import Both
from openai_admin.audit.detections.detecting import Detected, detect
from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.resources.audit_logs.items import time_of
from tests.audit.detections.test_detecting import ACTOR, archived, client_of

DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class OfTenant(Status):
    """The status is the answer where the tenant's events are asked for."""

    async def apply(self, exchange: Exchange) -> web.Response:
        if "tenant_only=true" in exchange.query:
            return await super().apply(exchange)
        return await exchange.run()


def owner_of_tenant(emulator: Emulator, *, ago: timedelta) -> str:
    """Somebody who is made an owner by an event of the tenant."""
    payload = {"id": "user-9", "changes_requested": {"role": "owner"}}
    at = emulator.store.now() - int(ago.total_seconds())
    return str(
        emulator.store.audit("tenant.user.updated", payload, effective_at=at, actor=ACTOR)["id"]
    )


async def found(emulator: Emulator) -> Detected:
    async with client_of(emulator) as client:
        return await detect(client, [d for d in DETECTIONS if d.key == "owner_granted"])


async def test_events_of_both_listings_come_in_order_of_time(emulator: Emulator) -> None:
    for days in range(1, 20, 2):
        archived(emulator, f"proj_{days}", ago=days * DAY)
        owner_of_tenant(emulator, ago=(days + 1) * DAY)
    now = datetime.fromtimestamp(emulator.store.now(), UTC)
    async with client_of(emulator) as client:
        log = Both(client.audit_logs)
        items = [item async for item in log.read(now - 30 * DAY, now + DAY)]
    times = [time_of(item) or 0 for item in items]
    assert len({getattr(item, "id", None) for item in items}) == len(emulator.store.audit_logs)
    assert times == sorted(times)
    assert (log.notes, log.not_known) == ([], [])


async def test_what_the_tenant_tells_is_found(emulator: Emulator) -> None:
    id = owner_of_tenant(emulator, ago=DAY)
    result = await found(emulator)
    assert [each.evidence[-1].id for each in result.findings] == [id]


async def test_events_of_the_demos_tenant_are_looked_at(demo: Emulator) -> None:
    mine = [e for e in demo.store.audit_logs if not e["type"].startswith("tenant.")]
    async with client_of(demo) as client:
        result = await detect(client, (), history=timedelta(days=400))
    assert result.events + result.learned_from > len(mine)


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refusal_for_want_of_a_tenant_is_a_note(status: int, emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=DAY)
    quiet = await found(emulator)
    emulator.faults.add(OfTenant(match="audit_logs.list", status=status))
    result = await found(emulator)
    assert result.events == quiet.events
    assert result.not_known == ()
    assert result.notes[-1] == (
        "Events of the tenant above the organization were not looked at: the API refused them"
        f" ({status}), as it does where there is no tenant."
    )


async def test_another_failure_of_the_tenants_listing_is_not_known(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=DAY)
    quiet = await found(emulator)
    emulator.faults.add(OfTenant(match="audit_logs.list", status=500))
    result = await found(emulator)
    assert result.events == quiet.events
    (told,) = result.not_known
    assert told.startswith("Events of the tenant above the organization could not be read: ")
