"""An event on its way to a receiver, and what may be under way at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs

from ...errors import InvalidInputError
from ...resources.audit_logs.items import Item, key_of
from ..event import AuditEvent
from ..formats import Encoder
from .position import Moves


@attrs.frozen(kw_only=True)
class Record:
    """An event on its way.

    Attributes:
        key: what it is recognized by: its id, or a digest of all of it where it has none.
        at: when it happened.
        body: the event as the receiver gets it, on one line, without the line's end.
        raw: the event as it came.
        moves: what its delivery lets the position take as delivered.
        why_not: what keeps it from being put into the receiver's language.
    """

    key: str
    at: datetime | None
    body: bytes
    raw: Any = attrs.field(repr=False)
    moves: Moves = ()
    why_not: str | None = None


def record_of(item: Item, encode: Encoder, moves: Moves = ()) -> Record:
    """An item of the log as a record; one that cannot be encoded costs only itself."""
    event = AuditEvent.of(item)
    why_not = None
    try:
        body = encode(event)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        body, why_not = b"", f"It cannot be encoded: {error or type(error).__name__}"
    return Record(
        key=key_of(item), at=event.at, body=body, raw=event.raw, moves=moves, why_not=why_not
    )


@attrs.frozen(kw_only=True)
class Limits:
    """How much is sent and held at a time.

    Args:
        events: the most events in a batch.
        bytes: the most bytes in a batch, before compression; an event of more is one by itself.
        seconds: how long the first event of a batch waits for others.
        batches: how many batches memory holds while the receiver is slow. When they are full,
            the log is read no further.
    """

    events: int = 500
    bytes: int = 1_000_000
    seconds: float = 2.0
    batches: int = 4

    def __attrs_post_init__(self) -> None:
        for name in ("events", "bytes", "batches"):
            if getattr(self, name) < 1:
                raise InvalidInputError(f"{name} must be 1 or more, not {getattr(self, name)}.")
        if not 0 <= self.seconds < float("inf"):
            raise InvalidInputError(f"seconds must be 0 or more, and finite, not {self.seconds}.")


def size_of(records: Sequence[Record]) -> int:
    """The bytes of some records, each with its line's end."""
    return sum(len(record.body) + 1 for record in records)
