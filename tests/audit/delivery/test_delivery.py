"""A log is followed and delivered: what is saved when, how much is held, how it ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from benchmarks.audit.delivery.trial import To, tried
from openai_admin import AsyncOpenAIAdmin
from openai_admin.audit.delivery.dead_letters import DeadLetters
from openai_admin.audit.delivery.delivery import Delivery
from openai_admin.audit.delivery.heartbeat import Heartbeat
from openai_admin.audit.delivery.receiver import (
    TAKEN,
    Answer,
    DeliveryError,
    RefusedError,
)
from openai_admin.audit.delivery.records import Limits, Record
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.errors import APIError
from openai_admin.resources.audit_logs import AuditLogPosition

from .records import unreachable

_ACTOR = {"type": "session", "session": {"user": {"id": "user-1", "email": "a@example.com"}}}
_LIMITS = Limits(events=10, seconds=0, batches=2)


@attrs.define
class Gate:
    """A receiver that takes a batch only while it is open."""

    name: str = "the receiver"
    opened: asyncio.Event = attrs.field(factory=asyncio.Event)
    taken: list[str] = attrs.field(factory=list)
    asked: int = 0
    most_at_once: int = 0
    before: Callable[[Sequence[Record]], None] = lambda batch: None

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Take a batch, once it may."""
        self.asked += 1
        self.most_at_once = max(self.most_at_once, len(batch))
        await self.opened.wait()
        self.before(batch)
        self.taken += [record.key for record in batch]
        return TAKEN

    async def aclose(self) -> None:
        """Nothing is held."""


def publish(emulator: Emulator, count: int, *, ago: int = 0) -> list[str]:
    """Have so many events in the log; their ids."""
    at = int(time.time()) - ago
    return [
        emulator.store.audit("project.archived", {"id": "p"}, actor=_ACTOR, effective_at=at)["id"]
        for _ in range(count)
    ]


async def until(holds: Callable[[], Any]) -> None:
    """Wait until something holds; the test's own time limit is the end of it."""
    while not holds():
        await asyncio.sleep(0.01)


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of an organization with an empty log."""
    async with AsyncOpenAIAdmin(admin_key=emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


def position(folder: Path) -> AuditLogPosition:
    """A position in a file, which begins an hour ago."""
    return AuditLogPosition.from_file(folder / "position.json", since=int(time.time()) - 3600)


@asynccontextmanager
async def following(
    delivery: Delivery, client: AsyncOpenAIAdmin, where: AuditLogPosition
) -> AsyncIterator[asyncio.Task[None]]:
    """A delivery that goes on meanwhile, and is cancelled."""
    task = asyncio.create_task(delivery.follow(client.audit_logs, where, poll=0.05))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_position_is_saved_once_the_receiver_has_confirmed(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    published = publish(emulator, 25)
    gate = Gate()
    where = position(tmp_path)
    async with following(Delivery(receiver=gate, limits=_LIMITS, grace=0.05), client, where):
        await until(lambda: gate.asked)
        assert position(tmp_path).seen == {}
        gate.opened.set()
        await until(lambda: len(gate.taken) == 25)
        await until(lambda: len(position(tmp_path).seen) == 25)
    assert gate.taken == published
    assert gate.most_at_once == 10


async def test_what_was_not_confirmed_comes_again_and_nothing_else(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    first = publish(emulator, 10)
    gate = Gate()
    gate.opened.set()
    told: list[str] = []
    delivery = Delivery(receiver=gate, limits=_LIMITS, grace=0.05, tell=told.append)
    async with following(delivery, client, position(tmp_path)):
        await until(lambda: len(gate.taken) == 10)
        await until(lambda: len(position(tmp_path).seen) == 10)
        gate.opened.clear()
        more = publish(emulator, 15)
        await until(lambda: gate.asked == 2)
    (sentence,) = told
    assert sentence == (
        "15 events were read and not confirmed by the receiver; they come first when this is"
        " started again."
    )
    again = Gate()
    again.opened.set()
    async with following(Delivery(receiver=again, limits=_LIMITS), client, position(tmp_path)):
        await until(lambda: len(again.taken) == 15)
    assert (gate.taken, again.taken) == (first, more)


async def test_while_the_receiver_is_slow_the_log_is_read_no_further(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    published = publish(emulator, 300)
    gate = Gate()
    delivery = Delivery(receiver=gate, limits=_LIMITS)
    async with following(delivery, client, position(tmp_path)):
        await until(lambda: gate.asked)
        requests = len(emulator.requests)
        await asyncio.sleep(0.3)  # six polls
        assert len(emulator.requests) == requests
        publish(emulator, 5)
        gate.opened.set()
        await until(lambda: len(gate.taken) == 305)
    assert gate.taken[:300] == published


async def test_what_is_in_hand_at_the_end_is_delivered_still(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    published = publish(emulator, 7)
    gate = Gate()
    gate.opened.set()
    waits = Limits(events=100, seconds=1000)
    async with following(Delivery(receiver=gate, limits=waits), client, position(tmp_path)):
        await until(lambda: emulator.requests)
        await asyncio.sleep(0.2)
        assert gate.asked == 0  # it waits for others
    assert gate.taken == published
    assert len(position(tmp_path).seen) == 7


async def test_a_new_position_is_saved_before_anything_happens(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    publish(emulator, 3, ago=5)
    gate = Gate()
    gate.opened.set()
    file = tmp_path / "position.json"
    async with following(Delivery(receiver=gate), client, AuditLogPosition.from_file(file)):
        await until(file.exists)
    assert AuditLogPosition.from_file(file).floor is not None
    assert gate.taken == []
    new = publish(emulator, 2)
    async with following(
        Delivery(receiver=gate, limits=_LIMITS), client, AuditLogPosition.from_file(file)
    ):
        await until(lambda: len(gate.taken) == 2)
    assert gate.taken == new


async def test_a_late_event_inside_the_overlap_comes_once(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    publish(emulator, 3)
    gate = Gate()
    gate.opened.set()
    async with following(Delivery(receiver=gate, limits=_LIMITS), client, position(tmp_path)):
        await until(lambda: len(gate.taken) == 3)
        late = publish(emulator, 2, ago=100)
        ahead = publish(emulator, 2, ago=-30)
        await until(lambda: len(gate.taken) >= 7)
        await asyncio.sleep(0.3)
    assert sorted(gate.taken[3:]) == sorted(late + ahead)


@attrs.frozen(kw_only=True)
class WithoutIds(JSONFault):
    """No event has an id."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in value["data"]:
            del event["id"]
        return value


async def test_odd_events_are_delivered_too(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    publish(emulator, 1)
    emulator.faults.add(WithoutIds(match="audit_logs.list"))
    got: list[Record] = []
    gate = Gate(before=got.extend)
    gate.opened.set()
    async with following(Delivery(receiver=gate, limits=_LIMITS), client, position(tmp_path)):
        await until(lambda: gate.taken)
        await until(lambda: position(tmp_path).seen)
    (record,) = got
    assert record.key.startswith("blake2:")
    assert json.loads(record.body)["object"] == "unreadable"
    assert position(tmp_path).seen.keys() == {record.key}


async def test_a_receiver_that_takes_nothing_ends_it(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    publish(emulator, 3)

    def refuse(batch: Sequence[Record]) -> None:
        raise DeliveryError("the token is wrong")

    gate = Gate(before=refuse)
    gate.opened.set()
    with pytest.raises(DeliveryError, match="the token is wrong"):
        await Delivery(receiver=gate, limits=_LIMITS).follow(
            client.audit_logs, position(tmp_path), poll=0.05
        )
    assert position(tmp_path).seen == {}


async def test_what_the_api_refuses_ends_it_after_what_was_read_is_delivered(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    published = publish(emulator, 3)

    def revoke(batch: Sequence[Record]) -> None:
        emulator.faults.add(Status(status=403))

    gate = Gate(before=revoke)
    gate.opened.set()
    with pytest.raises(APIError):
        await Delivery(receiver=gate, limits=_LIMITS).follow(
            client.audit_logs, position(tmp_path), poll=0.05
        )
    assert gate.taken == published


async def test_an_export_has_all_of_a_stretch_and_ends(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    published = publish(emulator, 25, ago=60)
    publish(emulator, 3, ago=-600)

    def judge(batch: Sequence[Record]) -> None:
        if published[4] in {record.key for record in batch}:
            raise RefusedError("no")

    gate = Gate(before=judge)
    gate.opened.set()
    dead = DeadLetters(tmp_path / "dead.ndjson", gate.name)
    delivery = Delivery(receiver=gate, limits=_LIMITS, dead_letters=dead)
    now = datetime.now(UTC)
    await delivery.export(
        client.audit_logs, datetime.fromtimestamp(now.timestamp() - 900, UTC), now
    )
    assert gate.taken == [id for id in published if id != published[4]]
    assert (delivery.status.delivered, delivery.status.dead_letters) == (24, 1)


async def test_a_heartbeat_says_how_it_goes_and_leaves_with_the_delivery(
    emulator: Emulator, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    publish(emulator, 12, ago=40)
    file = tmp_path / "beat.json"

    def beat() -> dict[str, Any]:
        return json.loads(file.read_text()) if file.exists() else {}

    tries = 0

    def judge(batch: Sequence[Record]) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise unreachable()

    gate = Gate(before=judge)
    naps = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await naps.wait()

    delivery = Delivery(
        receiver=gate,
        limits=_LIMITS,
        heartbeat=Heartbeat(seconds=0.02, file=file),
        sleep=sleep,
    )
    async with following(delivery, client, position(tmp_path)):
        await until(lambda: beat().get("waiting") == 12)
        assert (beat()["receiver"], beat()["delivered"], beat()["lag"]) == ("unknown", 0, None)
        gate.opened.set()
        await until(lambda: beat().get("receiver") == "down")
        naps.set()
        await until(lambda: beat().get("delivered") == 12)
        found = beat()
    assert (found["receiver"], found["waiting"], found["log"]) == ("up", 0, "up")
    assert 40 <= found["lag"] < 240
    assert not file.exists()


@pytest.mark.parametrize("to", ["hec", "file"])
async def test_the_real_command_loses_nothing_while_it_and_its_receiver_fail(to: To) -> None:
    """In small; `python -m benchmarks.audit delivery` is the whole of it."""
    outcome = await tried(to, failures=3, seed=5, late=2)
    assert outcome.is_right, outcome
    assert outcome.published > 10


async def test_what_was_taken_before_the_end_does_not_count_as_unconfirmed(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    published = [publish(emulator, 1, ago=60 - second)[0] for second in range(10)]

    @attrs.define
    class Picky:
        name: str = "the receiver"
        taken: list[str] = attrs.field(factory=list)

        async def send(self, batch: Sequence[Record]) -> Answer:
            keys = [record.key for record in batch]
            if published[7] in keys:
                raise RefusedError("it answered 400: bad event", keys.index(published[7]))
            self.taken += keys
            return TAKEN

        async def aclose(self) -> None:
            """Nothing is held."""

    told: list[str] = []
    picky = Picky()
    delivery = Delivery(receiver=picky, limits=_LIMITS, tell=told.append)
    since = datetime.fromtimestamp(int(time.time()) - 3600, UTC)
    with pytest.raises(DeliveryError, match="there is no file for such events"):
        await delivery.export(client.audit_logs, since, datetime.now(UTC))
    assert len(picky.taken) == delivery.status.delivered == 7
    assert told == ["3 events were read and not confirmed by the receiver."]
