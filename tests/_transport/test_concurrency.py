"""The limit on concurrency: fair between lanes, and nothing lost by cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from hypothesis import given
from hypothesis import strategies as st

from openai_admin._transport.concurrency import LANE, FairLimiter


@asynccontextmanager
async def place(limiter: FairLimiter) -> AsyncIterator[None]:
    """A place, waited for and given back, as an attempts does it."""
    if not limiter.take():
        await limiter.wait()
    try:
        yield
    finally:
        limiter.give_back()


class Crowd:
    """Tasks that each take a place of a limiter, hold it, and give it back."""

    def __init__(self, places: int) -> None:
        self.limiter = FairLimiter(places)
        self.inside = 0
        self.most = 0
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def add(self, name: str, *, lane: object = None, turns: int = 1) -> asyncio.Task[None]:
        """A task that holds its place for some turns of the loop."""

        async def visit() -> None:
            LANE.set(lane)
            async with place(self.limiter):
                self.inside += 1
                self.most = max(self.most, self.inside)
                self.order.append(name)
                try:
                    for _ in range(turns):
                        await asyncio.sleep(0)
                finally:
                    self.inside -= 1

        self.tasks[name] = asyncio.create_task(visit())
        return self.tasks[name]

    async def finish(self) -> None:
        """Wait for all, cancelled or not."""
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_there_are_places() -> None:
    crowd = Crowd(3)
    for number in range(20):
        crowd.add(str(number), turns=3)
    await crowd.finish()
    assert crowd.most == 3
    assert (crowd.limiter.free, crowd.limiter.waiting) == (3, 0)


async def test_within_a_lane_the_first_come_is_the_first_served() -> None:
    crowd = Crowd(2)
    names = [str(number) for number in range(10)]
    for name in names:
        crowd.add(name, lane="fan-out")
    await crowd.finish()
    assert crowd.order == names


async def test_outside_of_fan_outs_the_oldest_and_the_newest_take_turns() -> None:
    crowd = Crowd(1)
    crowd.add("held", turns=3)
    for number in range(100):
        crowd.add(str(number))
    await _turns(1)
    crowd.add("single")
    await crowd.finish()
    assert crowd.order[:6] == ["held", "0", "single", "1", "99", "2"]


async def test_a_long_fan_out_keeps_a_single_call_waiting_for_one_place() -> None:
    crowd = Crowd(1)
    crowd.add("held", turns=3)
    for number in range(1000):
        crowd.add(f"fan {number}", lane="fan-out")
    await _turns(1)
    crowd.add("single")
    await crowd.finish()
    assert crowd.order[:3] == ["held", "fan 0", "single"]


async def test_lanes_take_turns() -> None:
    crowd = Crowd(1)
    crowd.add("held", turns=3)
    await _turns(1)
    for lane in ("a", "b", "c"):
        for number in range(3):
            crowd.add(f"{lane}{number}", lane=lane)
    await crowd.finish()
    assert crowd.order == ["held", "a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


async def test_who_comes_late_does_not_push_in() -> None:
    limiter = FairLimiter(1)
    order: list[str] = []

    async def take(name: str) -> None:
        async with place(limiter):
            order.append(name)

    async with place(limiter):
        waiting = asyncio.create_task(take("waited"))
        await _turns(1)
    late = asyncio.create_task(take("late"))
    await asyncio.gather(waiting, late)
    assert order == ["waited", "late"]


async def test_a_waiter_that_is_cancelled_is_forgotten() -> None:
    crowd = Crowd(1)
    crowd.add("held", turns=5)
    first, second = crowd.add("first"), crowd.add("second")
    await _turns(2)
    assert crowd.limiter.waiting == 2
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    assert crowd.limiter.waiting == 1
    await second
    assert crowd.order == ["held", "second"]
    assert crowd.limiter.free == 1


async def test_a_place_that_comes_at_the_moment_of_cancellation_is_handed_on() -> None:
    limiter = FairLimiter(1)
    crowd = Crowd(1)
    crowd.limiter = limiter
    assert limiter.take()
    first, second = crowd.add("first"), crowd.add("second")
    await _turns(1)
    limiter.give_back()  # the place is first's, who has not run yet
    first.cancel()
    await crowd.finish()
    assert first.cancelled()
    assert second.done()
    assert crowd.order == ["second"]
    assert limiter.free == 1


async def test_a_place_is_given_back_after_the_waiter_gave_up_in_the_same_turn() -> None:
    limiter = FairLimiter(1)
    crowd = Crowd(1)
    crowd.limiter = limiter
    assert limiter.take()
    first = crowd.add("first")
    await _turns(1)
    first.cancel()  # cancelled, but not yet told
    limiter.give_back()
    await crowd.finish()
    assert (limiter.free, limiter.waiting, crowd.order) == (1, 0, [])


@given(
    places=st.integers(1, 4),
    visits=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.integers(0, 4),  # turns inside
            st.none() | st.integers(0, 12),  # cancelled after as many turns of the loop
            st.integers(0, 3),  # turns before the next one comes
        ),
        max_size=25,
    ),
)
def test_whoever_is_cancelled_when_every_place_is_free_in_the_end(
    places: int, visits: Sequence[tuple[str | None, int, int | None, int]]
) -> None:
    async def scenario() -> None:
        crowd = Crowd(places)
        cancellations = []
        for number, (lane, turns, cancelled_after, pause) in enumerate(visits):
            task = crowd.add(str(number), lane=lane, turns=turns)
            if cancelled_after is not None:

                async def cancel(task: asyncio.Task[None] = task, n: int = cancelled_after) -> None:
                    await _turns(n)
                    task.cancel()

                cancellations.append(asyncio.create_task(cancel()))
            await _turns(pause)
        await asyncio.gather(*cancellations)
        await asyncio.wait_for(crowd.finish(), 10)
        assert crowd.most <= places
        assert (crowd.limiter.free, crowd.limiter.waiting) == (places, 0)
        spared = {str(n) for n, (_, _, after, _) in enumerate(visits) if after is None}
        assert spared <= set(crowd.order)
        assert len(crowd.order) == len(set(crowd.order))

    asyncio.run(scenario())
