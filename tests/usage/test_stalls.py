"""No order, size or failure of answers keeps those who wait for room waiting for nothing.

A loop in virtual time runs what reads usage against answers of random sizes, delays and failures;
it notices at once when everything waits and nothing will ever happen.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from random import Random
from typing import Any

import anyio
import attrs
from aiohttp import web

from openai_admin._causes import window_cause
from openai_admin._transport.lengths import Lengths, Portions
from openai_admin.errors import (
    APIError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    ResponseTooLongError,
    UsageWindowError,
)
from openai_admin.resources.usage.results import UsageBucket
from openai_admin.usage.adapt import Adapter
from openai_admin.usage.ahead import fetch_ordered
from openai_admin.usage.borders import Adapt
from openai_admin.usage.fetch import Received, fetch_concurrently
from openai_admin.usage.pieces import Part
from openai_admin.usage.plan import Window, plan_windows
from openai_admin.usage.queries import stream_windows
from openai_admin.usage.room import Room
from openai_admin.usage.sizes import BucketSizes
from tests.usage.times import HOUR, TODAY
from tests.usage.wide import WideServer

TARGET = 1000  # bytes that an answer is meant to have at most
LONGEST = 4 * TARGET  # that is accepted
PER_PAGE = 16
SEEDS = range(80)


class Idle(selectors.DefaultSelector):
    """Waits for nothing: the clock is set to what comes next instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "Everything waits, and nothing will happen."
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes by itself, and that fails where it would wait without end."""

    def __init__(self) -> None:
        self._idle = Idle()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._idle.now


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run something in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)


@attrs.define
class World:
    """Answers of random sizes and delays, some of which fail for good.

    Attributes:
        random: what they are drawn from.
        sizes: the bytes of each bucket, by its beginning.
        failing: the buckets whose answers fail, each with how.
        wide: how many buckets an answer may have.
        held: the bytes of what came and was not read yet.
        most_held: the most there were.
    """

    random: Random
    sizes: dict[int, int]
    failing: dict[int, APIError]
    wide: int
    held: int = 0
    most_held: int = 0

    @classmethod
    def of(cls, seed: int) -> World:
        random = Random(seed)
        starts = [hour * HOUR for hour in range(random.choice([1, 20, 100]))]
        usual = random.choice([1, 60, 250, 900])
        sizes = {at: random.choice([usual, usual, usual, 1, 3 * TARGET]) for at in starts}
        share = random.choice([0.0, 0.02, 0.02, 0.3, 0.9, 1.0])
        failing = {at: _failure(random) for at in starts if random.random() < share}
        for at in random.choice([[], [], starts[:1], starts[-1:]]):
            failing[at] = _failure(random)
        if random.random() < 0.3:
            sizes[random.choice(starts)] = 2 * LONGEST
        return cls(random, sizes, failing, random.choice([3, PER_PAGE, PER_PAGE]))

    @property
    def can_fail(self) -> bool:
        """Whether anything of it is not answered."""
        return bool(self.failing) or self.wide < PER_PAGE or max(self.sizes.values()) > LONGEST

    def windows(self) -> list[Window]:
        end = (max(self.sizes) // HOUR + 1) * HOUR
        return plan_windows(0, end, width="1h", per_page=PER_PAGE, now=2 * end)

    async def ask(
        self,
        window: Window,
        groups: Sequence[str],
        *,
        retry: bool = True,
        portions: Portions | None = None,
    ) -> Received:
        starts = range(window.start, window.end, HOUR)
        await asyncio.sleep(self.random.choice([0, 0, 0.1, 2, 20]))
        for at in starts:
            if at in self.failing:
                raise self.failing[at]
        if len(starts) > self.wide:
            raise InternalServerError("upstream timed out", status=504)
        length = sum(self.sizes[at] for at in starts)
        limit = LONGEST if portions is None else min(LONGEST, portions.most)
        if length > limit:
            raise ResponseTooLongError(
                "too long", length=limit, limit=limit, part=length / len(starts)
            )
        if portions is not None and portions.admit is not None and self.random.random() < 0.7:
            await portions.admit(length)
        await asyncio.sleep(self.random.choice([0, 0.1]))
        self.held += length
        self.most_held = max(self.most_held, self.held)
        return Received([_bucket(at) for at in starts], length=length)

    def adapter(self, room: Room, *, partial: bool) -> Adapter:
        groups = self.random.choice([[], ["project_id"]])
        adapt: Adapt | None = self.random.choice(["window", "all", None])
        return Adapter(
            "completions",
            self.windows(),
            groups,
            width="1h",
            ask=self.ask,
            adapt=adapt,
            partial=partial,
            now=2 * PER_PAGE * HOUR,
            sizes=BucketSizes(Lengths(TARGET, LONGEST), "completions"),
            room=room,
        )


def _failure(random: Random) -> APIError:
    return random.choice(
        [
            *[InternalServerError("The server had an error", status=500)] * 8,
            NotFoundError("not found", status=404),
            BadRequestError("something is wrong", status=400),
        ]
    )


def _bucket(at: int) -> UsageBucket[Any]:
    start, end = (datetime.fromtimestamp(moment, UTC) for moment in (at, at + HOUR))
    return UsageBucket(object="bucket", start_time=start, end_time=end, results=[])


def _starts(received: Received) -> list[int]:
    return [int(bucket.start_time.timestamp()) for bucket in received.buckets]


async def _streamed(world: World, room: Room, *, partial: bool) -> AsyncGenerator[Received, None]:
    """What a stream fetches, as `stream_windows` does."""
    adapter = world.adapter(room, partial=partial)

    async def parts(window: Window) -> AsyncGenerator[Part, None]:
        try:
            async with aclosing(adapter.parts(window)) as found:
                async for part in found:
                    yield part
        except UsageWindowError as exc:
            cause = window_cause(exc)
            if not partial or not isinstance(cause, APIError):
                raise
            yield Part(window, Received(failed=[(window, cause)]))

    found = fetch_ordered(world.windows(), parts, ahead=8, room=room)
    async with aclosing(found):
        async for _, received in found:
            world.held -= received.length
            yield received


def test_a_stream_that_goes_on_past_failures_never_stalls() -> None:
    async def read(seed: int) -> None:
        world, room = World.of(seed), Room(2 * TARGET, keeps=True)
        came: list[int] = []
        lost: list[int] = []
        async for received in _streamed(world, room, partial=True):
            came += _starts(received)
            lost += [at for w, _ in received.failed for at in range(w.start, w.end, HOUR)]
            if world.random.random() < 0.3:
                await asyncio.sleep(world.random.choice([1, 100]))
        assert came == sorted(set(came)), seed
        assert lost == sorted(set(lost)), seed
        assert sorted(came + lost) == list(world.sizes), seed
        assert world.most_held <= 2 * TARGET + 2 * LONGEST, seed
        assert room.is_empty, seed

    for seed in SEEDS:
        run(read(seed))


def test_a_stream_that_ends_early_leaves_nothing_behind() -> None:
    async def read(seed: int) -> None:
        world, room = World.of(seed), Room(2 * TARGET, keeps=True)
        parts = world.random.choice([1, 2, 1000])
        try:
            async with aclosing(_streamed(world, room, partial=False)) as stream:
                async for _ in stream:
                    parts -= 1
                    if not parts:
                        break
        except UsageWindowError:
            assert world.can_fail, seed
        assert len(asyncio.all_tasks()) == 1, seed

    for seed in SEEDS:
        run(read(seed))


def test_a_collection_never_stalls() -> None:
    async def read(seed: int) -> None:
        random = Random(seed)
        room, partial = Room(2 * TARGET), random.choice([True, True, False])
        worlds = {str(n): World.of(1000 * n + seed) for n in range(random.choice([1, 4]))}
        adapters = {name: w.adapter(room, partial=partial) for name, w in worlds.items()}
        try:
            results, missing = await fetch_concurrently(
                {name: world.windows() for name, world in worlds.items()},
                lambda name, window: adapters[name].fetch(window),
                partial=partial,
            )
        except UsageWindowError:
            assert not partial, seed
        else:
            for name, world in worlds.items():
                came = [at for received in results[name] for at in _starts(received)]
                windows = [each.window for each in missing if each.endpoint == name]
                lost = [at for w in windows for at in range(w.start, w.end, HOUR)]
                assert sorted(came + lost) == list(world.sizes), seed
        assert room.is_empty, seed

    for seed in SEEDS:
        run(read(seed))


def test_nobody_waits_while_nothing_is_on_its_way_and_the_reader_waits() -> None:
    async def wait() -> None:
        room = Room(100, keeps=True)
        first = await room.enter(0, 50)
        kept = await room.enter(10, 90 - 50)
        room.came(kept, 90)
        later = asyncio.create_task(room.enter(30, 50))
        sooner = asyncio.create_task(room.enter(20, 50))
        await asyncio.sleep(1)
        assert not sooner.done()  # the first one is on its way
        with room.handing_over(0):
            room.came(first, 50)
            await asyncio.sleep(1)
            assert not sooner.done()  # the reader may yet make room
        place = await sooner
        await asyncio.sleep(1)
        assert not later.done()
        room.leave(place)
        await later

    run(wait())


async def test_a_bucket_that_fails_does_not_keep_what_follows_it_from_coming() -> None:
    fails = TODAY - 100 * HOUR

    def rows(start: int) -> int:
        if start == fails:
            raise web.HTTPInternalServerError
        return 100

    with anyio.fail_after(20):  # rather than after as long as a test may take
        async with WideServer() as server:
            server.rows = rows
            async with server.client(target_response_bytes=64 * 1024) as client:
                received = [
                    each
                    async for each in stream_windows(
                        client.usage,
                        "completions",
                        start_time=TODAY - 168 * HOUR,
                        end_time=TODAY,
                        bucket_width="1h",
                        group_by=["project_id"],
                        partial=True,
                    )
                ]
    assert [w.start for each in received for w, _ in each.failed] == [fails]
    came = [at for each in received for at in _starts(each)]
    assert came == [at for at in range(TODAY - 168 * HOUR, TODAY, HOUR) if at != fails]
    assert len(received) > 10  # what follows is not kept until the window's end
