"""Faults that only listings can have: bad cursors, unknown events; and clocks that disagree."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator, Fault, Status
from openai_admin.emulator.faults import (
    ClockSkew,
    ExpiredCursor,
    MissingCursor,
    RepeatedCursor,
    StrictCursor,
    UnknownEvents,
)
from openai_admin.errors import BadRequestError, PaginationError
from tests.faults.clients import Client, Time
from tests.faults.jobs import Listing, Read, UsageListing

_DAY = 86_400


@pytest.mark.parametrize("kind", [Listing, UsageListing])
async def test_strict_cursors_go_back_byte_for_byte(
    kind: type[Listing | UsageListing], client: Client, org: Emulator
) -> None:
    job = kind(org)
    org.faults.add(StrictCursor())
    job.check(await job.run(client))
    if kind is UsageListing:
        assert "=" in org.requests[-1].query_string.partition("page=")[2].partition("&")[0]


@pytest.mark.parametrize(
    ("fault", "kind", "error", "sent"),
    [
        (RepeatedCursor(), Listing, PaginationError, 2),
        (RepeatedCursor(), UsageListing, PaginationError, 2),
        (RepeatedCursor(only=(2,)), Listing, PaginationError, 3),
        (MissingCursor(), UsageListing, PaginationError, 1),
        (ExpiredCursor(), Listing, BadRequestError, 2),
    ],
)
async def test_a_listing_that_cannot_go_on_says_so(
    fault: Fault,
    kind: type[Listing | UsageListing],
    error: type[Exception],
    sent: int,
    client: Client,
    org: Emulator,
) -> None:
    job = kind(org)
    org.faults.add(fault)
    with pytest.raises(error):
        await job.run(client)
    assert job.sent == sent
    org.faults.clear()
    job.check(await job.run(client))


async def test_the_last_item_replaces_a_missing_last_id(client: Client, org: Emulator) -> None:
    job = Listing(org)
    org.faults.add(MissingCursor())
    job.check(await job.run(client))


async def test_events_of_unknown_types_are_kept_whole(client: Client, org: Emulator) -> None:
    due = [event for event, _ in zip(org.store.audit_logs.walk("desc"), range(60), strict=False)]
    since = due[-1]["effective_at"]
    wanted = [e for e in org.store.audit_logs.walk("desc") if e["effective_at"] >= since]
    org.faults.add(UnknownEvents(share=0.5))
    events = await client.items(lambda c: c.audit_logs.list(effective_at={"gte": since}, limit=20))
    assert [event.id for event in events] == [event["id"] for event in wanted]
    unknown = [event for event in events if event.type == "emulator_unknown.happened"]
    assert 10 < len(unknown) < len(events) - 10
    payloads = {event["id"]: event[event["type"]] for event in wanted}
    for event in unknown:
        assert payloads[event.id] in (event.payload, *event.extra.values())


@pytest.mark.parametrize("days", [-40, 40])
async def test_a_date_to_wait_for_is_one_of_the_servers_clock(
    days: int, client: Client, org: Emulator, time: Time
) -> None:
    org.faults.add(ClockSkew(seconds=days * _DAY))
    org.faults.add(Status(status=503, retry_after=5, retry_form="date", times=1))
    job = Read(org)
    job.check(await job.run(client))
    assert time.now == pytest.approx(1005)
