"""Rate limits: who is granted what and when, in virtual time, and what the headers say."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator, RateLimit
from openai_admin.emulator.faults.windows import FixedWindow, SlidingWindow, TokenBucket, Window
from tests.emulator.faults.raw_client import Answer, create, made, read
from tests.emulator.faults.time_machine import Time


async def granted(emulator: Emulator, time: Time, moments: list[float]) -> list[float]:
    """The moments, in seconds from the first request on, at which a request was granted."""
    start, found = time.now, []
    for moment in moments:
        time.now = start + moment
        answer = await read(emulator)
        assert answer.status in (200, 429)
        if answer.status == 200:
            found.append(moment)
    return found


EVERY_TEN: list[float] = [0, 0, 0, 0, 10, 20, 30, 40, 50, 59, 60, 60, 60, 60, 70]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("fixed", [0, 0, 0, 60, 60, 60]),
        ("sliding", [0, 0, 0, 60, 60, 60]),
        ("bucket", [0, 0, 0, 20, 40, 60]),
    ],
)
async def test_a_limit_grants_so_many(
    emulator: Emulator, time: Time, count: Any, expected: list[float]
) -> None:
    emulator.faults.add(RateLimit(limit=3, window=60, count=count))
    assert await granted(emulator, time, EVERY_TEN) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("fixed", [0, 50, 55, 65, 70, 75]),
        ("sliding", [0, 50, 55, 65, 110]),
        ("bucket", [0, 50, 55, 58, 70, 110]),
    ],
)
async def test_the_three_ways_to_count_differ_at_the_border_of_a_window(
    emulator: Emulator, time: Time, count: Any, expected: list[float]
) -> None:
    emulator.faults.add(RateLimit(limit=3, window=60, count=count))
    moments: list[float] = [0, 50, 55, 58, 65, 70, 75, 80, 110]
    assert await granted(emulator, time, moments) == expected


async def test_each_endpoint_has_its_own_count_and_a_refused_request_does_nothing(
    emulator: Emulator,
) -> None:
    emulator.faults.add(RateLimit(limit=2))
    assert [(await read(emulator)).status for _ in range(3)] == [200, 200, 429]
    assert [(await create(emulator)).status for _ in range(3)] == [200, 200, 429]
    assert made(emulator) == 2


@pytest.mark.parametrize("count", ["fixed", "sliding", "bucket"])
@pytest.mark.parametrize(("limit", "then"), [(4, 2), (2, 4)])
async def test_a_limit_changes_half_way(
    emulator: Emulator, time: Time, count: Any, limit: int, then: int
) -> None:
    emulator.faults.add(RateLimit(limit=limit, window=60, count=count, then=then, then_after=60))
    moments = [0.0] * 6 + [120.0] * 6
    found = await granted(emulator, time, moments)
    assert (found.count(0.0), found.count(120.0)) == (limit, then)


def _limits(answer: Answer) -> dict[str, str]:
    names = ("limit", "remaining", "reset")
    return {n: answer.headers[f"x-ratelimit-{n}-requests"] for n in names}


async def test_headers_come_with_every_answer(emulator: Emulator, time: Time) -> None:
    emulator.faults.add(RateLimit(limit=2, window=90, headers=True))
    assert _limits(await read(emulator)) == {"limit": "2", "remaining": "1", "reset": "1m30s"}
    time.now += 82.34
    assert _limits(await read(emulator)) == {"limit": "2", "remaining": "0", "reset": "7.66s"}
    time.now += 7.54
    refused = await read(emulator)
    assert refused.status == 429
    assert _limits(refused) == {"limit": "2", "remaining": "0", "reset": "120ms"}


@pytest.mark.parametrize("count", ["fixed", "sliding", "bucket"])
async def test_without_headers_there_is_nothing_to_go_by(emulator: Emulator, count: Any) -> None:
    emulator.faults.add(RateLimit(limit=1, count=count))
    for status in (200, 429):
        answer = await read(emulator)
        assert answer.status == status
        assert not [n for n in answer.headers if n.startswith(("x-ratelimit", "retry-after"))]


@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("seconds", "retry-after", "8"),
        ("ms", "retry-after-ms", "7500"),
        ("date", "retry-after", "Mon, 21 Sep 2026 14:13:28 GMT"),
    ],
)
async def test_a_refusal_says_when_to_come_again(
    emulator: Emulator, time: Time, form: Any, header: str, value: str
) -> None:
    emulator.faults.add(RateLimit(limit=1, window=10, retry_after=form))
    first = await read(emulator)
    assert header not in first.headers
    time.now += 2.5
    refused = await read(emulator)
    assert (refused.status, refused.headers[header]) == (429, value)
    assert refused.json["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize("kind", [FixedWindow, SlidingWindow, TokenBucket])
def test_who_waits_as_told_is_granted(kind: type[Window]) -> None:
    window, now = kind(60), 0.0
    for limit in [7] * 40 + [3] * 20 + [9] * 20:
        verdict = window.take(now, limit)
        if not verdict.granted:
            now += verdict.wait
            verdict = window.take(now, limit)
        assert verdict.granted
        assert 0 <= verdict.remaining < limit
        now += verdict.wait


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 0}, {"window": 0}, {"count": "leaky"}, {"retry_after": "maybe"}, {"then": 0}],
)
def test_impossible_limits_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RateLimit(**{"limit": 1, **wrong})
