"""Splunk's HTTP Event Collector: its envelope, its codes, and its acknowledgements."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence

import attrs
from yarl import URL

from ..._transport.retry import AttemptFailure, FailureKind
from .forms import answered, as_json, later
from .posting import Poster, Reply
from .receiver import TAKEN, Answer, DeliveryError, LaterError, RefusedError
from .records import Record

_PATH = "/services/collector/event"
_EVENTS = re.compile(r"(/event)?(/1\.0)?/?$")
"""What the collector's path of acknowledgements does not have; ``/1.0`` is the same, older."""

_ABOUT_EVENTS = frozenset({5, 6, 12, 13, 15})
"""The codes of a status 400 that are about what was sent: no data, invalid format, an event that
is missing or blank, indexed fields. All others are about the receiver's or the token's settings.
(Splunk's manual, “HEC error codes”.)
"""
_FIRST_LOOK = 0.1
_LONGEST_LOOK = 10.0  # seconds; Splunk advises to ask every ten
_PATIENCE = 300.0  # seconds until what is not acknowledged is sent again


@attrs.frozen(kw_only=True)
class HEC:
    """Splunk's HTTP Event Collector.

    Args:
        source: the events' source.
        sourcetype: their type of source.
        index: the index; by default the token's.
    """

    source: str = "openai"
    sourcetype: str = "openai:audit"
    index: str | None = None
    type = "application/json"
    token_header = "Authorization: Splunk"  # noqa: S105

    def address(self, given: URL) -> URL:
        """The collector's address, where only the server's was given."""
        return given.with_path(_PATH) if given.path in ("", "/") else given

    def body(self, batch: Sequence[Record]) -> bytes:
        """An object for each event, one after another, as Splunk takes them."""
        rest: dict[str, str] = {"source": self.source, "sourcetype": self.sourcetype}
        if self.index is not None:
            rest["index"] = self.index
        shared = json.dumps(rest)[1:-1].encode()
        parts = []
        for record in batch:
            time = b"" if record.at is None else b'"time":%.3f,' % record.at.timestamp()
            key = json.dumps(record.key).encode()
            parts.append(
                b'{%b%b, "fields":{"event_id":%b}, "event":%b}\n' % (time, shared, key, record.body)
            )
        return b"".join(parts)

    def taken(self, reply: Reply, batch: Sequence[Record]) -> Answer:
        """All of it."""
        said = as_json(reply.body)
        if said is None or "code" not in said:
            raise DeliveryError("What answers at this address is no HTTP Event Collector.")
        if said["code"] != 0:
            raise later(f"it said {reply.text}", reply)
        return TAKEN

    def refused(self, reply: Reply) -> RefusedError | DeliveryError:
        """That something in the batch is refused, or that the settings are wrong."""
        said = as_json(reply.body) or {}
        code, place = said.get("code"), said.get("invalid-event-number")
        why = answered(reply, said.get("text"))
        if isinstance(code, int) and code not in _ABOUT_EVENTS and reply.status == 400:
            return DeliveryError(f"The HTTP Event Collector takes no events, for {why}.")
        return RefusedError(why, place if isinstance(place, int) else None)


@attrs.define(kw_only=True)
class Acknowledgements:
    """Waits until Splunk has indexed what it took (indexer acknowledgement).

    Attributes:
        channel: the channel that acknowledgements are for.
        sleep, clock: time.
    """

    channel: str = attrs.field(factory=lambda: str(uuid.uuid4()))
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    async def until_indexed(self, poster: Poster, address: URL, reply: Reply) -> None:
        """Wait until the batch that a reply is about is indexed.

        Raises:
            LaterError: it was not acknowledged in time; Splunk may have been restarted, which
                forgets what is to be acknowledged.
            DeliveryError: the token has no acknowledgements, or nothing there knows of them.
        """
        number = (as_json(reply.body) or {}).get("ackId")
        if not isinstance(number, int):
            raise DeliveryError(
                "The token has no indexer acknowledgement: switch it on in Splunk, or leave out"
                " --hec-ack."
            )
        asked = address.with_path(_EVENTS.sub("", address.path) + "/ack").with_query(
            {**address.query, "channel": self.channel}
        )
        end, pause = self.clock() + _PATIENCE, _FIRST_LOOK
        while self.clock() < end:
            await self.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK)
            body = json.dumps({"acks": [number]}).encode()
            answer = await poster.post(asked, body, "application/json")
            if answer.status == 200 and _is_indexed(answer, number):
                return
            if answer.status in (400, 401, 403, 404):
                raise DeliveryError(f"Splunk does not say what it has indexed: {answered(answer)}.")
            if answer.status >= 500:
                raise later(answered(answer), answer)
        raise LaterError(
            f"it has not acknowledged a batch in {_PATIENCE:.0f} seconds",
            AttemptFailure(kind=FailureKind.TIMED_OUT),
        )


def _is_indexed(answer: Reply, number: int) -> bool:
    acks = (as_json(answer.body) or {}).get("acks")
    if not isinstance(acks, dict):
        raise DeliveryError("What answers where Splunk says what it has indexed is no Splunk.")
    return acks.get(str(number)) is True
