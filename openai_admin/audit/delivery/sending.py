"""Sending a batch until each event of it is either taken or set apart."""

from __future__ import annotations

import asyncio
import math
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import attrs

from ..._text.durations import duration
from ..._transport.retry import AttemptFailure, FailureKind, delay_before_retry, server_delay
from .dead_letters import DeadLetters
from .receiver import Answer, DeliveryError, LaterError, Receiver, RefusedError, capital
from .records import Record
from .status import Status

_MOST_IN_A_ROW = 25
"""Events refused one after another, none taken between: the receiver refuses all, not some."""

_BUSY = AttemptFailure(kind=FailureKind.STATUS, status=429)


def _say_nothing(_: str) -> None:
    """Tell nobody."""


@attrs.define(kw_only=True)
class Sender:
    """Sends batches, one after another.

    Args:
        receiver: where to.
        status: what is counted.
        dead_letters: where refused events go; without, the first one ends the delivery.
        patience: seconds for which a receiver may be down before that is an error.
        slow: seconds without a confirmation after which it counts as down.
        tell: called with a sentence when the receiver goes away, comes back, or refuses an event.
        sleep, clock, rng: time and chance.
    """

    receiver: Receiver
    status: Status
    dead_letters: DeadLetters | None = None
    patience: float = math.inf
    slow: float = 30.0
    tell: Callable[[str], object] = _say_nothing
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = attrs.field(factory=random.Random)
    _in_a_row: int = attrs.field(init=False, default=0)
    _failures: int = attrs.field(init=False, default=0)
    _down_since: float = attrs.field(init=False, default=0.0)

    async def send(self, batch: Sequence[Record]) -> None:
        """Send a batch; what the receiver refuses of it is a dead letter afterwards.

        Raises:
            DeliveryError: the receiver takes nothing, or has been down for longer than `patience`,
                or there is no place for dead letters.
        """
        refused: list[tuple[Record, str]] = []
        parts: list[Sequence[Record]] = []
        for record in batch:
            if record.why_not is not None:
                self._refuse(record, record.why_not, refused)
        await self._keep(refused)
        if whole := [record for record in batch if record.why_not is None]:
            parts.append(whole)
        try:
            while parts:
                await self._send_part(parts, refused)
        except DeliveryError:
            await self._keep(refused)
            raise
        await self._keep(refused)
        self.status.see(batch)

    async def _send_part(
        self, parts: list[Sequence[Record]], refused: list[tuple[Record, str]]
    ) -> None:
        """Send the last part; what is not done afterwards is among the parts again."""
        part = parts.pop()
        slow = asyncio.get_running_loop().call_later(self.slow, self._is_slow)
        try:
            try:
                answer = await self.receiver.send(part)
            finally:
                slow.cancel()
        except LaterError as error:
            parts.append(part)
            await self._keep(refused)
            await self._wait(error.why, error.failure)
        except RefusedError as error:
            self._reached()
            if len(part) == 1:
                self._refuse(part[0], error.why, refused)
            else:
                parts += reversed(_split(part, error.place))
        else:
            await self._take(part, answer, refused, parts)

    def _is_slow(self) -> None:
        if self.status.receiver != "down":
            self.tell(
                f"{capital(self.receiver.name)} has not confirmed a batch for"
                f" {duration(self.slow)}. Waiting."
            )
        self.status.receiver = "down"

    async def _take(
        self,
        part: Sequence[Record],
        answer: Answer,
        refused: list[tuple[Record, str]],
        parts: list[Sequence[Record]],
    ) -> None:
        if taken := len(part) - len(answer.refused) - len(answer.again):
            self._in_a_row = 0
            self.status.delivered += taken
        for place, why in answer.refused.items():
            self._refuse(part[place], why, refused)
        if not answer.again:
            self._reached()
            return
        parts.append([part[place] for place in answer.again])
        await self._keep(refused)
        if len(answer.again) == len(part):
            await self._wait("it has no room for them now", _BUSY)
        else:  # some were done: it is slow, and not down
            self._reached()
            await self.sleep(_delay(_BUSY, 1, self.rng) or 0)

    def _refuse(self, record: Record, why: str, refused: list[tuple[Record, str]]) -> None:
        if self.dead_letters is None:
            raise DeliveryError(
                f"The event {record.key} was refused by {self.receiver.name} ({why.rstrip('.')}),"
                " and there is no file for such events: name one with --dead-letters."
            )
        if record.why_not is None:  # else it was never shown to the receiver
            self._in_a_row += 1
        if self._in_a_row >= _MOST_IN_A_ROW:
            # Then those before it in a row were refused for no fault of their own.
            del refused[max(0, len(refused) - self._in_a_row) :]
            raise DeliveryError(
                f"{capital(self.receiver.name)} refuses every event ({why.rstrip('.')}): it"
                " must be another kind of receiver than was said, or wants another format."
            )
        refused.append((record, why))

    async def _keep(self, refused: list[tuple[Record, str]]) -> None:
        """Have the refused ones in the file, and only then say that they are."""
        if self.dead_letters is None or not refused:
            return
        await self.dead_letters.add(refused)
        self.status.dead_letters += len(refused)
        for record, why in refused:
            self.tell(
                f"The event {record.key} was refused and is in {self.dead_letters.path} with the"
                f" reason: {why.rstrip('.')}."
            )
        refused.clear()

    async def _wait(self, why: str, failure: AttemptFailure) -> None:
        if not self._failures:
            self._down_since = self.clock()
        self._failures += 1
        down = self.clock() - self._down_since
        delay = _delay(failure, self._failures, self.rng)
        lasted = f" for {duration(down)}" if self._failures > 1 else ""
        said = f"{capital(self.receiver.name)} takes no events{lasted}: {why.rstrip('.')}"
        left = self.patience - down
        if delay is None or left <= 0:
            raise DeliveryError(f"{said}.")
        asked = server_delay(failure.headers)
        if asked is not None and asked > left:
            raise DeliveryError(
                f"{said}. It asks to wait {duration(asked)}, which is longer than it may be down"
                f" ({duration(self.patience)})."
            )
        if self._failures == 1:
            self.tell(f"{said}. Trying again until it does.")
        self.status.receiver = "down"
        await self.sleep(min(delay, left))

    def _reached(self) -> None:
        if self._failures:
            lasted = duration(self.clock() - self._down_since)
            self.tell(f"{capital(self.receiver.name)} takes events again, after {lasted}.")
        self._failures = 0
        self.status.receiver = "up"


def _delay(failure: AttemptFailure, attempt: int, rng: random.Random) -> float | None:
    """Seconds until an attempt is made again; ``None`` where that never helps."""
    return delay_before_retry(
        failure,
        attempt=attempt,
        retries=sys.maxsize,
        repeatable=True,  # an event is known by its id
        time_left=math.inf,
        rng=rng,
    )


def _split(part: Sequence[Record], place: int | None) -> list[Sequence[Record]]:
    """The parts of a refused batch in which the cause is looked for; an event that the receiver
    names is tried by itself.
    """
    if place is None or not 0 <= place < len(part):
        half = len(part) // 2
        return [part[:half], part[half:]]
    return [some for some in (part[:place], part[place : place + 1], part[place + 1 :]) if some]
