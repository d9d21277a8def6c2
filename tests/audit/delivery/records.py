"""Records to deliver, and receivers in memory that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import attrs

from openai_admin._transport.retry import AttemptFailure, FailureKind
from openai_admin.audit.delivery.receiver import TAKEN, Answer, LaterError
from openai_admin.audit.delivery.records import Record


def record(number: int, size: int = 0) -> Record:
    """An event with a number, of at least so many bytes."""
    raw = {"id": f"audit_log-{number}", "number": number, "fill": "x" * size}
    at = datetime.fromtimestamp(1_790_000_000 + number, UTC)
    return Record(key=f"audit_log-{number}", at=at, body=json.dumps(raw).encode(), raw=raw)


def records(count: int) -> list[Record]:
    """Events with the numbers from 0 on."""
    return [record(number) for number in range(count)]


@attrs.define
class Memory:
    """A receiver that keeps what it takes.

    Attributes:
        judge: says what becomes of a batch; it may raise.
        taken: the numbers that came and were taken, in order.
        batches: how many events each request had.
    """

    judge: Callable[[Sequence[int]], Answer] = lambda numbers: TAKEN
    name: str = "the receiver"
    taken: list[int] = attrs.field(factory=list)
    batches: list[int] = attrs.field(factory=list)

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Take a batch."""
        numbers = [each.raw["number"] for each in batch]
        self.batches.append(len(batch))
        answer = self.judge(numbers)
        without = {*answer.refused, *answer.again}
        self.taken += [n for place, n in enumerate(numbers) if place not in without]
        return answer

    async def aclose(self) -> None:
        """Nothing is held."""


def unreachable() -> LaterError:
    """That nobody answered."""
    return LaterError("nobody answered", AttemptFailure(FailureKind.NOT_SENT, "nobody answered"))


@attrs.define
class Clock:
    """Time that passes only by sleeping.

    Attributes:
        now: monotonic seconds.
        naps: how long each sleep was.
    """

    now: float = 1000.0
    naps: list[float] = attrs.field(factory=list)

    def __call__(self) -> float:
        """The present."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.naps.append(seconds)
        self.now += seconds
