"""Listings with faults at random places lose and repeat nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.emulator import Drop, Emulator, Fault, Status
from openai_admin.emulator.faults import (
    HTML,
    BadChunks,
    BrokenGzip,
    CutJSON,
    Reset,
    StrictCursor,
    Truncate,
    WrongLength,
)
from tests.faults.clients import Client, Time
from tests.faults.jobs import Listing, UsageListing

FAULTS: tuple[Fault, ...] = (
    BadChunks(),
    BrokenGzip(),
    CutJSON(),
    Drop(),
    Drop(after_effect=True),
    Reset(),
    Reset(after_effect=True),
    Status(status=429),
    Status(status=500, body=b""),
    Status(status=502, body=HTML),
    Status(status=503, retry_after=3),
    Truncate(),
    WrongLength(by=7),
    WrongLength(by=-7),
)
# At most four in a row: the fifth attempt of a read is its last.
_places = st.sets(st.integers(1, 24), max_size=12).filter(
    lambda places: not any(set(range(n, n + 5)) <= places for n in places)
)


@pytest.fixture(scope="module")
def org() -> Emulator:
    return Emulator()


@pytest.mark.parametrize("kind", ["async", "blocking"])
@settings(max_examples=200, print_blob=True)
@given(places=_places, data=st.data())
def test_a_listing_loses_and_repeats_nothing(
    kind: str, org: Emulator, places: set[int], data: Any
) -> None:
    job = data.draw(st.sampled_from([Listing, UsageListing]))(org)
    org.reset()
    org.faults.add(StrictCursor())
    for place in sorted(places):
        fault = data.draw(st.sampled_from(FAULTS), label=f"at {place}")
        org.faults.add(attrs.evolve(fault, only=(place,)))

    async def walk() -> None:
        async with org:
            client = Client(kind, org, Time())
            job.check(await job.run(client))
            await client.close()

    asyncio.run(walk())
