"""Following the audit log: each event once, in order, late ones and restarts included."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import Announce
from openai_admin._declare.pagination import AsyncPager, PageCursor, Paging
from openai_admin._wire.models import Page
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError, NotFoundError
from openai_admin.events import Event
from openai_admin.resources.audit_logs import AuditLog, AuditLogPosition
from openai_admin.resources.audit_logs.tail import follow
from tests.doubles import IdleCaller
from tests.resources.audit_logs.events import NOW, add_event, session

OVERLAP = 60


class Over(Exception):  # noqa: N818 - no error
    """The tail was to be followed only so far."""


class Naps(IdleCaller):
    """Does the next action at each nap of the tail, and ends it when none is left.

    Args:
        now: the server's time, in Unix seconds; `None` if its answers do not tell.

    Attributes:
        lengths: how long the naps were.
        told: what the listener was told.
    """

    def __init__(self, *things: Callable[[], object], now: int | None = None) -> None:
        self._things = list(things)
        self._now = now
        self.lengths: list[float] = []
        self.told: list[Event] = []

    def server_now(self) -> datetime | None:
        return None if self._now is None else datetime.fromtimestamp(self._now, UTC)

    def announcer(self, operation: str) -> Announce:
        def announce(kind: Callable[..., Event], /, **what: Any) -> None:
            self.told.append(kind(call=1, operation=operation, **what))

        return announce

    async def sleep(self, seconds: float) -> None:
        self.lengths.append(seconds)
        if not self._things:
            raise Over
        self._things.pop(0)()


async def until_over(stream: AsyncGenerator[AuditLog, None]) -> list[str]:
    """What a tail yields until its naps are over."""
    seen: list[str] = []
    try:
        async for event in stream:
            seen.append(event.id)
    except Over:
        return seen
    raise AssertionError("a tail does not end by itself")


@pytest.fixture
def watch(emulator: Emulator) -> Callable[..., Any]:
    """Follow the emulator's log from a position through some naps, and return the ids."""

    async def watch(position: AuditLogPosition, *things: Callable[[], object]) -> list[str]:
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:

            def fetch(begin: int | None, end: int | None, /) -> AsyncPager[AuditLog]:
                within = None if begin is None else (begin, end)
                return client.audit_logs.list(limit=3, effective_at=within)

            naps = Naps(*things)
            seen = await until_over(follow(fetch, position, naps, poll=7, overlap=OVERLAP))
        assert set(naps.lengths) == {7}
        return seen

    return watch


class Later:
    """Adds events when it is called, and keeps their ids."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.ids: list[str] = []

    def at(self, *moments: int) -> Callable[[], None]:
        def add() -> None:
            self.ids += [add_event(self._emulator, NOW + moment) for moment in moments]

        return add


@pytest.fixture
def later(emulator: Emulator) -> Later:
    return Later(emulator)


async def test_only_what_is_new(
    emulator: Emulator, watch: Callable[..., Any], later: Later
) -> None:
    for second in range(10):
        add_event(emulator, NOW - second % 3)
    seen = await watch(AuditLogPosition(), later.at(0, 0, 5), lambda: None, later.at(5, 6))
    assert seen == later.ids


async def test_an_empty_log(watch: Callable[..., Any], later: Later) -> None:
    assert await watch(AuditLogPosition(), lambda: None, later.at(1), later.at(1)) == later.ids


async def test_from_a_time_on(emulator: Emulator, watch: Callable[..., Any], later: Later) -> None:
    ids = [add_event(emulator, NOW + second) for second in range(8)]
    seen = await watch(AuditLogPosition(floor=NOW + 2), later.at(9))
    assert seen == [*ids[2:], *later.ids]


async def test_events_of_one_second(watch: Callable[..., Any], later: Later) -> None:
    same = later.at(5, 5, 5, 5, 5)
    assert await watch(AuditLogPosition(floor=NOW), same, same, same) == later.ids


async def test_late_events(watch: Callable[..., Any], later: Later) -> None:
    """An older time than what was read already, within the overlap."""
    steps = [later.at(100), later.at(100 - OVERLAP, 99), later.at(70, 101), later.at(42)]
    assert await watch(AuditLogPosition(floor=NOW), *steps) == later.ids


async def test_what_comes_together_is_put_in_order(watch: Callable[..., Any], later: Later) -> None:
    seen = await watch(AuditLogPosition(floor=NOW), later.at(9, 3, 7, 3))
    ids = later.ids
    assert seen == [ids[1], ids[3], ids[2], ids[0]]


async def test_a_position_goes_on_after_a_restart(watch: Callable[..., Any], later: Later) -> None:
    position = AuditLogPosition(floor=NOW)
    first = await watch(position, later.at(100, 100))
    saved = position.dump()
    while_away = later.at(100, 100 - OVERLAP, 101)
    while_away()
    second = await watch(AuditLogPosition.load(saved), later.at(101, 95))
    assert first + second == [later.ids[n] for n in (0, 1, 3, 2, 4, 6, 5)]


async def test_a_position_is_small(watch: Callable[..., Any], later: Later) -> None:
    position = AuditLogPosition(floor=NOW)
    steps = [later.at(*range(start, start + 500)) for start in range(0, 5000, 500)]
    assert await watch(position, *steps) == later.ids
    assert position.floor == NOW + 4999 - OVERLAP
    assert list(position.seen) == later.ids[-OVERLAP - 1 :]
    assert len(position.dump()) < 60 * (OVERLAP + 1) + 60
    assert AuditLogPosition.load(position.dump()) == position


async def test_a_larger_overlap_than_before_repeats_nothing() -> None:
    log = Log(page=4)
    for moment in range(100):
        log.add(moment)
    position = AuditLogPosition(floor=0)
    assert len(await until_over(log.follow(position, overlap=5, naps=Naps()))) == 100
    assert await until_over(log.follow(position, overlap=1000, naps=Naps(lambda: None))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"floor": "x", "seen": {}}',
        '{"floor": 1, "seen": 5}',
        '{"floor": 1, "seen": {"a": "b"}}',
        '{"floor": true, "seen": {}}',
        '{"floor": 99999999999999, "seen": {}}',
    ],
)
def test_what_is_not_a_position(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not a saved position"):
        AuditLogPosition.load(text)


class Log:
    """A log in memory, newest first by time, in pages that a real pager goes through.

    Args:
        page: the size of a page.
        untimed: the numbers of the events whose times the answers do not have.
    """

    def __init__(self, page: int, untimed: set[int] | None = None) -> None:
        self._size = page
        self._untimed = {f"audit_log-{number}" for number in untimed or ()}
        self.events: list[AuditLog] = []

    def add(self, moment: int) -> str:
        id = f"audit_log-{len(self.events)}"
        at = datetime.fromtimestamp(moment, UTC)
        self.events.append(AuditLog(id=id, type="login.succeeded", effective_at=at))
        return id

    def fetch(self, begin: int | None, end: int | None, /) -> AsyncPager[AuditLog]:
        async def page(cursor: dict[str, str]) -> Page[AuditLog]:
            listed = sorted(
                (e for e in self.events if (begin or 0) <= _moment(e) < (end or math.inf)),
                key=lambda e: (e.effective_at, self.events.index(e)),
                reverse=True,
            )
            if cursor:
                first = [e.id for e in listed].index(cursor["after"]) + 1
                listed = listed[first:]
            shown = list(islice(listed, self._size))
            return Page(
                data=[
                    attrs.evolve(e, effective_at=None) if e.id in self._untimed else e
                    for e in shown
                ],
                has_more=len(listed) > len(shown),
                last_id=shown[-1].id if shown else None,
            )

        return AsyncPager(page, partial(PageCursor, Paging.LAST_ID))

    def follow(
        self, position: AuditLogPosition, *, overlap: int, naps: Naps
    ) -> AsyncGenerator[AuditLog, None]:
        return follow(self.fetch, position, naps, poll=1, overlap=overlap)


def _moment(event: AuditLog) -> float:
    assert event.effective_at is not None
    return event.effective_at.timestamp()


@pytest.mark.parametrize("untimed", [{2}, {4}, {5}, {2, 3}, {2, 3, 4, 5}, {0, 1, 3}])
async def test_an_event_without_its_time_comes_once(untimed: set[int]) -> None:
    log = Log(2, untimed)
    for moment in (100, 101):
        log.add(moment)

    def add(*moments: int) -> None:
        for moment in moments:
            log.add(moment)

    naps = Naps(partial(add, 150, 151), partial(add, 160, 200), int, int)
    seen = await until_over(log.follow(AuditLogPosition(), overlap=10, naps=naps))
    assert sorted(seen) == [f"audit_log-{n}" for n in range(2, 6)]


BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9))), max_size=8)


@settings(max_examples=200)
@given(
    before=st.lists(st.integers(0, 30), max_size=6),
    batches=BATCHES,
    page=st.integers(1, 4),
    restarts=st.sets(st.integers(0, 40)),
)
def test_each_event_once_whatever_comes(
    before: list[int],
    batches: list[list[tuple[int, int]]],
    page: int,
    restarts: set[int],
) -> None:
    """Batches of (step forward, seconds late), pages of any size, restarts after any event."""
    log = Log(page)
    for moment in before:
        log.add(moment)
    old = {e.id for e in log.events}
    clock = max(before, default=0)
    things: list[Callable[[], object]] = []
    for batch in batches:
        moments = []
        for forward, late in batch:
            clock += forward
            moments.append(max(clock - late, 0))

        def add(moments: list[int] = moments) -> None:
            for moment in moments:
                log.add(moment)

        things.append(add)

    async def run() -> list[AuditLog]:
        naps, position = Naps(*things), AuditLogPosition()
        seen: list[AuditLog] = []
        while True:
            stream = log.follow(position, overlap=10, naps=naps)
            try:
                async for event in stream:
                    seen.append(event)
                    if len(seen) in restarts:
                        break
            except Over:
                return seen
            await stream.aclose()
            position = AuditLogPosition.load(position.dump())

    seen = asyncio.run(run())
    assert sorted(e.id for e in seen) == sorted(e.id for e in log.events if e.id not in old)


async def test_on_the_async_client(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        position = AuditLogPosition()
        stream = client.audit_logs.tail(since=position, poll=0.01)
        waiting = asyncio.ensure_future(anext(stream))
        while position.floor is None:
            await asyncio.sleep(0.001)
        project = await client.projects.create(name="Robots")
        created = await waiting
        assert created.type == "project.created"
        await client.projects.archive(project.id)
        # Another task, and scopes that are left before the next step: the tail holds none.
        with anyio.move_on_after(30):
            archived = await asyncio.ensure_future(anext(stream))
        assert archived.type == "project.archived"
        assert set(position.seen) == {created.id, archived.id}
        await stream.aclose()


async def test_filters_of_a_tail(emulator: Emulator) -> None:
    for second in range(5):
        add_event(emulator, NOW + second, actor=session("user-bob" if second % 2 else "user-ada"))
    add_event(emulator, NOW + 5, "user.deleted", {"id": "user-x"}, actor=session("user-bob"))
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        stream = client.audit_logs.tail(
            since=datetime.fromtimestamp(NOW + 1, UTC),
            event_types=["login.succeeded"],
            actor_ids=["user-bob"],
        )
        times = [(await anext(stream)).effective_at for _ in range(2)]
        moments = [time.timestamp() - NOW for time in times if time is not None]
        await stream.aclose()
    assert moments == [1, 3]
    (request,) = emulator.requests
    assert "event_types%5B%5D=login.succeeded" in request.query_string
    assert "limit=100" in request.query_string


async def test_on_the_blocking_client(emulator: Emulator) -> None:
    ids = [add_event(emulator, NOW + second) for second in range(4)]

    def read() -> list[str]:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            position = AuditLogPosition(floor=NOW)
            first = [e.id for e in islice(client.audit_logs.tail(since=position), 2)]
            again = AuditLogPosition.load(position.dump())
            return first + [e.id for e in islice(client.audit_logs.tail(since=again), 2)]

    assert await asyncio.to_thread(read) == ids


async def test_a_cancelled_tail_leaves_nothing(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        stream = client.audit_logs.tail(since=NOW, poll=1000)
        waiting = asyncio.ensure_future(anext(stream))
        while not emulator.requests or emulator.requests[-1].status is None:
            await asyncio.sleep(0.001)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        with pytest.raises(NotFoundError):
            await client.projects.retrieve("proj_none")  # the client still works


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"poll": 0}, "above 0"),
        ({"poll": -1}, "above 0"),
        ({"poll": float("nan")}, "above 0"),
        ({"poll": float("inf")}, "above 0"),
        ({"poll": "30"}, "above 0"),
        ({"overlap": -1}, "0 or more"),
        ({"overlap": 1.5}, "whole number"),
        ({"overlap": None}, "whole number"),
        ({"since": "soon"}, "ISO 8601"),
        ({"since": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"event_types": ["project.archve"]}, "did you mean"),
        ({"event_types": []}, "must not be empty"),
        ({"event_types": ["tenant.user.added"]}, "tenant_only=True"),
    ],
)
async def test_refused_before_sending(
    emulator: Emulator, arguments: dict[str, Any], why: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=why):
            client.audit_logs.tail(**arguments)
    assert not emulator.requests
