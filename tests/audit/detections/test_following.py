"""Following: what was before is learned from, also at a restart, and nothing is told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, AuditLogPosition, PermissionDeniedError
from openai_admin.audit.detections.exceptions import AcceptedRisk
from openai_admin.audit.detections.following import Follower
from openai_admin.audit.detections.model import Finding
from openai_admin.audit.detections.settings import Settings
from openai_admin.audit.detections.told import ToldFindings
from openai_admin.emulator import Emulator, Status
from tests.audit.detections.examples import EXAMPLES
from tests.audit.detections.test_detecting import DAY, Odd, archived, client_of

_MINUTE = timedelta(minutes=1)


def follower_of(client: AsyncOpenAIAdmin, **given: Any) -> Follower:
    """A follower of the examples."""
    return Follower(
        client=client,
        **{
            "detections": EXAMPLES,
            "settings": Settings(),
            "position": AuditLogPosition(),
            "poll": 0.01,
            **given,
        },
    )


async def told(
    client: AsyncOpenAIAdmin, follower: Follower, until: int, *, begun: bool = False
) -> Sequence[Finding]:
    """What is told until so many findings were."""
    if not begun:
        await follower.begin()
    found: list[Finding] = []
    events = client.audit_logs.tail(
        since=follower.position,
        poll=0.01,
        unreadable=lambda odd: found.extend(follower.take_odd(odd)),
    )
    async with asyncio.timeout(30):
        async for event in events:
            found += await follower.take(event)
            if follower.position.file is not None:
                follower.position.save()
            if len(found) >= until:
                break
    await events.aclose()
    return found


async def test_what_was_before_is_learned_from_and_not_told(emulator: Emulator) -> None:
    archived(emulator, "proj_0", ago=60 * DAY)
    archived(emulator, "proj_1", ago=3 * DAY)
    archived(emulator, "proj_2", ago=_MINUTE / 2)  # within what may still come late
    async with client_of(emulator) as client:
        follower = follower_of(client)
        await follower.begin()
        assert follower.learned_from == len(emulator.store.audit_logs) - 1
        archived(emulator, "proj_3", ago=-_MINUTE)
        found = await told(client, follower, 2, begun=True)
    assert [(each.detection, each.about) for each in found] == [
        ("project_archived", "proj_3"),
        ("busy", "user-1"),  # the third thing
    ]


async def test_from_a_time_on_what_is_after_it_is_told(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=3 * DAY)
    archived(emulator, "proj_2", ago=DAY)
    since = int((datetime.now(UTC) - 2 * DAY).timestamp())
    async with client_of(emulator) as client:
        follower = follower_of(client, position=AuditLogPosition(floor=since))
        found = await told(client, follower, 1)
    assert [each.about for each in found] == ["proj_2"]
    assert follower.learned_from == 1


async def test_after_a_restart_it_knows_what_was_read_and_tells_what_was_not(
    emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "position.json"
    since = datetime.now(UTC) - DAY
    archived(emulator, "proj_1", ago=_MINUTE)
    archived(emulator, "proj_2", ago=_MINUTE)
    async with client_of(emulator) as client:
        first = follower_of(client, position=AuditLogPosition.from_file(file, since=since))
        assert [each.about for each in await told(client, first, 2)] == ["proj_1", "proj_2"]
        archived(emulator, "proj_3", ago=_MINUTE)
        second = follower_of(client, position=AuditLogPosition.from_file(file))
        found = await told(client, second, 2)
    assert [(each.detection, each.about) for each in found] == [
        ("project_archived", "proj_3"),
        ("busy", "user-1"),  # two before it were learned again
    ]


async def test_what_was_told_but_not_saved_comes_once(emulator: Emulator, tmp_path: Path) -> None:
    since = int((datetime.now(UTC) - DAY).timestamp())
    archived(emulator, "proj_1", ago=_MINUTE)
    kept = ToldFindings(tmp_path / "findings")
    async with client_of(emulator) as client:
        first = follower_of(client, position=AuditLogPosition(floor=since), told=kept)
        for each in await told(client, first, 1):
            kept.add(each.id)
        # Killed before the position was saved: the event comes again.
        archived(emulator, "proj_2", ago=timedelta())
        again = ToldFindings(tmp_path / "findings")
        second = follower_of(client, position=AuditLogPosition(floor=since), told=again)
        assert [each.about for each in await told(client, second, 1)] == ["proj_2"]


async def test_a_late_event_is_looked_at_when_it_comes(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        follower = follower_of(client)
        await follower.begin()
        archived(emulator, "proj_2", ago=timedelta())
        found = [*await told(client, follower, 1, begun=True)]
        archived(emulator, "proj_1", ago=_MINUTE)
        found += await told(client, follower, 1, begun=True)
    assert [each.about for each in found] == ["proj_2", "proj_1"]


async def test_what_cannot_be_read_as_an_event_is_looked_at(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        follower = follower_of(client)
        await follower.begin()
        archived(emulator, "proj_1", ago=timedelta())
        emulator.faults.add(Odd(match="audit_logs.list", field="id"))
        found: list[Finding] = []
        task = asyncio.create_task(_odd(client, follower, found))
        async with asyncio.timeout(30):
            while not found:
                await asyncio.sleep(0.01)
        task.cancel()
    assert [each.about for each in found] == ["proj_1"]


async def _odd(client: AsyncOpenAIAdmin, follower: Follower, found: list[Finding]) -> None:
    events = client.audit_logs.tail(
        since=follower.position,
        poll=0.01,
        unreadable=lambda odd: found.extend(follower.take_odd(odd)),
    )
    async for event in events:
        await follower.take(event)


async def test_what_an_exception_covers_is_told_as_accepted(emulator: Emulator) -> None:
    risk = AcceptedRisk(
        detections=frozenset({"project_archived"}),
        reason="Known",
        until=datetime.now(UTC).date() + DAY,
        persons=frozenset({"jo@acme.example"}),
    )
    async with client_of(emulator) as client:
        follower = follower_of(client, settings=Settings(exceptions=(risk,)))
        await follower.begin()
        archived(emulator, "proj_1", ago=timedelta())
        (found,) = await told(client, follower, 1, begun=True)
    assert found.accepted is not None
    assert found.accepted.startswith("Known (until ")


async def test_an_outage_at_the_beginning_is_waited_out_and_learned_once(
    emulator: Emulator,
) -> None:
    archived(emulator, "proj_1", ago=DAY)
    archived(emulator, "proj_2", ago=DAY)
    emulator.faults.add(Status(match="audit_logs.list", status=503, times=3))
    async with client_of(emulator) as client:
        follower = follower_of(client)
        await follower.begin()
        archived(emulator, "proj_3", ago=timedelta())
        found = await told(client, follower, 2, begun=True)
    assert [each.detection for each in found] == ["project_archived", "busy"]


async def test_a_refusal_ends_it(emulator: Emulator) -> None:
    emulator.faults.add(Status(match="audit_logs.list", status=403))
    async with client_of(emulator) as client:
        with pytest.raises(PermissionDeniedError):
            await follower_of(client).begin()


async def test_roles_are_read_again_after_an_hour(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(emulator) as client:
        follower = follower_of(client)
        await follower.begin()
        role = await client.roles.create(role_name="All", permissions=["api.management.write"])
        assert role.id not in follower.known.directory.owner_roles
        monkeypatch.setattr("openai_admin.audit.detections.following._FRESH", 0.0)
        archived(emulator, "proj_1", ago=timedelta())
        await told(client, follower, 1, begun=True)
        assert role.id in follower.known.directory.owner_roles
