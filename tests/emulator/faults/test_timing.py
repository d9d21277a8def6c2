"""Late answers, and a server with a wrong clock."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator, Latency, RateLimit, Status
from openai_admin.emulator.faults import ClockSkew
from tests.emulator.faults.raw_client import create, made, read, statuses
from tests.emulator.faults.time_machine import Time


async def test_latency_waits_and_then_answers(emulator: Emulator, time: Time) -> None:
    emulator.faults.add(Latency(seconds=2.5))
    assert (await create(emulator)).status == 200
    assert time.slept == [2.5]
    assert made(emulator) == 1


async def test_jitter_is_spread_above_the_latency_and_the_same_each_time(
    emulator: Emulator, time: Time
) -> None:
    runs = []
    for _ in range(2):
        emulator.faults.add(Latency(seconds=1, jitter=0.5))
        await statuses(emulator, 50)
        runs.append(list(time.slept))
        time.slept.clear()
        emulator.reset()
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 50
    assert min(runs[0]) >= 1
    assert 1.4 < max(runs[0]) < 1.5
    assert 1.15 < sum(runs[0]) / 50 < 1.35


async def test_the_date_is_far_off(emulator: Emulator) -> None:
    emulator.faults.add(ClockSkew(seconds=-86_400))
    assert (await read(emulator)).headers["date"] == "Sun, 20 Sep 2026 14:13:20 GMT"


async def test_retry_after_dates_are_on_the_wrong_clock_too(emulator: Emulator) -> None:
    emulator.faults.add(ClockSkew(seconds=3600))
    emulator.faults.add(Status(status=503, retry_after=10, retry_form="date"))
    headers = (await read(emulator)).headers
    assert headers["date"] == "Mon, 21 Sep 2026 15:13:20 GMT"
    assert headers["retry-after"] == "Mon, 21 Sep 2026 15:13:30 GMT"


async def test_retry_after_seconds_have_no_clock(emulator: Emulator) -> None:
    emulator.faults.add(ClockSkew(seconds=3600))
    emulator.faults.add(RateLimit(limit=1, window=10, retry_after="seconds"))
    await read(emulator)
    assert (await read(emulator)).headers["retry-after"] == "10"


@pytest.mark.parametrize("seconds", [1e10, -1e10, float("nan")])
def test_a_clock_is_off_by_a_hundred_years_at_most(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        ClockSkew(seconds=seconds)


@pytest.mark.parametrize("wrong", [{"seconds": -1}, {"seconds": 1, "jitter": -1}])
def test_time_does_not_run_backwards(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=list(wrong)[-1]):
        Latency(**wrong)
