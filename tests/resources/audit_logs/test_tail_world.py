"""Following the audit log as the world is: odd times, unreadable items, outages, closing."""

from __future__ import annotations

import asyncio
import math
import random
import resource
import threading
from collections.abc import AsyncGenerator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.pagination import AsyncPager, PageCursor, Paging
from openai_admin._wire.mistakes import StructureError
from openai_admin._wire.models import Page, Unreadable
from openai_admin._wire.structure import structure
from openai_admin.emulator import Emulator, Status
from openai_admin.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    InternalServerError,
    InvalidInputError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    RateLimitError,
)
from openai_admin.events import Event, Interrupted, Resumed
from openai_admin.resources.audit_logs import AuditLog, AuditLogPosition
from openai_admin.resources.audit_logs.outage import can_pass, until_read
from openai_admin.resources.audit_logs.tail import follow
from tests.resources.audit_logs.events import NOW, add_event
from tests.resources.audit_logs.test_tail import Naps, Over, until_over

OVERLAP = 60
HOUR = 3600


class OddLog:
    """A log in memory that lists by time what it has, as it is: newest first, a few a page.

    Attributes:
        failing: what the next looks fail with.
    """

    def __init__(self) -> None:
        self._items: list[tuple[float, Any]] = []
        self.failing: list[APIError] = []

    def add(self, at: float, /, **fields: Any) -> None:
        """Add an event that happened then; without ``effective_at`` the answer says that."""
        self._items.append((at, {"effective_at": at, "type": "login.succeeded", **fields}))

    def add_raw(self, at: float, raw: Any) -> None:
        """Add what is no event, where the server would list what happened then."""
        self._items.append((at, raw))

    def fetch(self, begin: int | None, end: int | None, /) -> AsyncPager[AuditLog]:
        async def page(cursor: dict[str, str]) -> Page[AuditLog]:
            if self.failing:
                raise self.failing.pop(0)
            newest = sorted(self._items, key=lambda item: item[0], reverse=True)
            listed = [raw for at, raw in newest if (begin or 0) <= at < (end or math.inf)]
            first = int(cursor.get("after", 0))
            return _page(listed[first : first + 3], first + 3, more=first + 3 < len(listed))

        return AsyncPager(page, partial(PageCursor, Paging.LAST_ID))

    def follow(
        self, position: AuditLogPosition, naps: Naps, **options: Any
    ) -> AsyncGenerator[AuditLog, None]:
        """Follow the log with the server's time that the naps have."""
        return follow(self.fetch, position, naps, poll=1, overlap=OVERLAP, **options)


def _page(listed: list[Any], end: int, *, more: bool) -> Page[AuditLog]:
    data: list[AuditLog] = []
    odd: list[Unreadable] = []
    for index, raw in enumerate(listed):
        try:
            data.append(structure(raw, AuditLog))
        except StructureError as error:
            odd.append(Unreadable(raw=raw, reason=str(error), path=("data", index)))
    return Page(data=data, unreadable=odd, has_more=more, last_id=str(end))


# --- times -----------------------------------------------------------------------------------


@pytest.mark.parametrize("future", [NOW + HOUR, NOW + 1000 * 365 * 86400, NOW * 1000])
async def test_a_future_event_does_not_blind(future: int) -> None:
    log, position = OddLog(), AuditLogPosition(floor=NOW - 100)
    log.add(future, id="future")
    log.add(NOW - 1, id="before")
    naps = Naps(partial(log.add, NOW - 5, id="late"), partial(log.add, NOW, id="after"), now=NOW)
    assert await until_over(log.follow(position, naps)) == ["before", "future", "late", "after"]
    assert position.floor == NOW - OVERLAP
    again = AuditLogPosition.load(position.dump())
    assert await until_over(log.follow(again, Naps(int, now=NOW))) == []


async def test_beginning_at_the_end_is_not_blinded_either() -> None:
    log, position = OddLog(), AuditLogPosition()
    log.add(NOW + HOUR, id="future")
    log.add(NOW - 1, id="old")
    naps = Naps(partial(log.add, NOW, id="new"), now=NOW)
    assert await until_over(log.follow(position, naps)) == ["new"]


async def test_the_future_moves_the_position_once_it_is_past() -> None:
    """Else a server whose clock is behind its events would have the whole log listed each time."""
    log, position = OddLog(), AuditLogPosition(floor=NOW)
    log.add(NOW + 500, id="ahead")
    assert await until_over(log.follow(position, Naps(now=NOW))) == ["ahead"]
    assert position.floor == NOW
    assert await until_over(log.follow(position, Naps(now=NOW + 500))) == []
    assert position.floor == NOW + 500 - OVERLAP


async def test_without_the_servers_time_this_machines_holds_back() -> None:
    log, position = OddLog(), AuditLogPosition(floor=NOW)
    log.add(NOW * 2, id="future")  # the year 2080
    log.add(NOW + 100, id="past")
    assert await until_over(log.follow(position, Naps())) == ["past", "future"]
    assert position.floor == NOW + 100 - OVERLAP


@pytest.mark.parametrize("time", [None, "soon", [NOW], NOW + 0.75, str(NOW), f"{NOW}.5", True])
async def test_an_event_with_an_odd_time_comes_once(time: Any) -> None:
    log, position = OddLog(), AuditLogPosition(floor=NOW - OVERLAP)
    log.add(NOW - 1, id="a")
    log.add(NOW, id="odd", effective_at=time)
    log.add(NOW + 1, id="b")
    naps = Naps(int, partial(log.add, NOW + 30, id="c"), int, int, now=NOW + 40)
    assert await until_over(log.follow(position, naps)) == ["a", "odd", "b", "c"]


@pytest.mark.parametrize("time", [None, "soon", NOW - HOUR, -5])
@pytest.mark.parametrize("at", [NOW - 3 * OVERLAP, NOW + 40])
async def test_an_event_that_is_listed_for_long_without_its_time_comes_once(
    time: Any, at: int
) -> None:
    """Whatever the server sorts it by, and whatever is before it, and after a restart too."""
    log, position = OddLog(), AuditLogPosition(floor=NOW - 4 * OVERLAP)
    log.add(NOW - 2 * OVERLAP, id="a")
    log.add(at, id="wrong", effective_at=NOW - HOUR)
    log.add(at, id="odd", effective_at=time)
    log.add(NOW, id="b")
    naps = Naps(int, partial(log.add, NOW + 30, id="c"), int, int, now=NOW + 40)
    first = await until_over(log.follow(position, naps))
    assert sorted(first) == ["a", "b", "c", "odd", "wrong"]
    again = AuditLogPosition.load(position.dump())
    later = Naps(int, partial(log.add, NOW + 41, id="d"), int, now=NOW + 45)
    assert await until_over(log.follow(again, later)) == ["d"]


async def test_only_events_without_times() -> None:
    log, position = OddLog(), AuditLogPosition()
    log.add(NOW - 5, id="old", effective_at=None)
    new = partial(log.add, NOW + 1, id="new", effective_at=None)
    naps = Naps(int, new, int, now=NOW)
    assert await until_over(log.follow(position, naps)) == ["new"]


# --- what cannot be read ---------------------------------------------------------------------


ODD = [
    {"type": "login.succeeded", "effective_at": NOW},
    {"id": [7], "effective_at": NOW + 0.5},
    {"id": None},
    "an event",
    None,
    ["a", "list"],
]


@pytest.mark.parametrize("raw", ODD)
async def test_what_cannot_be_read_is_given_once_in_its_place(raw: Any, tmp_path: Path) -> None:
    log = OddLog()
    log.add(NOW - 1, id="a")
    log.add_raw(NOW, raw)
    log.add(NOW + 1, id="b")
    order: list[Any] = []
    file = tmp_path / "position.json"
    for _ in range(2):  # the second time after a restart
        position = AuditLogPosition.from_file(file, since=NOW - 10)
        try:
            naps = Naps(int, int, now=NOW)
            async for event in log.follow(position, naps, unreadable=order.append):
                order.append(event.id)
                position.save()
        except Over:
            continue
    first, odd, last = order
    assert (first, last) == ("a", "b")
    assert odd.raw == raw


async def test_what_cannot_be_read_ends_nothing_if_nobody_asks() -> None:
    log, position = OddLog(), AuditLogPosition(floor=NOW)
    for raw in ODD:
        log.add_raw(NOW, raw)
    naps = Naps(partial(log.add, NOW + 1, id="new"), now=NOW + 1)
    assert await until_over(log.follow(position, naps)) == ["new"]


# --- outages ---------------------------------------------------------------------------------


def refused() -> APIError:
    return APIConnectionError("Could not connect.")


async def test_an_outage_is_waited_out_and_told() -> None:
    log, position = OddLog(), AuditLogPosition(floor=NOW)
    naps = Naps(*[int] * 20, partial(log.add, NOW, id="after"), now=NOW)
    log.failing = [refused() for _ in range(20)]
    assert await until_over(log.follow(position, naps, rng=random.Random(1))) == ["after"]
    pauses = naps.lengths[:20]
    for number, pause in enumerate(pauses, 1):
        longest = min(300.0, 2.0**number)
        assert longest / 2 <= pause <= longest
    assert len(set(pauses)) == 20
    interrupted, (resumed,) = naps.told[:-1], naps.told[-1:]
    assert all(isinstance(event, Interrupted) for event in interrupted)
    assert [event.delay for event in interrupted if isinstance(event, Interrupted)] == pauses
    assert isinstance(resumed, Resumed)
    assert resumed.failures == 20


async def test_an_outage_at_the_beginning() -> None:
    log, position = OddLog(), AuditLogPosition()
    log.add(NOW, id="old")
    log.failing = [refused()]
    naps = Naps(int, partial(log.add, NOW, id="new"), now=NOW)
    assert await until_over(log.follow(position, naps)) == ["new"]


async def test_pauses_are_never_shorter_than_half_of_a_long_poll() -> None:
    lengths: list[float] = []

    class Sleeping(Naps):
        async def sleep(self, seconds: float) -> None:
            lengths.append(seconds)

    failing = [refused() for _ in range(50)]

    async def read() -> str:
        if failing:
            raise failing.pop()
        return "read"

    rng = random.Random(1)
    assert await until_read(read, Sleeping(), operation="x", poll=HOUR, rng=rng) == "read"
    assert HOUR / 2 <= min(lengths) <= max(lengths) <= HOUR


def lasting() -> APIError:
    error = APIConnectionError("The certificate is not trusted.")
    error.is_lasting = True
    return error


UNREADABLE = partial(APIResponseValidationError, "The response is not valid.", body=b"")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (APIConnectionError("lost"), True),
        (APITimeoutError("too late"), True),
        (InternalServerError("oh", status=500), True),
        (InternalServerError("oh", status=599), True),
        (RateLimitError("slow down", status=429), True),
        (RateLimitError("no credit", status=429, code="insufficient_quota"), True),
        (UNREADABLE(is_json=False), True),
        (UNREADABLE(), True),
        (UNREADABLE(place="$.data[3].id"), False),
        (PaginationError("it would loop"), True),
        (APIStatusError("upstream timed out", status=200, type="server_error"), True),
        (PermissionDeniedError("a web page", status=403, is_from_api=False), True),
        (NotFoundError("a web page", status=404, is_from_api=False), True),
        (NotFoundError("no /v1", status=404, is_from_api=False, body={"error": {}}), False),
        (BadRequestError("no such filter", status=400), False),
        (AuthenticationError("revoked", status=401), False),
        (PermissionDeniedError("no scope", status=403), False),
        (NotFoundError("the log is off", status=404), False),
        (lasting(), False),
    ],
    ids=lambda value: value if isinstance(value, bool) else repr(value)[:40],
)
async def test_only_what_passes_is_waited_out(error: APIError, passes: bool) -> None:
    assert can_pass(error) is passes
    log, position = OddLog(), AuditLogPosition(floor=NOW)
    log.add(NOW, id="there")
    log.failing = [error]
    stream = log.follow(position, Naps(int, now=NOW))
    if passes:
        assert await until_over(stream) == ["there"]
    else:
        with pytest.raises(type(error)):
            await anext(stream)


# --- on the clients --------------------------------------------------------------------------


class Listening:
    """A client's listener that says when the log can no longer be read."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.interrupted = threading.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Interrupted):
            self.interrupted.set()


async def test_an_outage_on_the_async_client(emulator: Emulator) -> None:
    listening = Listening()
    emulator.faults.add(Status(status=500, times=3))
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0, on_event=listening
    ) as client:
        add_event(emulator, NOW)
        event = await anext(client.audit_logs.tail(since=NOW, poll=0.01))
    assert event.type == "login.succeeded"
    told = [e for e in listening.events if isinstance(e, Interrupted | Resumed)]
    assert [type(e) for e in told] == [Interrupted] * 3 + [Resumed]
    assert {(e.call, e.operation) for e in told} == {(told[0].call, "audit_logs.tail")}


@pytest.mark.parametrize("while_", ["idle", "out"])
async def test_closing_ends_a_tail_that_waits(emulator: Emulator, while_: str) -> None:
    listening = Listening()
    if while_ == "out":
        emulator.faults.add(Status(status=500))
    client = AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0, on_event=listening
    )
    waiting = asyncio.ensure_future(anext(client.audit_logs.tail(since=NOW, poll=HOUR)))
    while not (listening.interrupted.is_set() if while_ == "out" else _is_read(listening)):
        await asyncio.sleep(0.001)
    await client.close()
    with pytest.raises(ClientClosedError):
        await waiting


def _is_read(listening: Listening) -> bool:
    return any(type(event).__name__ == "Succeeded" for event in listening.events)


async def test_closing_ends_a_tail_that_has_more(emulator: Emulator) -> None:
    for second in range(5):
        add_event(emulator, NOW + second)
    client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
    stream = client.audit_logs.tail(since=NOW)
    await anext(stream)
    await client.close()
    with pytest.raises(ClientClosedError):
        await anext(stream)


@pytest.mark.parametrize("while_", ["idle", "out"])
async def test_closing_from_another_thread(emulator: Emulator, while_: str) -> None:
    listening = Listening()
    if while_ == "out":
        emulator.faults.add(Status(status=500))
    client = OpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0, on_event=listening
    )

    def read() -> None:
        next(client.audit_logs.tail(since=NOW, poll=HOUR))

    waiting = asyncio.ensure_future(asyncio.to_thread(read))
    while not (listening.interrupted.is_set() if while_ == "out" else _is_read(listening)):
        await asyncio.sleep(0.001)
    await asyncio.to_thread(client.close)
    with pytest.raises(ClientClosedError):
        await waiting


# --- the file of a position ------------------------------------------------------------------


async def test_a_position_in_a_file_on_the_blocking_client(
    emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "position.json"
    ids = [add_event(emulator, NOW + second) for second in range(4)]

    def read() -> list[str]:
        position = AuditLogPosition.from_file(str(file), since=NOW)
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            seen = []
            for event in islice(client.audit_logs.tail(since=position), 2):
                seen.append(event.id)
                position.save()
            return seen

    assert await asyncio.to_thread(read) + await asyncio.to_thread(read) == ids


async def test_where_a_tail_began_is_saved_before_the_first_event(tmp_path: Path) -> None:
    """Else what happens before a restart would be missed."""
    file = tmp_path / "position.json"
    log = OddLog()
    log.add(NOW, id="old")
    first = AuditLogPosition.from_file(file)
    assert await until_over(log.follow(first, Naps(now=NOW))) == []
    log.add(NOW, id="meanwhile")
    again = AuditLogPosition.from_file(file, since=0)
    assert await until_over(log.follow(again, Naps(now=NOW))) == ["meanwhile"]


def test_a_position_is_saved_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "position.json"
    position = AuditLogPosition(NOW, {"a": NOW}, file)
    position.save()
    before = file.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    position = AuditLogPosition.from_file(file)
    position.mark("b", NOW)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        position.save()
    assert file.read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["position.json"]


def test_what_changed_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    position = AuditLogPosition(NOW, {"a": NOW}, file)
    position.save()
    before = file.read_text()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    position.mark("b", NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            position.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == before
    position.save()
    assert AuditLogPosition.from_file(file) == position


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 30), st.lists(st.integers(0, 60), max_size=4), st.booleans())
    ),
    cut=st.integers(0, 50),
)
def test_a_file_says_what_was_saved_last(
    steps: list[tuple[int, list[int], bool]], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However it grew, and also where the last line was not written to its end."""
    file = tmp_path_factory.mktemp("saved") / "position.json"
    position = AuditLogPosition(NOW, file=file)
    position.save()
    saved = [position.dump()]
    floor = NOW
    for number, (forward, moments, is_last) in enumerate(steps):
        for moment in moments:
            position.mark(f"{number}-{moment}", floor + moment)
        floor += forward
        position.advance(floor)
        if is_last:
            continue
        position.save()
        saved.append(position.dump())
    assert AuditLogPosition.from_file(file) == AuditLogPosition.load(saved[-1])
    text = file.read_text()
    last = text.rstrip("\n").rpartition("\n")[2]
    if len(saved) > 1 and 0 < cut < len(last):
        file.write_text(text[: -cut - 1])
        assert AuditLogPosition.from_file(file) == AuditLogPosition.load(saved[-2])


def test_a_file_that_somebody_else_changed_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    position = AuditLogPosition(NOW, {"a": NOW}, file)
    position.save()
    for change in (file.unlink, lambda: file.write_text("spoiled")):
        change()
        position.mark("b", NOW)
        position.save()
        assert AuditLogPosition.from_file(file) == position


def test_a_file_does_not_grow_beyond_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    position = AuditLogPosition(NOW, file=file)
    for number in range(5_000):
        position.mark(f"audit_log-{number}", NOW + number)
        position.advance(NOW + number - 60)
        position.save()
    assert file.stat().st_size < 80_000
    assert AuditLogPosition.from_file(file) == position


def test_a_position_without_a_file_is_not_saved() -> None:
    with pytest.raises(InvalidInputError, match="has no file"):
        AuditLogPosition().save()


def test_a_file_that_holds_no_position(tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match=r"position\.json is not a saved position .* since"):
        AuditLogPosition.from_file(file)
