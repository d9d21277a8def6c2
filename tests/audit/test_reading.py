"""A stretch of the log, read oldest first in little memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.audit.reading import read
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.errors import APIError
from openai_admin.resources.audit_logs.items import key_of

BEGIN = 1_790_000_000
_ACTOR = {"type": "session", "session": {"user": {"id": "user-1", "email": "a@example.com"}}}


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of an organization with an empty log."""
    async with AsyncOpenAIAdmin(admin_key=emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


def moment(seconds: int) -> datetime:
    """So many seconds after the beginning."""
    return datetime.fromtimestamp(BEGIN + seconds, UTC)


def publish(emulator: Emulator, *seconds: int) -> list[str]:
    """Have events in the log that happened then; their ids."""
    return [
        emulator.store.audit(
            "project.archived", {"id": "proj"}, actor=_ACTOR, effective_at=BEGIN + each
        )["id"]
        for each in seconds
    ]


async def ids(client: AsyncOpenAIAdmin, since: int, until: int) -> list[str]:
    """What is read of a stretch."""
    return [key_of(item) async for item in read(client.audit_logs, moment(since), moment(until))]


async def test_each_comes_once_oldest_first(emulator: Emulator, client: AsyncOpenAIAdmin) -> None:
    published = publish(emulator, *range(50), 50, 50, 50, 200, 3000)
    assert await ids(client, 0, 5000) == published
    assert await ids(client, 50, 200) == published[50:53]
    assert await ids(client, 200, 200) == []


async def test_a_long_one_is_yielded_before_all_of_it_is_listed(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    published = publish(emulator, *(number // 2 for number in range(7_000)))
    events = read(client.audit_logs, moment(0), moment(10_000))
    first = key_of(await anext(events))
    assert len(emulator.requests) < 40  # pages, of 70
    found = [first, *[key_of(item) async for item in events]]
    assert found == published
    assert len(emulator.requests) < 2 * 70


async def test_events_of_the_future_come_too(emulator: Emulator, client: AsyncOpenAIAdmin) -> None:
    ahead = int(datetime.now(UTC).timestamp()) - BEGIN + 1_000_000
    published = publish(emulator, *range(2_200), *range(ahead, ahead + 2_100))
    assert await ids(client, 0, ahead + 10_000) == published
    assert await ids(client, ahead, ahead + 10_000) == published[2_200:]


@attrs.frozen(kw_only=True)
class WithoutTime(JSONFault):
    """Some events have lost their time; they are listed wherever they were."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in value["data"]:
            if event["effective_at"] % 500 == 7:
                event["effective_at"] = None
        return value


async def test_odd_ones_stay_in_place_and_come_once(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    published = publish(emulator, *range(3_000))
    emulator.faults.add(WithoutTime(match="audit_logs.list"))
    found = await ids(client, 0, 5_000)
    assert sorted(found) == sorted(published)


async def test_a_part_that_is_refused_is_an_error_that_says_up_to_where_it_was_read(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    published = publish(emulator, *range(5_000))
    found: list[str] = []

    async def reading() -> None:
        async for item in read(client.audit_logs, moment(0), moment(10_000)):
            found.append(key_of(item))
            if len(found) == 1:
                emulator.faults.add(Status(status=403, match="audit_logs.list"))

    with pytest.raises(APIError) as caught:
        await reading()
    assert found == published[: len(found)]
    assert 0 < len(found) < len(published)
    (note,) = caught.value.__notes__
    reached = moment(len(found))
    assert note.startswith(f"The audit log was read up to {reached:%Y-%m-%d %H:%M:%S} UTC;")
