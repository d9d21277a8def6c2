"""A batch is sent until each event of it is taken or set apart."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from openai_admin._transport.retry import AttemptFailure, FailureKind
from openai_admin.audit.delivery.dead_letters import DeadLetters
from openai_admin.audit.delivery.receiver import (
    TAKEN,
    Answer,
    DeliveryError,
    LaterError,
    RefusedError,
)
from openai_admin.audit.delivery.records import Record
from openai_admin.audit.delivery.sending import Sender
from openai_admin.audit.delivery.status import Status
from openai_admin.errors import InvalidInputError

from .records import Clock, Memory, record, records, unreachable

BAD = frozenset({3, 40, 41, 99})


def refusing(numbers: Sequence[int]) -> Answer:
    """Refuse a batch for what is in it, and do not say for which."""
    if BAD & set(numbers):
        raise RefusedError("it answered 400: Invalid data format")
    return TAKEN


def naming(numbers: Sequence[int]) -> Answer:
    """Refuse a batch for what is in it, and say for which."""
    for place, number in enumerate(numbers):
        if number in BAD:
            raise RefusedError("it answered 400: Invalid data format", place)
    return TAKEN


def naming_wrongly(numbers: Sequence[int]) -> Answer:
    """Name another event than the one that is refused."""
    if BAD & set(numbers):
        raise RefusedError("it answered 400: Invalid data format", len(numbers) + 7)
    return TAKEN


def each_for_itself(numbers: Sequence[int]) -> Answer:
    """Take the rest at once, as bulk requests do."""
    return Answer({place: "bad" for place, number in enumerate(numbers) if number in BAD})


def sender(receiver: Memory, folder: Path | None, clock: Clock, **more: object) -> Sender:
    """A sender without real time."""
    dead = None if folder is None else DeadLetters(folder / "dead.ndjson", receiver.name)
    made = {"status": Status(), "rng": random.Random(0), **more}
    return Sender(
        receiver=receiver,
        dead_letters=dead,
        sleep=clock.sleep,
        clock=clock,
        **made,  # type: ignore[arg-type]
    )


def dead(folder: Path) -> list[int]:
    """The numbers of the dead letters."""
    lines = (folder / "dead.ndjson").read_text().split("\n")
    return [json.loads(line)["event"]["number"] for line in lines if line]


@pytest.mark.parametrize("judge", [refusing, naming, naming_wrongly, each_for_itself])
async def test_what_is_refused_is_a_dead_letter_and_the_rest_is_taken_in_order(
    judge: object, tmp_path: Path
) -> None:
    memory = Memory(judge)  # type: ignore[arg-type]
    made = sender(memory, tmp_path, Clock())
    await made.send(records(100))
    assert memory.taken == [n for n in range(100) if n not in BAD]
    assert dead(tmp_path) == sorted(BAD)
    assert (made.status.delivered, made.status.dead_letters) == (96, 4)
    assert len(memory.batches) < 50
    first = json.loads((tmp_path / "dead.ndjson").read_text().split("\n")[0])
    assert first["id"] == "audit_log-3"
    assert first["reason"] in ("it answered 400: Invalid data format", "bad")
    assert first["receiver"] == "the receiver"
    assert (tmp_path / "dead.ndjson").stat().st_mode & 0o777 == 0o600


async def test_without_a_file_for_it_a_refused_event_ends_the_delivery() -> None:
    with pytest.raises(DeliveryError, match=r"audit_log-3 was refused .*--dead-letters"):
        await sender(Memory(refusing), None, Clock()).send(records(10))


async def test_a_receiver_that_refuses_all_is_not_taken_for_one_that_refuses_some(
    tmp_path: Path,
) -> None:
    def never(numbers: Sequence[int]) -> Answer:
        raise RefusedError("it answered 400: what is this?")

    with pytest.raises(DeliveryError, match=r"refuses every event \(it answered 400: what is"):
        await sender(Memory(never), tmp_path, Clock()).send(records(500))
    assert not (tmp_path / "dead.ndjson").exists()


async def test_an_event_that_cannot_be_encoded_is_a_dead_letter(tmp_path: Path) -> None:
    from attrs import evolve

    memory = Memory()
    await sender(memory, tmp_path, Clock()).send(
        [record(0), evolve(record(1), why_not="It cannot be encoded: no"), record(2)]
    )
    assert memory.taken == [0, 2]
    assert dead(tmp_path) == [1]


async def test_while_the_receiver_is_down_it_is_tried_again_and_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    clock = Clock()
    failures = 500  # an hour or so

    def away(numbers: Sequence[int]) -> Answer:
        if len(memory.batches) <= failures:
            raise unreachable()
        return TAKEN

    memory = Memory(away)
    await sender(memory, tmp_path, clock, tell=told.append).send(records(3))
    assert memory.taken == [0, 1, 2]
    assert clock.now - 1000 > 1000
    assert max(clock.naps) <= 8
    assert told == [
        "The receiver takes no events: nobody answered. Trying again until it does.",
        f"The receiver takes events again, after {_minutes(clock)}.",
    ]


def _minutes(clock: Clock) -> str:
    from openai_admin._text.durations import duration

    return duration(clock.now - 1000)


async def test_the_receiver_says_how_long_to_wait(tmp_path: Path) -> None:
    clock = Clock()

    def busy(numbers: Sequence[int]) -> Answer:
        if len(memory.batches) == 1:
            failure = AttemptFailure(FailureKind.STATUS, status=429, headers={"retry-after": "37"})
            raise LaterError("it answered 429", failure)
        return TAKEN

    memory = Memory(busy)
    await sender(memory, tmp_path, clock).send(records(3))
    assert clock.naps == [37]


async def test_patience_ends(tmp_path: Path) -> None:
    def away(numbers: Sequence[int]) -> Answer:
        raise unreachable()

    clock = Clock()
    with pytest.raises(DeliveryError, match=r"takes no events for .*: nobody answered"):
        await sender(Memory(away), tmp_path, clock, patience=60.0).send(records(3))
    assert 30 < clock.now - 1000 <= 60


async def test_what_never_passes_is_not_tried_again(tmp_path: Path) -> None:
    def untrusted(numbers: Sequence[int]) -> Answer:
        failure = AttemptFailure(FailureKind.NOT_SENT, is_lasting=True)
        raise LaterError("its certificate is not trusted", failure)

    memory = Memory(untrusted)
    with pytest.raises(DeliveryError, match="its certificate is not trusted"):
        await sender(memory, tmp_path, Clock()).send(records(3))
    assert memory.batches == [3]


async def test_only_those_are_sent_again_that_had_no_room(tmp_path: Path) -> None:
    def full(numbers: Sequence[int]) -> Answer:
        return Answer(again=[1, 3]) if len(memory.batches) == 1 else TAKEN

    memory = Memory(full)
    made = sender(memory, tmp_path, Clock())
    await made.send(records(5))
    assert memory.taken == [0, 2, 4, 1, 3]
    assert made.status.delivered == 5


async def test_what_is_said_to_be_in_the_file_is_in_it_when_it_is_said(tmp_path: Path) -> None:
    kept: list[list[int]] = []

    def one_then_away(numbers: Sequence[int]) -> Answer:
        if 0 in numbers:
            raise RefusedError("it answered 400: bad event", numbers.index(0))
        raise unreachable()

    def tell(sentence: str) -> None:
        if "was refused and is in" in sentence:
            kept.append(dead(tmp_path))

    made = sender(Memory(one_then_away), tmp_path, Clock(), patience=2.0, tell=tell)
    with pytest.raises(DeliveryError, match="nobody answered"):
        await made.send(records(4))
    assert kept == [[0]]
    assert (made.status.delivered, made.status.dead_letters) == (0, 1)


async def test_nothing_is_said_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    told: list[str] = []
    made = sender(Memory(naming), tmp_path, Clock(), tell=told.append)
    (tmp_path / "dead.ndjson").mkdir()
    with pytest.raises(DeliveryError, match="cannot be written"):
        await made.send(records(5))
    assert told == []


def test_a_file_of_dead_letters_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no folder"):
        DeadLetters(tmp_path / "nowhere" / "dead.ndjson", "the receiver")


async def test_a_receiver_that_takes_some_each_time_is_not_down(tmp_path: Path) -> None:
    def busy(numbers: Sequence[int]) -> Answer:
        return Answer(again=range(1, len(numbers)))  # one at a time

    told: list[str] = []
    clock = Clock()
    memory = Memory(busy)
    made = sender(memory, tmp_path, clock, patience=1.0, tell=told.append)
    await made.send(records(200))
    assert memory.taken == list(range(200))
    assert (made.status.delivered, made.status.receiver) == (200, "up")
    assert told == []
    assert max(clock.naps) <= 0.5


async def test_what_was_taken_before_an_error_counts_as_delivered(tmp_path: Path) -> None:
    def some_then_away(numbers: Sequence[int]) -> Answer:
        if len(memory.batches) > 1:
            raise unreachable()
        return Answer(again=[1, 3])

    memory = Memory(some_then_away)
    made = sender(memory, tmp_path, Clock(), patience=5.0)
    with pytest.raises(DeliveryError, match="nobody answered"):
        await made.send(records(5))
    assert made.status.delivered == 3


@pytest.mark.parametrize("patience", [1.5, 3.0, 8.0])
async def test_a_receiver_is_waited_for_as_long_as_was_said(
    patience: float, tmp_path: Path
) -> None:
    def away(numbers: Sequence[int]) -> Answer:
        raise unreachable()

    clock = Clock()
    with pytest.raises(DeliveryError, match="nobody answered"):
        await sender(Memory(away), tmp_path, clock, patience=patience).send(records(3))
    assert clock.now - 1000 == pytest.approx(patience)


async def test_a_receiver_that_asks_for_more_than_the_patience_is_quoted(tmp_path: Path) -> None:
    def busy(numbers: Sequence[int]) -> Answer:
        headers = {"retry-after": "7200"}
        failure = AttemptFailure(FailureKind.STATUS, status=429, headers=headers)
        raise LaterError("it answered 429", failure)

    clock = Clock()
    told = r"takes no events: it answered 429\. It asks to wait 2 h.*longer than it may be down"
    with pytest.raises(DeliveryError, match=told):
        await sender(Memory(busy), tmp_path, clock, patience=60.0).send(records(3))
    assert clock.naps == []


async def test_a_receiver_that_does_not_confirm_counts_as_down_until_it_does(
    tmp_path: Path,
) -> None:
    told: list[str] = []
    while_waiting: list[str] = []
    confirmed = asyncio.Event()

    class Slow(Memory):
        async def send(self, batch: Sequence[Record]) -> Answer:
            await confirmed.wait()
            while_waiting.append(made.status.receiver)
            return TAKEN

    def tell(sentence: str) -> None:
        told.append(sentence)
        confirmed.set()

    made = sender(Slow(), tmp_path, Clock(), tell=tell, slow=0.0)
    await made.send(records(3))
    assert (while_waiting, made.status.receiver) == (["down"], "up")
    assert told == ["The receiver has not confirmed a batch for 0 s. Waiting."]
