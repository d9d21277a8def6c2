"""What was just created is not known everywhere yet.

A service account has been 404 for a moment after its creation, as reported in
jianyuan/terraform-provider-openai#160. The same is taken here for everything that is created.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Iterator
from typing import Any

import attrs
from aiohttp import web

from ..replies import not_found, unauthorized
from .fault import Exchange, Fault
from .payloads import decode, encode
from .raw import content
from .refusals import refusal

_ACCOUNT = re.compile(r"/service_accounts(/[^/]+/api_keys)?$")


@attrs.define
class New:
    """A thing that was created, and how often it was looked at since."""

    kind: str
    created: float
    """Seconds of the emulator's `clock`."""
    looks: int = 0


@attrs.define
class _Memory:
    places: dict[str, New] = attrs.field(factory=dict)
    """By the path of each thing."""
    secrets: dict[str, New] = attrs.field(factory=dict)
    """By the value of each key."""


@attrs.frozen(kw_only=True)
class Propagation(Fault):
    """What was created answers 404, is not listed, and is not accepted as a key, for a while.

    The glob is over the creations as well as over the requests that then look at the things.
    """

    by_id: bool = True
    """Whether requests about it answer 404."""
    in_listings: bool = True
    """Whether listings leave it out."""
    as_key: bool = True
    """Whether calls with a new key answer 401."""

    @abc.abstractmethod
    def hides(self, new: New, now: float) -> bool:
        """Whether a thing is hidden from this look at it; `new.looks` counts those before."""

    async def apply(self, exchange: Exchange) -> web.Response:
        memory: _Memory = exchange.memory.setdefault("new", _Memory())
        now, path = exchange.environment.clock(), exchange.request.path
        secret = exchange.request.headers.get("Authorization", "").partition(" ")[2].strip()
        if self.as_key and self._hidden(memory.secrets.get(secret), now):
            return refusal(unauthorized(secret))
        for place in _above(path) if self.by_id else ():
            new = memory.places.get(place)
            if new is not None and self._hidden(new, now):
                return refusal(not_found(new.kind, place.rpartition("/")[2]))
        answer = await exchange.run()
        if answer.status >= 300:
            return answer
        if exchange.operation.endswith(".create"):
            _remember(memory, path, decode(content(answer)), now)
        elif self.in_listings and any(place.startswith(f"{path}/") for place in memory.places):
            self._leave_out(memory, path, answer, now)
        return answer

    def _hidden(self, new: New | None, now: float) -> bool:
        if new is None:
            return False
        hidden = self.hides(new, now)
        new.looks += 1
        return hidden

    def _leave_out(self, memory: _Memory, path: str, answer: web.Response, now: float) -> None:
        listed = decode(content(answer))
        if not isinstance(listed.get("data"), list):
            return
        kept = [
            item
            for item in listed["data"]
            if not self._hidden(memory.places.get(f"{path}/{_id(item)}"), now)
        ]
        if len(kept) == len(listed["data"]):
            return
        listed["data"] = kept
        # A cursor to the next page stays: the page is shorter, and the listing goes on as it would.
        ends = (("first_id", 0), ("last_id", -1)) if not listed.get("has_more") else ()
        for name, place in ends:
            if name in listed:
                listed[name] = kept[place]["id"] if kept else None
        answer.body = encode(listed)


@attrs.frozen(kw_only=True)
class NotYetVisible(Propagation):
    """What was created is unknown for so many seconds, by the emulator's `clock`.

    It is 404 by its id, is not listed, and a new key is not accepted; see `Propagation`.
    """

    seconds: float = attrs.field(validator=attrs.validators.gt(0))

    def hides(self, new: New, now: float) -> bool:
        return now < new.created + self.seconds


@attrs.frozen(kw_only=True)
class UnseenAtFirst(Propagation):
    """What was created is unknown to the first so many requests that look at it.

    Each request about it, each listing that would have it and each call with a new key is a look.
    """

    looks: int = attrs.field(validator=attrs.validators.ge(1))

    def hides(self, new: New, now: float) -> bool:
        return new.looks < self.looks


def _above(path: str) -> Iterator[str]:
    """The paths that this one is below or at, the longest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _remember(memory: _Memory, path: str, made: dict[str, Any], now: float) -> None:
    """Keep what a creation's answer says was made: a thing, a key, or an account with its key."""
    keys = _ACCOUNT.sub("/api_keys", path)
    key = made if "value" in made else made.get("api_key")
    for collection, record in ((path, made if key is not made else None), (keys, key)):
        id = None if record is None else _id(record)
        if record is not None and id is not None:
            kind = collection.rpartition("/")[2].replace("_", " ").removesuffix("s")
            new = New(kind, now)
            memory.places[f"{collection}/{id}"] = new
            if "value" in record:
                memory.secrets[record["value"]] = new


def _id(record: dict[str, Any]) -> Any:
    """What a thing is found by below its collection; memberships name it otherwise."""
    return next((record[name] for name in ("id", "user_id", "group_id") if name in record), None)
