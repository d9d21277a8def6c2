"""Minutes in which a key is used many times as much as usual, and usage that is reported late."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.demo.workloads import tokens
from openai_admin.emulator.metering import ENDPOINTS, Burst, Meter, Stream
from openai_admin.emulator.metering.shape import DAY

MONDAY = 20_416
MIDNIGHT = MONDAY * DAY
LATER = MIDNIGHT + 3 * DAY
COMPLETIONS = ENDPOINTS["completions"]
NOW = 1_795_512_345


def stream(key_id: str) -> Stream:
    return Stream(
        name=key_id,
        endpoint="completions",
        dimensions={"project_id": "p", "model": "gpt-5", "api_key_id": key_id},
        per_request=tokens(text=100, output=10),
        daily=20_000,
        shape="steady",
        anchor=MONDAY,
        begin=100,
    )


METER = Meter((stream("a"), stream("b")), endpoints=ENDPOINTS, seed=1)


def burst(start: int, minutes: int = 10, *, key_id: str = "a", factor: int = 10) -> Burst:
    return Burst(key_id=key_id, factor=factor, start=start, end=start + minutes * 60)


def by_minute(key_id: str, start: int, end: int, *bursts: Burst, now: int = LATER) -> list[int]:
    filters = {"api_key_id": {key_id}}
    edges = range(start, end + 60, 60)
    buckets = METER.usage(COMPLETIONS, list(edges), filters=filters, now=now, bursts=bursts)
    return [rows[0]["num_model_requests"] if rows else 0 for rows in buckets]


def spent(*bursts: Burst, days: int = 3) -> list[Decimal]:
    all_days = METER.costs(range(MONDAY, MONDAY + days), now=LATER, bursts=bursts)
    return [sum((Decimal(row["amount"]["value"]) for row in rows), Decimal(0)) for rows in all_days]


def test_a_burst_multiplies_the_minutes_of_its_key_and_no_others() -> None:
    noon = MIDNIGHT + 12 * 3600
    usual, bursting = (
        by_minute("a", noon - 300, noon + 900, *bursts) for bursts in ((), (burst(noon),))
    )
    assert all(usual)
    assert bursting == [*usual[:5], *(10 * count for count in usual[5:15]), *usual[15:]]
    other = by_minute("b", noon - 300, noon + 900)
    assert by_minute("b", noon - 300, noon + 900, burst(noon)) == other


def test_a_burst_over_midnight_sums_to_the_days_and_is_paid_for() -> None:
    over = burst(MIDNIGHT + DAY - 300, 20)
    minutes = by_minute("a", MIDNIGHT, MIDNIGHT + 2 * DAY, over)
    edges = [MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY]
    rows = METER.usage(COMPLETIONS, edges, filters={"api_key_id": {"a"}}, now=LATER, bursts=[over])
    assert [day[0]["num_model_requests"] for day in rows] == [
        sum(minutes[:1440]),
        sum(minutes[1440:]),
    ]
    quiet, paid = spent(), spent(over)
    assert quiet[0] < paid[0]
    assert quiet[1] < paid[1]
    assert quiet[2] == paid[2]


def test_two_bursts_add_up_and_a_coming_one_is_not_there_yet() -> None:
    noon = MIDNIGHT + 12 * 3600
    usual = by_minute("a", noon, noon + 600)
    both = by_minute("a", noon, noon + 600, burst(noon, factor=3), burst(noon, factor=4))
    assert both == [6 * count for count in usual]
    soon = by_minute("a", noon, noon + 600, burst(noon), now=noon + 120)
    assert soon == [*(10 * count for count in usual[:2]), *[0] * 8]


async def _requests(emulator: Emulator, key_id: str, minutes: int) -> list[int]:
    """By the minute, to now."""
    start = emulator.store.now() // 60 * 60 - minutes * 60
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        pages = client.usage.completions(
            start_time=start,
            end_time=start + minutes * 60,
            bucket_width="1m",
            api_key_ids=[key_id],
        )
        return [
            sum(row.num_model_requests or 0 for row in bucket.results) async for bucket in pages
        ]


def _busiest(emulator: Emulator) -> str:
    meter = emulator.store.meter
    streams = (s for s in meter.streams if s.endpoint == "completions")
    return str(max(streams, key=lambda s: s.daily).dimensions["api_key_id"])


async def test_a_burst_of_the_demo_is_read_and_reset_takes_it_away() -> None:
    async with Emulator(now=lambda: NOW) as emulator:
        key_id = _busiest(emulator)
        usual = await _requests(emulator, key_id, 20)
        emulator.burst(key_id, factor=12, minutes=10, start=NOW // 60 * 60 - 600)
        bursting = await _requests(emulator, key_id, 20)
        assert bursting == [*usual[:10], *(12 * count for count in usual[10:])]
        assert sum(usual) > 0
        emulator.reset()
        assert await _requests(emulator, key_id, 20) == usual


async def test_usage_is_reported_after_the_delay() -> None:
    async with (
        Emulator(now=lambda: NOW) as prompt,
        Emulator(now=lambda: NOW, reporting_delay=300) as late,
    ):
        key_id = _busiest(prompt)
        known = await _requests(prompt, key_id, 20)
        reported = await _requests(late, key_id, 20)
        assert all(known)
        assert reported[:14] == known[:14]
        assert reported[16:] == [0] * 4


def test_a_burst_of_nothing_is_refused() -> None:
    emulator = Emulator(now=lambda: NOW)
    with pytest.raises(KeyError, match="key_nobody"):
        emulator.burst("key_nobody")
    with pytest.raises(ValueError, match="minutes must be more than 0"):
        emulator.burst(_busiest(emulator), minutes=0)
    with pytest.raises(ValueError, match="factor"):
        emulator.burst(_busiest(emulator), factor=0)
    with pytest.raises(ValueError, match="reporting_delay must be 0 or more, not -1"):
        Emulator(reporting_delay=-1)
