"""Which requests a fault hits: by operation, rate, count and schedule, the same each time."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest
from aiohttp import web

from openai_admin.emulator import Drop, Emulator, Fault, Latency, Status
from openai_admin.emulator.faults import Exchange, RepeatedCursor
from openai_admin.errors import InvalidInputError
from tests.emulator.faults.raw_client import THINGS, create, read, statuses
from tests.emulator.faults.time_machine import Time
from tests.emulator.things import HANDLERS


async def test_a_fault_hits_the_operations_that_match(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=500, match="projects.*.create"))
    assert (await create(emulator)).status == 500
    assert (await read(emulator)).status == 200


async def test_a_fault_hits_requests_without_a_route_too(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=500))
    assert (await read(emulator, "/nowhere")).status == 500


def test_a_glob_that_matches_nothing_is_refused() -> None:
    emulator = Emulator(state="empty", handlers=HANDLERS)
    with pytest.raises(InvalidInputError, match=r"projects\.things\.list is the nearest"):
        emulator.faults.add(Status(status=500, match="projects.thing.list"))
    assert not emulator.faults


async def test_a_fault_is_spent_after_its_times(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=500, times=2))
    assert await statuses(emulator, 4) == [500, 500, 200, 200]
    assert not emulator.faults


@pytest.mark.parametrize(
    ("schedule", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"every": 3}, [3, 6, 9]),
        ({"only": (2, 5)}, [2, 5]),
        ({"skip": 6}, [7, 8, 9]),
        ({"skip": 2, "every": 3}, [5, 8]),
        ({"skip": 3, "only": [1, 2]}, [4, 5]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"rate": 0.0}, []),
    ],
)
async def test_a_fault_keeps_its_schedule(
    emulator: Emulator, schedule: dict[str, Any], hit: list[int]
) -> None:
    emulator.faults.add(Status(status=500, **schedule))
    found = await statuses(emulator, 9)
    assert [number for number, status in enumerate(found, 1) if status == 500] == hit


async def test_only_matching_requests_are_counted(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=500, match="*.create", only=(2,)))
    found = [
        (await create(emulator)).status,
        (await read(emulator)).status,
        (await read(emulator)).status,
        (await create(emulator)).status,
    ]
    assert found == [200, 200, 200, 500]


async def test_a_cursor_fault_counts_requests_with_cursors_only(emulator: Emulator) -> None:
    first = (await create(emulator)).json["id"]
    await create(emulator)
    emulator.faults.add(RepeatedCursor(only=(2,)))
    await statuses(emulator, 3)
    assert (await read(emulator, f"{THINGS}?after={first}")).json["has_more"] is False
    assert (await read(emulator, f"{THINGS}?after={first}")).json["has_more"] is True


async def _found(seed: int, order: list[Fault], count: int = 200) -> list[int]:
    async with Emulator(state="empty", seed=seed, handlers=HANDLERS) as emulator:
        for fault in order:
            emulator.faults.add(fault)
        return await statuses(emulator, count)


async def test_a_rate_hits_its_share_and_the_same_requests_each_time() -> None:
    fault = Status(status=500, rate=0.3)
    first = await _found(9, [fault])
    assert 40 <= first.count(500) <= 80
    assert await _found(9, [fault]) == first
    assert await _found(10, [fault]) != first


async def test_one_fault_does_not_change_the_luck_of_another() -> None:
    seldom = Status(status=503, rate=0.2)
    alone = await _found(9, [seldom], 60)
    beside = await _found(9, [seldom, Status(status=500, rate=0.5)], 60)
    assert [s == 503 for s in beside] == [s == 503 for s in alone]


async def test_two_faults_of_the_same_rate_hit_different_requests() -> None:
    found = await _found(9, [Status(status=503, rate=0.5), Status(status=500, rate=0.5)], 60)
    assert {200, 500, 503} == set(found)


async def test_reset_begins_the_same_sequence_again(emulator: Emulator) -> None:
    runs = []
    for _ in range(2):
        emulator.faults.add(Status(status=500, rate=0.5))
        runs.append(await statuses(emulator, 40))
        emulator.reset()
    assert runs[0] == runs[1]
    assert 500 in runs[0]


async def test_concurrent_requests_meet_faults_in_the_order_of_arrival(
    emulator: Emulator, time: Time
) -> None:
    time.hold()
    emulator.faults.add(Latency(seconds=1))
    emulator.faults.add(Status(status=500, only=(1,)))
    first = asyncio.create_task(read(emulator))
    await time.asleep.wait()
    time.asleep.clear()
    second = asyncio.create_task(read(emulator))
    await time.asleep.wait()
    time.release()
    assert ((await first).status, (await second).status) == (500, 200)


async def test_the_first_fault_is_the_outermost(emulator: Emulator, time: Time) -> None:
    emulator.faults.add(Latency(seconds=1))
    emulator.faults.add(Status(status=500))
    emulator.faults.add(Latency(seconds=2))
    assert (await read(emulator)).status == 500
    assert time.slept == [1]
    emulator.faults.clear()
    assert (await read(emulator)).status == 200


async def test_a_fault_is_removed_by_itself(emulator: Emulator) -> None:
    fault, other = Status(status=500), Status(status=500)
    emulator.faults.add(fault)
    emulator.faults.remove(other)
    assert emulator.faults
    emulator.faults.remove(fault)
    emulator.faults.remove(fault)
    assert not emulator.faults


async def test_users_can_write_faults_of_their_own(emulator: Emulator) -> None:
    @attrs.frozen(kw_only=True)
    class Teapot(Fault):
        async def apply(self, exchange: Exchange) -> web.Response:
            answer = await exchange.run()
            count = exchange.memory["count"] = exchange.memory.get("count", 0) + 1
            return web.Response(status=418, text=f"{count} {answer.status} {exchange.operation}")

    emulator.faults.add(Teapot())
    await read(emulator)
    answer = await read(emulator)
    assert (answer.status, answer.body) == (418, b"2 200 projects.things.list")


@pytest.mark.parametrize(
    "wrong",
    [{"times": 0}, {"rate": 1.5}, {"rate": -0.1}, {"skip": -1}, {"every": 0}, {"only": (0,)}],
)
def test_impossible_schedules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Drop(**wrong)


def test_a_fault_must_say_what_it_does() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Fault()  # type: ignore[abstract]
