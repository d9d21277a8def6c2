"""The audit log's times: events that appear late, and events that are dated ahead."""

from __future__ import annotations

import abc
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import Any

import attrs

from .fault import Exchange
from .payloads import JSONFault

_LOG = "audit_logs.list"
_MOST = 2**32


@attrs.frozen(kw_only=True)
class EventTimes(JSONFault):
    """Some events of the audit log have to do with another time than their own.

    Which ones is decided by their ids: the same with each request.
    """

    seconds: float = attrs.field(validator=attrs.validators.gt(0))
    share: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """The share of the events that it is about, 0 to 1."""

    def can_hit(self, operation: str) -> bool:
        return operation == _LOG and fnmatchcase(operation, self.match)

    @abc.abstractmethod
    def changed(self, events: list[Any], exchange: Exchange) -> list[Any]:
        """What a page has in place of these events."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        if isinstance(value.get("data"), list):
            value["data"] = kept = self.changed(value["data"], exchange)
            # The cursor to the next page stays what the log gave, so that nothing is left out.
            ends = (("first_id", 0), ("last_id", -1)) if not value.get("has_more") else ()
            for name, place in ends:
                if name in value:
                    value[name] = kept[place]["id"] if kept else None
        return value

    def concerns_event(self, event: dict[str, Any], exchange: Exchange) -> bool:
        """Whether an event is one of those."""
        text = f"{exchange.environment.seed}/{event['id']}".encode()
        drawn = int.from_bytes(blake2b(text, digest_size=4).digest(), "big")
        return drawn < self.share * _MOST


@attrs.frozen(kw_only=True)
class LateEvents(EventTimes):
    """Events appear in the audit log so many seconds after they happened, between older ones."""

    def changed(self, events: list[Any], exchange: Exchange) -> list[Any]:
        latest = exchange.environment.now() - self.seconds
        return [
            event
            for event in events
            if not self.concerns_event(event, exchange) or event["effective_at"] <= latest
        ]


@attrs.frozen(kw_only=True)
class FutureEvents(EventTimes):
    """Events of the audit log are dated so many seconds ahead, the newest after the present.

    A page has them in the order of these times; filters go by the time at which they happened.
    """

    def changed(self, events: list[Any], exchange: Exchange) -> list[Any]:
        dated = [
            {**event, "effective_at": event["effective_at"] + round(self.seconds)}
            if self.concerns_event(event, exchange)
            else event
            for event in events
        ]
        newest_first = len(events) < 2 or events[0]["effective_at"] >= events[-1]["effective_at"]
        return sorted(dated, key=lambda event: event["effective_at"], reverse=newest_first)
