"""What every fault has: the operations it is for, its schedule, and what it may act on."""

from __future__ import annotations

import abc
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from fnmatch import fnmatchcase
from typing import Any

import attrs
from aiohttp import web

from ..store import Store

Run = Callable[[str], Awaitable[web.Response]]
"""Carries a request out, once, with this query string, and returns the answer that is due."""
Sleep = Callable[[float], Awaitable[None]]
TEXT = "text"
"""A field's metadata under this name are its values in text (`text.parse_fault`), by their names
there. With no values, text cannot set it."""
WORDS = "words"
"""The field with this metadata has the options that are words without a value; it is the function
that gives those there are, for a glob."""
_not_negative = attrs.validators.ge(0)
_positive = attrs.validators.ge(1)


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def one_of(choices: Collection[str]) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """A validator for a field that is one of these."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in choices:
            raise ValueError(f"'{attribute.name}' must be one of {', '.join(choices)}: {value}")

    return check


@attrs.frozen(kw_only=True)
class Environment:
    """What faults may use of their emulator."""

    seed: int
    sleep: Sleep
    clock: Callable[[], float]
    """Seconds that only increase, for the windows of rate limits."""
    now: Callable[[], int]
    """Unix seconds, for dates."""
    store: Store
    """What the emulator holds, to be read."""
    refuse: Callable[[float, web.BaseRequest | None], Awaitable[None]]
    """Stops accepting connections for so many seconds; only this request's stays open."""


@attrs.frozen(kw_only=True)
class Exchange:
    """One request under a fault."""

    request: web.BaseRequest
    operation: str
    """The name of the operation asked for, empty if the request has no route."""
    query: str
    """The query string, as it was sent or as a fault further out has changed it."""
    within: Run
    """Whatever is further in: other faults, and the handler."""
    random: random.Random
    """Of this request alone: the same for the same seed, fault and place in the sequence."""
    memory: dict[str, Any]
    """What the fault keeps between requests for as long as it is in force."""
    environment: Environment

    async def run(self, query: str | None = None) -> web.Response:
        """Carry the request out, once, and return the answer that is due.

        With another query string, as it would be sent, in place of the request's own.
        """
        return await self.within(self.query if query is None else query)


@attrs.frozen(kw_only=True)
class Fault(abc.ABC):
    """What goes wrong, on which operations, and how often.

    The requests that a fault is for are numbered from 1, without the first `skip`. It hits those
    that `every` and `only` let through, its `rate` of them, until it has hit `times` requests.
    """

    match: str = attrs.field(default="*", metadata={TEXT: {}})
    """A glob over operation names, as `projects.users.*`."""
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(_positive))
    """How many requests it hits before it is spent; None for all."""
    rate: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0.0), attrs.validators.le(1.0)]
    )
    """The share of the requests that it hits, 0 to 1."""
    skip: int = attrs.field(default=0, validator=_not_negative)
    """How many requests it lets pass before it begins."""
    every: int = attrs.field(default=1, validator=_positive)
    """3 hits every third request."""
    only: tuple[int, ...] = attrs.field(
        default=(), converter=_numbers, validator=attrs.validators.deep_iterable(_positive)
    )
    """The numbers of the requests it hits, as (2, 5); empty for all."""

    def can_hit(self, operation: str) -> bool:
        """Whether it is for this operation at all."""
        return fnmatchcase(operation, self.match)

    def due(self, number: int) -> bool:
        """Whether the schedule lets it hit the request with this number, 1 for the first."""
        number -= self.skip
        if number < 1 or number % self.every:
            return False
        return not self.only or number in self.only

    def concerns(self, request: web.BaseRequest) -> bool:
        """Whether it is for such a request at all; one it is not for is not counted."""
        return True

    @abc.abstractmethod
    async def apply(self, exchange: Exchange) -> web.Response:
        """Do it to this exchange, and return the answer to send."""
