"""Events of the audit log that appear late, and events that are dated ahead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_admin.emulator import Emulator, parse_fault
from tests.emulator.faults.raw_client import send

NOW = 1_795_512_345
LOG = "/organization/audit_logs"


class Clock:
    """A clock that is set."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def organization(clock: Clock) -> AsyncIterator[Emulator]:
    """A log with an event for each of the last forty minutes, the oldest first."""
    async with Emulator(state="empty", now=clock) as emulator:
        actor = {"type": "session", "session": {"user": {"id": "user-1", "email": "a@b.example"}}}
        for minute in range(40, 0, -1):
            emulator.store.audit(
                "scim.enabled", {"id": "o"}, actor=actor, effective_at=NOW - 60 * minute
            )
        yield emulator


async def page(emulator: Emulator, query: str = "?limit=100") -> dict[str, Any]:
    answer = await send(emulator, "GET", LOG + query)
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


async def ages(emulator: Emulator) -> list[int]:
    """How many minutes ago each event of the log happened, as it comes."""
    return [(NOW - event["effective_at"]) // 60 for event in (await page(emulator))["data"]]


async def test_events_appear_after_so_many_seconds(organization: Emulator, clock: Clock) -> None:
    organization.faults.add(parse_fault("late-events::seconds=5m"))
    assert await ages(organization) == list(range(5, 41))
    clock.now += 120
    assert await ages(organization) == list(range(3, 41))


async def test_a_late_event_appears_between_older_ones(
    organization: Emulator, clock: Clock
) -> None:
    organization.faults.add(parse_fault("late-events:audit_logs.*:seconds=1h,share=0.3"))
    before = await ages(organization)
    assert before == await ages(organization)
    assert 15 < len(before) < 40
    assert before[0] < 5
    clock.now += 3600
    assert await ages(organization) == list(range(1, 41))


async def test_pages_go_on_behind_what_is_hidden(organization: Emulator) -> None:
    organization.faults.add(parse_fault("late-events::seconds=25m"))
    found, query = [], "?limit=10"
    while True:
        answer = await page(organization, query)
        found += [(NOW - event["effective_at"]) // 60 for event in answer["data"]]
        if not answer["has_more"]:
            break
        query = f"?limit=10&after={answer['last_id']}"
    assert found == list(range(25, 41))
    assert answer["last_id"] == answer["data"][-1]["id"]


async def test_a_page_of_which_nothing_is_left_names_nothing(organization: Emulator) -> None:
    organization.faults.add(parse_fault("late-events::seconds=2h"))
    answer = await page(organization)
    assert (answer["data"], answer["first_id"], answer["last_id"]) == ([], None, None)


async def test_events_are_dated_ahead(organization: Emulator) -> None:
    usual = [event["id"] for event in (await page(organization))["data"]]
    organization.faults.add(parse_fault("future-events::seconds=10m,share=0.2"))
    events = (await page(organization))["data"]
    times = [event["effective_at"] for event in events]
    assert times == sorted(times, reverse=True)
    assert sorted(event["id"] for event in events) == sorted(usual)
    assert [event["id"] for event in events] != usual
    assert 0 < sum(time > NOW for time in times) < 10


async def test_other_requests_are_left_alone(organization: Emulator) -> None:
    organization.faults.add(parse_fault("late-events::seconds=5m"))
    answer = await send(organization, "GET", "/organization/users")
    assert answer.status == 200
    assert len(answer.json["data"]) == 1
