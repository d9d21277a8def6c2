"""Faults over a real socket: what they hit, how often, and whether the change took effect."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from openai_admin.emulator import Drop, Emulator, Fault, Latency, Status
from tests.emulator.things import HANDLERS

THINGS = "/organization/projects/proj_1/things"


class Naps:
    """A sleep that returns at once and remembers how long it was asked to last."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def emulator(naps: Naps) -> AsyncIterator[Emulator]:
    async with Emulator(state="empty", seed=3, handlers=HANDLERS, sleep=naps) as emulator:
        yield emulator


@pytest.fixture
async def session(emulator: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {emulator.admin_key}"}
    base = emulator.base_url + "/"
    # A session with retries of its own would hide a fault; aiohttp repeats idempotent requests
    # once when a kept connection breaks, so none is kept.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(base, headers=headers, connector=connector) as session:
        yield session


async def create(session: aiohttp.ClientSession) -> tuple[int, bytes]:
    async with session.post(THINGS[1:], json={"name": "thing"}) as response:
        return response.status, await response.read()


async def listed(session: aiohttp.ClientSession) -> int:
    async with session.get(THINGS[1:]) as response:
        return response.status


def made(emulator: Emulator) -> int:
    return len(emulator.store.project_users["proj_1"])


async def test_latency_waits_and_then_answers(
    emulator: Emulator, session: aiohttp.ClientSession, naps: Naps
) -> None:
    emulator.faults.add(Latency(seconds=2.5))
    assert (await create(session))[0] == 200
    assert naps.taken == [2.5]
    assert made(emulator) == 1


@pytest.mark.parametrize(("after_effect", "effect"), [(False, 0), (True, 1)])
async def test_a_status_before_and_after_the_change(
    emulator: Emulator, session: aiohttp.ClientSession, after_effect: bool, effect: int
) -> None:
    emulator.faults.add(Status(status=503, after_effect=after_effect))
    status, body = await create(session)
    assert status == 503
    assert b'"type":"server_error"' in body
    assert made(emulator) == effect


@pytest.mark.parametrize(("after_effect", "effect"), [(False, 0), (True, 1)])
async def test_a_dropped_connection_before_and_after_the_change(
    emulator: Emulator, session: aiohttp.ClientSession, after_effect: bool, effect: int
) -> None:
    fault = emulator.faults.add(Drop(after_effect=after_effect))
    with pytest.raises(aiohttp.ClientConnectionError):
        await create(session)
    assert made(emulator) == effect
    emulator.faults.remove(fault)
    assert (await create(session))[0] == 200


@pytest.mark.parametrize(
    ("body", "headers", "content", "content_type"),
    [
        ({"odd": 1}, {}, b'{"odd":1}', "application/json"),
        (
            "<html>Bad gateway</html>",
            {"Content-Type": "text/html"},
            b"<html>Bad gateway</html>",
            "text/html",
        ),
        (b"", {}, b"", "application/json"),
    ],
)
async def test_a_status_sends_the_body_and_headers_it_is_given(
    emulator: Emulator,
    session: aiohttp.ClientSession,
    body: Any,
    headers: dict[str, str],
    content: bytes,
    content_type: str,
) -> None:
    emulator.faults.add(Status(status=502, body=body, headers={"Retry-After": "7", **headers}))
    async with session.get(THINGS[1:]) as response:
        assert response.status == 502
        assert await response.read() == content
        assert response.headers["retry-after"] == "7"
        assert response.headers["content-type"] == content_type
        assert "x-request-id" in response.headers


async def test_a_429_says_so(emulator: Emulator, session: aiohttp.ClientSession) -> None:
    emulator.faults.add(Status(status=429))
    async with session.get(THINGS[1:]) as response:
        assert (await response.json())["error"]["code"] == "rate_limit_exceeded"
        assert "retry-after" not in response.headers


async def test_a_fault_hits_the_operations_that_match(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    emulator.faults.add(Status(status=500, match="projects.*.create"))
    assert (await create(session))[0] == 500
    assert await listed(session) == 200


async def test_a_fault_hits_requests_without_a_route_too(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    emulator.faults.add(Status(status=500))
    async with session.get("nowhere") as response:
        assert response.status == 500


async def test_a_fault_is_spent_after_its_times(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    emulator.faults.add(Status(status=500, times=2))
    assert [await listed(session) for _ in range(4)] == [500, 500, 200, 200]
    assert not emulator.faults


async def test_a_fault_hits_its_share_of_the_requests_and_the_same_ones_each_time() -> None:
    async def statuses() -> list[int]:
        async with Emulator(state="empty", seed=9, handlers=HANDLERS) as other:
            other.faults.add(Status(status=500, rate=0.3))
            headers = {"Authorization": f"Bearer {other.admin_key}"}
            async with aiohttp.ClientSession(headers=headers) as session:
                found = []
                for _ in range(200):
                    async with session.get(other.base_url + THINGS) as response:
                        found.append(response.status)
                return found

    first = await statuses()
    assert 40 <= first.count(500) <= 80
    assert await statuses() == first


async def test_the_first_fault_is_the_outermost(
    emulator: Emulator, session: aiohttp.ClientSession, naps: Naps
) -> None:
    emulator.faults.add(Latency(seconds=1))
    emulator.faults.add(Status(status=500))
    emulator.faults.add(Latency(seconds=2))
    assert await listed(session) == 500
    assert naps.taken == [1]
    emulator.faults.clear()
    assert await listed(session) == 200


@pytest.mark.parametrize("wrong", [{"times": 0}, {"rate": 1.5}, {"rate": -0.1}])
def test_impossible_numbers_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Drop(**wrong)


def test_a_fault_must_say_what_it_does() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Fault()  # type: ignore[abstract]
